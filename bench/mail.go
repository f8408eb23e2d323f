package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"watchword/internal/mail/mailtest"
)

// The scenarios that need a mail server. They play on servers of their own: the
// others shall not be measured beside mails that are being sent.
const (
	onlyLink    = "link-sign-in"
	onlySend    = "send-magic-link"
	onlyAnswers = "mail-answers"
)

func mailNames() []string { return []string{onlyLink, onlySend, onlyAnswers} }

// linkStock is how many links lie ready to be opened.
const linkStock = 2000

// moods are the mail servers that a server may have to do with, by what is said
// of them in the table.
func moods() []mood {
	return []mood{{"up", mailtest.Accepts}, {"hanging", mailtest.Hangs}, {"refusing", mailtest.Refuses}}
}

type mood struct {
	name string
	mailtest.Mood
}

// mails measures what goes through a mailbox.
func (g *group) mails(ctx context.Context) error {
	for _, m := range moods() {
		wanted := g.plan.wants(onlyAnswers) || m.Mood == mailtest.Accepts && (g.plan.wants(onlyLink) || g.plan.wants(onlySend))
		if !wanted {
			continue
		}
		if err := g.withMail(ctx, m); err != nil {
			return fmt.Errorf("mail server %s: %w", m.name, err)
		}
	}
	return nil
}

func (g *group) withMail(ctx context.Context, m mood) (err error) {
	box, err := mailtest.Serve(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	if g.server, err = g.mailing(ctx, box); err != nil {
		return err
	}
	defer func() {
		box.Become(mailtest.Refuses) // a server waits for the mails that it is sending
		err = errors.Join(err, g.server.stop())
	}()
	g.stage.address = g.server.address
	if m.Mood == mailtest.Accepts && g.plan.wants(onlyLink) {
		if err := g.openLinks(ctx, box); err != nil {
			return err
		}
	}
	box.Become(m.Mood)
	if g.plan.wants(onlyAnswers) {
		if err := g.answers(ctx, m); err != nil {
			return err
		}
	}
	if m.Mood == mailtest.Accepts && g.plan.wants(onlySend) {
		return g.play(ctx, scenario{name: onlySend, journey: sendMagicLink})
	}
	return nil
}

// mailing is a new installation with the group's users whose server sends to the
// box.
func (g *group) mailing(ctx context.Context, box *mailtest.Server) (*process, error) {
	made, err := newServer(ctx, g.binary, g.dir, g.engine)
	if err != nil {
		return nil, err
	}
	running, err := made.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := running.stop(); err != nil {
		return nil, err
	}
	if err := g.seed(ctx, made); err != nil {
		return nil, err
	}
	return made.start(ctx, "--smtp", box.URL())
}

// openLinks has links mailed and measures how fast they let people in.
func (g *group) openLinks(ctx context.Context, box *mailtest.Server) error {
	for _, connections := range g.plan.Connections {
		box.Forget()
		l := load{address: g.server.address, connections: min(connections, signInConns), window: signInTime, limit: linkStock}
		t, err := l.run(ctx, func(part int) journey { return sendMagicLink(g.stage, part, 1) })
		if err != nil {
			return err
		}
		if t.failed() > 0 {
			return fmt.Errorf("have links mailed: %v", t.faults)
		}
		sent := int(t.latencies.total)
		if err := box.WaitFor(ctx, func() bool { return box.Count() >= sent }); err != nil {
			return err
		}
		g.stage.links, g.stage.opened = box.Kept(), atomic.Int64{}
		workers, err := g.engine.processes()
		if err != nil {
			return err
		}
		l = g.load(g.server.address, connections)
		// Not all of them: some are opened before the time is taken.
		l.warmUp, l.limit, l.watched = 0, int64(len(g.stage.links)*9/10), append(workers, g.server.pid)
		if t, err = l.run(ctx, func(part int) journey { return openLink(g.stage, part, connections) }); err != nil {
			return err
		}
		r := loadRow(onlyLink, connections, t)
		r.OfHello = ratio(r.Result, g.hellos[connections])
		g.addRow(r)
	}
	return nil
}

// askEvery is slow enough that the mail of one answer is done with before the next
// is asked for: what is measured is the answer, not who gets a processor.
const askEvery = 25 * time.Millisecond

// answers measures how soon whoever asks for a mail has an answer.
func (g *group) answers(ctx context.Context, m mood) error {
	for _, kind := range []struct {
		name    string
		journey journey
	}{{"magic link", sendMagicLink(g.stage, 0, 1)}, {"reset", sendReset(g.stage, 0, 1)}} {
		t, err := g.pace(ctx, kind.journey)
		if err != nil {
			return err
		}
		r := loadRow(fmt.Sprintf("%s, %s, server %s", onlyAnswers, kind.name, m.name), 1, t)
		r.Result, r.Unit = *r.P50, milliseconds
		g.addRow(r)
	}
	return nil
}

// pace plays a journey again and again at its leisure.
func (g *group) pace(ctx context.Context, step journey) (*tally, error) {
	window := time.Duration(g.plan.Seconds * float64(time.Second))
	c, err := dial(g.server.address, time.Now().Add(window+drain))
	if err != nil {
		return nil, err
	}
	defer c.close()
	t := newTally()
	for range max(int(window/askEvery), 1) {
		pause(ctx, askEvery, nil)
		began := time.Now()
		if err := step(c); err != nil {
			t.faults[err.Error()]++
			continue
		}
		t.latencies.record(time.Since(began))
	}
	if t.latencies.total == 0 {
		return nil, fmt.Errorf("no answer was right: %v", t.faults)
	}
	return t, ctx.Err()
}

func sendMagicLink(s *stage, part, _ int) journey { return send(s, part, "/auth/send-magic-link") }

func sendReset(s *stage, part, _ int) journey { return send(s, part, "/auth/send-password-reset") }

// send has mails sent to random users.
func send(s *stage, part int, path string) journey {
	random := dice(part)
	return func(c *conn) error {
		a, err := c.exchange(post(path, fmt.Appendf(nil, `{"email":%q}`, userEmail(random.IntN(s.users)))))
		if err != nil {
			return err
		}
		return a.expect(202)
	}
}

var errNoLinks = errors.New("no link is left")

// openLink signs in with one mailed link after the other, each once.
func openLink(s *stage, _, _ int) journey {
	return func(c *conn) error {
		n := int(s.opened.Add(1)) - 1
		if n >= len(s.links) {
			return errNoLinks
		}
		a, err := c.exchange(post("/auth/sign-in/token", fmt.Appendf(nil, `{"token":%q}`, s.links[n].Token())))
		if err != nil {
			return err
		}
		if err := a.expect(200); err != nil {
			return err
		}
		if a.text("access_token") == "" {
			return errNoTokens
		}
		return nil
	}
}

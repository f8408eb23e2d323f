package signin_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
)

// opening is somebody who opens a link in a browser in which nobody is signed in.
func (w *world) opening() signin.Arrival {
	return signin.Arrival{Back: signin.BackHere, Mode: watchword.SessionBoth, Origin: w.somewhere()}
}

// holding is who is signed in by a session.
func holding(g session.Grant) account.Holder {
	return account.Holder{UserID: g.User.ID, SessionID: g.Session.ID}
}

func (w *world) wishLink(email string) signin.MagicLinkRequest {
	return signin.MagicLinkRequest{Email: email, Newcomers: signin.NewcomersCreated, Client: web(), Origin: w.somewhere()}
}

// sendLink has a link and a code mailed, a minute after the last.
func (w *world) sendLink(in signin.MagicLinkRequest) (signin.LinkSent, mail.Message) {
	w.Helper()
	w.clock.Advance(time.Minute)
	sent, err := w.SendMagicLink(w.Context(), in)
	w.ok(err)
	return sent, w.letter(mail.MagicLink, in.Email)
}

// letter is the newest message of a template that waits for an address, by the
// token that it carries.
func (w *world) letter(template mail.Template, to string) (found mail.Message) {
	w.Helper()
	var newest time.Time
	for _, m := range w.mails() {
		if m.Template != template {
			continue
		}
		if t := w.token(m.Token); t.Address == to && !t.CreatedAt.Before(newest) {
			found, newest = m, t.CreatedAt
		}
	}
	if found.Token == "" {
		w.Fatalf("no %s waits for %s", template, to)
	}
	return found
}

// token is the row of a token.
func (w *world) token(text string) store.OneTimeToken {
	w.Helper()
	t, err := w.Store.Read().OneTimeToken(w.Context(), secret.Digest(secret.NewString(text)))
	w.ok(err)
	return t
}

func (w *world) open(m mail.Message) (signin.Result, error) {
	return w.MagicLink(context.Background(), secret.NewString(m.Token), w.opening())
}

func (w *world) try(sent signin.LinkSent, code string) (signin.Result, error) {
	return w.MagicCode(context.Background(), sent.LoginID, secret.NewString(code), w.opening())
}

// wrong is a code that is not the right one.
func wrong(right string) string {
	if right == "123456" {
		return "654321"
	}
	return "123456"
}

// verifiedUser makes a user who has proven their address, with a session.
func (w *world) verifiedUser(email string) signin.Result {
	w.Helper()
	r := w.signUp(email)
	_, err := w.Verify.Confirm(w.Context(), secret.NewString(w.letter(mail.VerifyEmail, email).Token), w.somewhere())
	w.ok(err)
	return r
}

func (w *world) resets() account.Resets {
	return account.Resets{
		Store: w.Store, Jobs: w.Jobs, Mails: w.Mails, Limiter: w.Limiter, Hasher: w.Hasher, Policy: w.Policy, Life: 30 * time.Minute, Random: rand.Reader,
	}
}

func (w *world) sendReset(email string) mail.Message {
	w.Helper()
	w.clock.Advance(time.Minute)
	w.ok(w.resets().SendReset(w.Context(), account.ResetRequest{Email: email, Client: web(), Origin: w.somewhere()}))
	return w.letter(mail.ResetPassword, email)
}

func (w *world) disable(user watchword.UserID) {
	w.Helper()
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		if err := c.SetStatus(w.Context(), user, watchword.UserDisabled); err != nil {
			return err
		}
		_, err := c.RevokeSessions(w.Context(), user, "")
		return err
	}))
}

// live are the sessions of a user that go on.
func (w *world) live(user watchword.UserID) (ids []watchword.SessionID) {
	w.Helper()
	list, _, err := w.Store.Read().Sessions(w.Context(), user, watchword.Page{Limit: 99})
	w.ok(err)
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

// email is the only address of a user.
func (w *world) email(user watchword.UserID) watchword.Email {
	w.Helper()
	list, err := w.Store.Read().Emails(w.Context(), user)
	w.ok(err)
	if len(list) != 1 {
		w.Fatalf("%d addresses: %+v", len(list), list)
	}
	return list[0]
}

// invited is an invite and a token of it.
type invited struct {
	id      watchword.InviteID
	account watchword.Account
	token   secret.String
}

// team is an account with an owner who has proven their address.
func (w *world) team() watchword.Account {
	w.Helper()
	return w.verifiedUser("boss@example.com").Grant.Account
}

// invite asks an address into an account. A mailed one has its mail queued.
func (w *world) invite(into watchword.Account, email string, reach store.Reach) invited {
	w.Helper()
	i := invited{account: into}
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
		deliver := map[store.Reach]watchword.Delivery{store.ReachMailed: watchword.DeliverMail, store.ReachHandedOver: watchword.DeliverLink}
		i.id, err = c.InsertInvite(w.Context(), watchword.Invite{
			Account: into, Address: email, Role: watchword.RoleAdmin, Delivery: deliver[reach], ClientID: "web", ExpiresAt: c.Now().Add(7 * 24 * time.Hour),
		})
		return err
	}))
	i.token = w.again(i, email, reach)
	return i
}

// again makes one more token of an invite.
func (w *world) again(i invited, email string, reach store.Reach) secret.String {
	w.Helper()
	token := account.NewToken(rand.Reader)
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		expires := c.Now().Add(7 * 24 * time.Hour)
		err := c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
			Digest: secret.Digest(token), Purpose: store.TokenInvite, InviteID: i.id, Address: email, Reach: reach, ClientID: "web", ExpiresAt: expires,
		})
		if err != nil || reach == store.ReachHandedOver {
			return err
		}
		return w.Jobs.EnqueueMail(w.Context(), c, mail.Message{Template: mail.Invite, ClientID: "web", Token: token.Reveal()}, expires)
	}))
	return token
}

func (w *world) accept(i invited, holder account.Holder) (signin.Result, error) {
	in := w.opening()
	in.Holder = holder
	return w.AcceptInvite(context.Background(), i.token, in)
}

var nobody account.Holder

// atOnce does an act many times at once, on two nodes, and answers how often it
// succeeded. All others must fail as wanted.
func (w *world) atOnce(times int, want error, act func(node *world, n int) error) (won int) {
	w.Helper()
	nodes := []*world{w, newNode(w.TB, w.engine, w.location, w.clock)}
	nodes[1].Providers = w.Providers
	outcomes := make([]error, times)
	var wait sync.WaitGroup
	for n := range times {
		wait.Go(func() { outcomes[n] = act(nodes[n%2], n) })
	}
	wait.Wait()
	for _, err := range outcomes {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, want):
			w.Errorf("one got %v, want %v", err, want)
		}
	}
	return won
}

func isUsed(err error) bool { return errors.Is(err, account.ErrTokenUsed) }

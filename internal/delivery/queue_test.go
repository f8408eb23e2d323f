package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func TestAMailLosesItsTokenAtDelivery(t *testing.T) {
	onEach(t, func(w *world) {
		w.enqueue(mail.Message{Template: mail.MagicLink, Token: w.token(store.OneTimeToken{Purpose: store.TokenMagicLink, Address: "new@example.com", Newcomers: store.NewcomersCreated})})
		w.enqueue(mail.Message{Template: mail.MagicLink, Token: w.token(store.OneTimeToken{Purpose: store.TokenMagicLink, Address: "nobody@example.com", Newcomers: store.NewcomersRefused})})
		if w.sealed() != 2 {
			w.Fatal("the mails do not wait")
		}
		w.run(nil)
		w.eventually("both are done", func() bool { return w.count(store.JobDone) == 2 })
		if w.sealed() != 0 || len(w.postman.all()) != 1 {
			w.Errorf("%d payloads, %d letters", w.sealed(), len(w.postman.all()))
		}
	})
}

// A node that dies between the letter and the mark has the letter sent once more,
// under the same id.
func TestAMailIsSentAtLeastOnce(t *testing.T) {
	onEach(t, func(w *world) {
		user, _ := w.ada()
		w.enqueue(mail.Message{Template: mail.PasswordChange, UserID: user})
		w.ok(w.Deliver(w.Context(), w.claim())) // and here it dies
		w.clock.Advance(2 * time.Minute)
		w.run(nil)
		w.eventually("it is done", func() bool { return w.count(store.JobDone) == 1 })
		sent := w.postman.all()
		if len(sent) != 2 || sent[0].id != sent[1].id || sent[0].To != sent[1].To {
			w.Errorf("sent %+v", sent)
		}
	})
}

func TestAPoisonousMailBlocksNobody(t *testing.T) {
	onEach(t, func(w *world) {
		const people = 12
		for n := range people {
			user, _ := w.user(store.NewUser{}, watchword.Email{Address: fmt.Sprintf("u%d@example.com", n), VerifiedAt: w.clock.Now()})
			w.enqueue(mail.Message{Template: mail.PasswordChange, UserID: user})
		}
		w.postman.do = func(_ context.Context, l mail.Rendered) error {
			switch {
			case l.To == "u0@example.com":
				panic("a letter that nobody can carry")
			case l.To == "u1@example.com":
				return mail.ErrRefused
			default:
				return nil
			}
		}
		w.run(nil)
		w.eventually("all but two are sent", func() bool { return w.count(store.JobDone) == people-2 && w.count(store.JobFailed) == 2 })
		if len(w.postman.all()) != people-2 {
			w.Errorf("%d letters", len(w.postman.all()))
		}
	})
}

// A mail that fails for the time being is tried again, and no longer than its
// token lives.
func TestAMailThatFailsComesBack(t *testing.T) {
	onEach(t, func(w *world) {
		token := func(address string) string {
			return w.token(store.OneTimeToken{Purpose: store.TokenMagicLink, Address: address, Newcomers: store.NewcomersCreated, ExpiresAt: w.clock.Now().Add(10 * time.Minute)})
		}
		var down atomic.Bool
		var tries atomic.Int64
		down.Store(true)
		w.postman.do = func(context.Context, mail.Rendered) error {
			tries.Add(1)
			if down.Load() {
				return errOnPurpose
			}
			return nil
		}
		w.enqueue(mail.Message{Template: mail.MagicLink, Token: token("new@example.com")})
		r := w.run(nil)
		w.eventually("it was tried", func() bool { return tries.Load() == 1 })
		w.eventually("and given back", func() bool {
			list, _, err := w.Store.Read().Jobs(w.Context(), string(job.KindMail), store.JobWaiting, watchword.Page{Limit: 9})
			w.ok(err)
			return len(list) == 1 && strings.Contains(list[0].LastError, errOnPurpose.Error())
		})
		down.Store(false)
		w.clock.Advance(time.Minute)
		r.Wake()
		w.eventually("it is sent", func() bool { return len(w.postman.all()) == 1 })
		down.Store(true)
		w.enqueue(mail.Message{Template: mail.MagicLink, Token: token("late@example.com")})
		r.Wake()
		w.eventually("it was tried", func() bool { return tries.Load() == 3 })
		down.Store(false)
		w.clock.Advance(10 * time.Minute)
		r.Wake()
		w.eventually("nobody wants it any more", func() bool { return w.count(store.JobDone) == 2 })
		if sent := w.postman.all(); len(sent) != 1 || w.sealed() != 0 {
			w.Errorf("sent %+v", sent)
		}
	})
}

// A mail server that hangs holds the slot of its own letter: other letters and
// other kinds of work go on.
func TestAHangingLetterHoldsOneSlot(t *testing.T) {
	onEach(t, func(w *world) {
		release, hanging := make(chan struct{}), make(chan struct{})
		w.postman.do = func(_ context.Context, l mail.Rendered) error {
			if l.To == "u0@example.com" {
				close(hanging)
				<-release
			}
			return nil
		}
		const people = 30
		for n := range people {
			user, _ := w.user(store.NewUser{}, watchword.Email{Address: fmt.Sprintf("u%d@example.com", n), VerifiedAt: w.clock.Now()})
			w.enqueue(mail.Message{Template: mail.PasswordChange, UserID: user})
		}
		other := make(chan struct{})
		r := w.run(map[job.Kind]job.Handler{job.KindSignUp: func(context.Context, store.Job) error { close(other); return nil }})
		<-hanging
		w.do(func(c *store.Conn) error {
			return w.queue.Enqueue(w.Context(), c, job.KindSignUp, "x", c.Now().Add(time.Hour))
		})
		r.Wake()
		<-other
		w.eventually("all others are sent", func() bool { return len(w.postman.all()) == people-1 })
		close(release)
		w.eventually("and at last this one", func() bool { return w.count(store.JobDone) == people })
	})
}

func TestAMailDiesWithItsToken(t *testing.T) {
	onEach(t, func(w *world) {
		user, _ := w.ada()
		token := w.token(store.OneTimeToken{Purpose: store.TokenMagicLink, UserID: user, Address: "ada@example.com"})
		w.enqueue(mail.Message{Template: mail.MagicLink, Token: token})
		w.do(func(c *store.Conn) error {
			if _, err := c.UseOneTimeToken(w.Context(), secret.Digest(secret.NewString(token)), store.TokenMagicLink); err != nil {
				return err
			}
			return c.EraseDeadMails(w.Context(), "ada@example.com")
		})
		if w.sealed() != 0 || w.count(store.JobWaiting) != 0 {
			w.Error("it waits still")
		}
		w.enqueue(mail.Message{Template: mail.PasswordChange, UserID: user})
		w.clock.Advance(time.Hour + time.Second)
		w.ok(w.Store.EraseExpired(w.Context()))
		if w.sealed() != 0 || w.count(store.JobFailed) != 1 {
			w.Error("it has outlived its time")
		}
	})
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/mail/mailtest"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// sends are the calls that have something mailed, as those of one user.
func (w *town) sends(n int) map[string]answer {
	w.t.Helper()
	email := fmt.Sprintf("user-%d@example.com", n)
	up := w.app().post("/auth/sign-up", signUpBody(email, `"name":"X"`))
	bearer := []string{"Authorization", "Bearer " + up.str("access_token")}
	return map[string]answer{
		"sign-up": up, "magic link": w.app().post("/auth/send-magic-link", withFields(email, "")),
		"reset":        w.app().post("/auth/send-password-reset", withFields(email, "")),
		"verification": w.app().post("/auth/send-email-verification", "", bearer...),
	}
}

func wantSent(t *testing.T, answers map[string]answer) {
	t.Helper()
	for name, got := range answers {
		if got.status != 202 && (name != "sign-up" || got.status != 201) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// However the mail server behaves, whoever asks for a mail has their answer before
// it has said a word: here it says none until all answers are there.
func TestAnswersDoNotWaitForAMailServerThatHangs(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		defer w.post.Become(mailtest.Accepts)
		w.post.Become(mailtest.Hangs)
		for n := range 4 { // more mails than are sent at once
			wantSent(t, w.sends(n))
		}
		w.post.until(func() bool { return w.post.Hanging() > 0 })
		if got := w.post.Kept(); len(got) > 0 {
			t.Fatalf("%d mails were delivered by a server that hangs", len(got))
		}
		// Whatever else there is to do goes on meanwhile.
		w.app().post("/auth/sign-in", `{"email":"user-0@example.com","password":"`+testPassword+`"}`).want(t, 200, "")
		w.post.Become(mailtest.Accepts)
		for n := range 4 {
			for range 4 {
				w.post.take(fmt.Sprintf("user-%d@example.com", n))
			}
		}
	})
}

func TestMailsWaitForAMailServerThatIsAway(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		address := w.post.Address()
		if err := w.post.Close(); err != nil {
			t.Fatal(err)
		}
		wantSent(t, w.sends(1))
		w.mailFailed()
		w.post = openPostbox(t, address)
		w.clock.Advance(time.Minute) // as long as the first retry may wait
		w.runner.Wake()
		for range 4 {
			w.post.take("user-1@example.com")
		}
		w.settled()
	})
}

// A server that says later is asked again; one that says never is not, and the
// mail lies where operators find it. Neither shows in an answer.
func TestMailsThatAreRefusedAreParkedAndThoseThatAreDeferredComeLater(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		w.post.Become(mailtest.Refuses)
		wantSent(t, w.sends(1))
		w.eventually("the mails are parked", "kind=mail ", "failed_at=<nil>")
		w.post.Become(mailtest.Defers)
		wantSent(t, w.sends(2))
		w.mailFailed()
		asked := w.post.Asked()
		w.post.Become(mailtest.Accepts)
		w.clock.Advance(time.Minute)
		w.runner.Wake()
		for range 4 {
			w.post.take("user-2@example.com")
		}
		if n := w.post.Asked() - asked; n != 4 {
			t.Errorf("%d conversations for four mails", n)
		}
		for _, m := range w.post.Kept() {
			if m.To == "user-1@example.com" {
				t.Error("a refused mail was sent again")
			}
		}
		metrics := w.program().get("/metrics", "Authorization", "Bearer "+w.apiKey(watchword.ScopeMetricsRead)).text
		if !strings.Contains(metrics, "watchword_jobs") {
			t.Errorf("the metrics do not tell of the queue:\n%s", metrics)
		}
	})
}

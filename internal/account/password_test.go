package account_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func (w *world) change(user watchword.UserID, session watchword.SessionID, current, wish string) error {
	_, err := w.passwords.Change(w.Context(), account.PasswordChange{
		UserID: user, Session: session, Current: secret.NewString(current), New: secret.NewString(wish), Origin: watchword.Origin{IP: "192.0.2.1", UserAgent: "Test/1.0", ClientID: "web"},
	})
	return err
}

// matches says whether a password is the user's.
func (w *world) matches(user watchword.UserID, password string) bool {
	w.Helper()
	_, cred, err := w.store.Read().UserWithCredential(w.Context(), user)
	w.ok(err)
	verdict, err := w.passwords.Hasher.Verify(w.Context(), cred.Hash, secret.NewString(password))
	w.ok(err)
	return verdict.Matches()
}

func TestANewPasswordEndsAllOtherSessions(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		w.session(ada)
		w.session(ada)
		w.ok(w.change(ada, mine, password, another))
		if live := w.live(ada); !slices.Equal(live, []watchword.SessionID{mine}) {
			w.Errorf("live are %v, want %v alone", live, mine)
		}
		if !w.matches(ada, another) || w.matches(ada, password) {
			w.Error("the password is not the new one")
		}
		if e := w.events(watchword.EventPasswordChanged); len(e) != 1 || e[0].UserID != ada || e[0].SessionID != mine || e[0].Data["sessions_ended"] != "2" {
			w.Errorf("events: %+v", e)
		}
		if m := w.mails(); len(m) != 1 || m[0].Template != mail.PasswordChange || m[0].UserID != ada ||
			m[0].ClientID != "web" || m[0].IP != "192.0.2.1" || m[0].Agent != "Test/1.0" {
			w.Errorf("mails: %+v", m)
		}
	})
}

// Until somebody has proven to read it, the mailbox may be a stranger's.
func TestAPasswordChangeIsToldToNoUnverifiedAddress(t *testing.T) {
	onEach(t, func(w *world) {
		made, err := w.create(account.NewUser{Address: "stranger@example.com"}, password)
		w.ok(err)
		w.ok(w.change(made.UserID, w.session(made.UserID), password, another))
		if m := w.mails(); len(m) != 0 || len(w.events(watchword.EventPasswordChanged)) != 1 {
			w.Errorf("mails: %+v", m)
		}
	})
}

func TestAPasswordChangeNeedsTheCurrentOne(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		w.is(w.change(ada, mine, "", another), account.ErrCurrentRequired)
		w.is(w.change(ada, mine, another, another), account.ErrCurrentWrong)
		var e *watchword.Error
		if err := w.change(ada, mine, password, "password12"); !errors.As(err, &e) || e.Code != "password_too_weak" {
			w.Errorf("a weak one: %v", err)
		}
		if err := w.change(ada, mine, password, "ada lovelace!"); !errors.As(err, &e) || e.Code != "password_too_weak" {
			w.Errorf("one's own name: %v", err)
		}
		if w.matches(ada, another) || len(w.mails()) != 0 || len(w.events(watchword.EventPasswordChanged)) != 0 {
			w.Error("a refused change left something")
		}
		w.is(w.change("usr_nobody", mine, password, another), account.ErrUserGone)
	})
}

func TestAFirstPasswordNeedsNoCurrentOne(t *testing.T) {
	onEach(t, func(w *world) {
		made, err := w.create(account.NewUser{Address: "ada@example.com"}, "")
		w.ok(err)
		w.ok(w.change(made.UserID, w.session(made.UserID), "", another))
		if !w.matches(made.UserID, another) {
			w.Error("it was not set")
		}
	})
}

// Who has stolen a session must not search for the password here.
func TestGuessingTheCurrentPasswordIsLimited(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		for range 5 {
			w.is(w.change(ada, mine, another, another), account.ErrCurrentWrong)
		}
		hashes := w.passwords.Hasher.Stats().Done
		w.is(w.change(ada, mine, password, another), limit.ErrLimited)
		if w.passwords.Hasher.Stats().Done != hashes {
			w.Error("a refused guess was hashed")
		}
		w.clock.Advance(1e9)
		w.ok(w.change(ada, mine, password, another))
	})
}

func TestOfParallelPasswordChangesOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		outcomes := make([]error, 4)
		var wait sync.WaitGroup
		for i := range outcomes {
			wait.Go(func() { outcomes[i] = w.change(ada, mine, password, another) })
		}
		wait.Wait()
		won := 0
		for _, err := range outcomes {
			var e *watchword.Error
			switch {
			case err == nil:
				won++
			case errors.Is(err, account.ErrCurrentWrong):
			case !errors.As(err, &e) || e.Code != "password_changed":
				w.Errorf("got %v", err)
			}
		}
		if won != 1 || len(w.events(watchword.EventPasswordChanged)) != 1 || len(w.mails()) != 1 {
			w.Errorf("%d won, %d mails", won, len(w.mails()))
		}
	})
}

// A call in flight must not outlive its session: the owner has signed out
// everywhere while the thief's password was being hashed.
func TestASessionThatEndedMeanwhileChangesNoPassword(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeSession(w.Context(), ada, mine) }))
		w.is(w.change(ada, mine, password, another), account.ErrUserGone)
		w.is(w.change(ada, w.session(w.grace()), password, another), account.ErrUserGone)
		if !w.matches(ada, password) {
			w.Error("the password was changed")
		}
	})
}

// Each change costs hashes and mails a notice.
func TestOneUserCanCauseOnlySoManyChanges(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		mine := w.session(ada)
		hashes := w.passwords.Hasher.Stats().Done
		for range 20 {
			if err := w.change(ada, mine, password, "short"); watchword.KindOf(err) != watchword.KindInvalid {
				w.Fatal(err)
			}
		}
		w.is(w.change(ada, mine, password, another), limit.ErrLimited)
		if w.passwords.Hasher.Stats().Done != hashes {
			w.Error("a new password that the policy refuses was hashed for")
		}
	})
}

func (w *world) grace() watchword.UserID {
	w.Helper()
	made, err := w.create(account.NewUser{Address: "grace@example.com"}, password)
	w.ok(err)
	return made.UserID
}

// Who could read the mailbox a while ago must not undo the change.
func TestANewPasswordVoidsWhatIsOutstandingToReplaceIt(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		w.grace()
		mine, reset := w.session(ada), w.sendReset("ada@example.com")
		others := w.sendReset("grace@example.com")
		code := account.NewToken(rand.Reader)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error {
			return c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
				Digest: secret.Digest(code), Purpose: store.TokenAuthorizationCode, UserID: ada, Address: "ada@example.com", ClientID: "web",
				Reach: store.ReachHandedOver, ExpiresAt: c.Now().Add(time.Minute),
			})
		}))
		w.ok(w.change(ada, mine, password, another))
		_, err := w.reset(reset, "marble kettle 17 orchard")
		w.is(err, account.ErrTokenUsed)
		if !w.matches(ada, another) || w.token(code.Reveal()).Live(w.clock.Now()) {
			w.Error("something from before the change is still good")
		}
		_, err = w.reset(others, another) // of somebody else
		w.ok(err)
	})
}

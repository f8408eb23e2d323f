package signin_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
)

func TestOfParallelSignUpsWithOneAddressOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		nodes := []*world{w, newNode(w.TB, w.engine, w.location, w.clock)}
		const rivals = 24
		outcomes := make([]error, rivals)
		var wait sync.WaitGroup
		for i := range rivals {
			wait.Go(func() {
				_, outcomes[i] = nodes[i%2].SignUp(w.Context(), w.joining(address))
			})
		}
		wait.Wait()
		winners := 0
		for _, err := range outcomes {
			if err == nil {
				winners++
			} else if !errors.Is(err, account.ErrEmailTaken) {
				w.Errorf("a rival got %v", err)
			}
		}
		if winners != 1 {
			w.Errorf("%d won", winners)
		}
		for _, table := range []string{"users", "emails", "accounts", "memberships", "sessions", "one_time_tokens", "jobs"} {
			if n := w.count(table); n != 1 {
				w.Errorf("%d rows in %s: those who lost left something", n, table)
			}
		}
	})
}

// The whole journey, hash and all, against a new password and a disable: what
// began before must not end with a session after.
func TestNoSignInSurvivesASecurityChange(t *testing.T) {
	for name, change := range map[string]func(w *world, own watchword.Session) error{
		"new password": func(w *world, own watchword.Session) error {
			passwords := account.Passwords{Store: w.Store, Hasher: w.Hasher, Policy: w.Policy, Limiter: w.Limiter, Jobs: w.Jobs}
			_, err := passwords.Change(w.Context(), account.PasswordChange{
				UserID: own.UserID, Session: own.ID, Current: secret.NewString(password), New: secret.NewString(another),
			})
			return err
		},
		"disable": func(w *world, own watchword.Session) error {
			return w.Store.Tx(w.Context(), func(c *store.Conn) error {
				if err := c.SetStatus(w.Context(), own.UserID, watchword.UserDisabled); err != nil {
					return err
				}
				_, err := c.RevokeSessions(w.Context(), own.UserID, "")
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				other := newNode(w.TB, w.engine, w.location, w.clock)
				for round := range 20 {
					w.raceChange(other, fmt.Sprintf("user%d@example.com", round), change)
				}
			})
		})
	}
}

func (w *world) raceChange(other *world, email string, change func(*world, watchword.Session) error) {
	w.Helper()
	own := w.signUp(email).Grant.Session
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			time.Sleep(rand.N(4 * time.Millisecond))
			_, err := w.signIn(email, password)
			if err != nil && !errors.Is(err, signin.ErrInvalidCredentials) && !errors.Is(err, signin.ErrUserDisabled) {
				w.Errorf("a sign-in got %v", err)
			}
		})
	}
	wait.Go(func() {
		time.Sleep(rand.N(4 * time.Millisecond))
		if err := change(other, own); err != nil {
			w.Errorf("the change got %v", err)
		}
	})
	wait.Wait()
	live, _, err := w.Store.Read().Sessions(w.Context(), own.UserID, watchword.Page{Limit: 10})
	w.ok(err)
	live = slices.DeleteFunc(live, func(s watchword.Session) bool { return s.ID == own.ID })
	if len(live) != 0 {
		w.Fatalf("%d sessions survived", len(live))
	}
}

package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// nodes are the world and, where the database can be shared, one more server.
func (w *world) nodes() []*world {
	w.Helper()
	return []*world{w, newNode(w, w.engine, w.location, w.clock, oldSecret, "")}
}

func TestAHundredParallelRefreshesAreOne(t *testing.T) {
	onEach(t, func(w *world) {
		nodes := w.nodes()
		started := w.signInWithScope(w.person().id, "openid email profile", "")
		const tabs = 100
		var grants [tabs]session.Grant
		var wait sync.WaitGroup
		begin := make(chan struct{})
		for i := range tabs {
			wait.Go(func() {
				<-begin
				var err error
				if grants[i], err = nodes[i%len(nodes)].refresh(started.RefreshToken); err != nil {
					w.Errorf("tab %d: %v", i, err)
				}
			})
		}
		close(begin)
		wait.Wait()
		if got := w.row(started.Session.ID).Generation; got != 2 {
			w.Fatalf("the token advanced %d times", got-1)
		}
		for i, g := range grants {
			if !g.RefreshToken.Equal(grants[0].RefreshToken) || !g.AccessToken.Equal(grants[0].AccessToken) ||
				!g.IDToken.Equal(grants[0].IDToken) || g.IDToken.IsZero() {
				w.Fatalf("tab %d got other tokens than tab 0", i)
			}
		}
		_, err := w.refresh(grants[0].RefreshToken)
		w.ok(err)
	})
}

func TestParallelReplaysEndASessionOnce(t *testing.T) {
	onEach(t, func(w *world) {
		nodes, p := w.nodes(), w.person()
		g := p.grant
		for range 2 {
			var err error
			g, err = w.refresh(g.RefreshToken)
			w.ok(err)
		}
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				_, err := nodes[i%len(nodes)].refresh(p.grant.RefreshToken)
				if !errors.Is(err, session.ErrRefreshReused) && !errors.Is(err, session.ErrSessionRevoked) {
					w.Errorf("a replay got %v", err)
				}
			})
		}
		wait.Wait()
		if n := len(w.events(watchword.EventRefreshReused)); n != 1 || w.mails() != 1 {
			w.Errorf("%d events and %d mails tell of one theft", n, w.mails())
		}
	})
}

// Of a refresh and a switch with one token one advances the session; the other
// gets the same, or is told that the claims have changed.
func TestARefreshAndASwitchThatRaceAgree(t *testing.T) {
	onEach(t, func(w *world) {
		nodes, p := w.nodes(), w.person()
		other := w.account(p.id, watchword.RoleMember)
		for round := range 25 {
			g := w.signIn(p.id)
			target := []watchword.AccountID{p.account, other}[round%2]
			if g.Account.ID == target {
				target = p.account
			}
			var answers [4]session.Grant
			var errs [4]error
			var wait sync.WaitGroup
			for i := range answers {
				wait.Go(func() {
					time.Sleep(rand.N(2 * time.Millisecond))
					presented := session.Presented{Token: g.RefreshToken}
					if i%2 == 0 {
						answers[i], errs[i] = nodes[i/2].Refresh(w.Context(), presented)
					} else {
						answers[i], errs[i] = nodes[i/2].Switch(w.Context(), presented, target)
					}
				})
			}
			wait.Wait()
			v := w.row(g.Session.ID)
			if v.Generation != 2 || !v.RevokedAt.IsZero() {
				w.Fatalf("round %d: generation %d, revoked at %v", round, v.Generation, v.RevokedAt)
			}
			w.agree(round, v, answers[:], errs[:])
		}
	})
}

// agree says whether the answers to one token are one answer.
func (w *world) agree(round int, v store.SessionView, answers []session.Grant, errs []error) {
	w.Helper()
	var successor secret.String
	for i, g := range answers {
		switch {
		case errors.Is(errs[i], session.ErrClaimsStale):
			continue
		case errs[i] != nil:
			w.Errorf("round %d: call %d got %v", round, i, errs[i])
			continue
		case g.Account.ID != v.Claims.AccountID:
			w.Errorf("round %d: call %d got the account %s, and the session has %s", round, i, g.Account.ID, v.Claims.AccountID)
		}
		if successor.IsZero() {
			successor = g.RefreshToken
		}
		if !successor.Equal(g.RefreshToken) {
			w.Errorf("round %d: two successors of one token", round)
		}
	}
	if successor.IsZero() {
		w.Errorf("round %d: nobody won", round)
	}
}

// A session must not begin under a credential that a disable or a new password
// has overtaken: that is what the guard in MarkSignIn is for.
func TestNoSessionSurvivesASecurityChange(t *testing.T) {
	for name, change := range map[string]func(*world, *store.Conn, store.Credential) error{
		"disable": func(w *world, c *store.Conn, cred store.Credential) error {
			return c.SetStatus(w.Context(), cred.UserID, watchword.UserDisabled)
		},
		"new password": func(w *world, c *store.Conn, cred store.Credential) error {
			return c.SetPassword(w.Context(), cred, secret.StoredHash("$new$"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				nodes := w.nodes()
				for round := range 40 {
					w.raceSignIns(nodes, fmt.Sprintf("user%d@example.com", round), change)
				}
			})
		})
	}
}

func (w *world) raceSignIns(nodes []*world, mailbox string, change func(*world, *store.Conn, store.Credential) error) {
	w.Helper()
	var cred store.Credential
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		id, err := c.InsertUser(w.Context(), store.NewUser{})
		if err != nil {
			return err
		}
		_, err = c.InsertEmail(w.Context(), watchword.Email{UserID: id, Address: mailbox, Primary: true, Exclusive: true})
		return err
	}))
	cred, err := w.Store.Read().CredentialFor(w.Context(), mailbox) // what the hash was compared with
	w.ok(err)
	var wait sync.WaitGroup
	for i := range 6 {
		wait.Go(func() {
			time.Sleep(rand.N(3 * time.Millisecond))
			_, err := nodes[i%len(nodes)].start(session.Start{Credential: cred})
			if err != nil && !errors.Is(err, session.ErrSessionRevoked) {
				w.Errorf("a sign-in got %v", err)
			}
		})
	}
	wait.Go(func() {
		time.Sleep(rand.N(3 * time.Millisecond))
		err := nodes[1].Store.Tx(w.Context(), func(c *store.Conn) error {
			if err := change(w, c, cred); err != nil {
				return err
			}
			_, err := c.RevokeSessions(w.Context(), cred.UserID, "")
			return err
		})
		if err != nil {
			w.Errorf("the change got %v", err)
		}
	})
	wait.Wait()
	live, _, err := w.Store.Read().Sessions(w.Context(), cred.UserID, watchword.Page{Limit: 10})
	w.ok(err)
	if len(live) != 0 {
		w.Fatalf("%d sessions survived", len(live))
	}
}

// Two browsers that sign out everywhere at once lock each other's sessions
// crosswise.
func TestParallelSignOutsEverywhereAllSucceed(t *testing.T) {
	onEach(t, func(w *world) {
		nodes, p := w.nodes(), w.person()
		var wait sync.WaitGroup
		for i := range 10 {
			g := w.signIn(p.id)
			wait.Go(func() {
				caller := session.Caller{UserID: p.id, SessionID: g.Session.ID, ClientID: "web"}
				if err := nodes[i%len(nodes)].SignOut(w.Context(), caller, session.SignOutAll, watchword.Origin{}); err != nil {
					w.Error(err)
				}
			})
		}
		wait.Wait()
		if live, _, err := w.Store.Read().Sessions(w.Context(), p.id, watchword.Page{Limit: 99}); err != nil || len(live) > 9 {
			w.Errorf("%d sessions are left (%v)", len(live), err)
		}
	})
}

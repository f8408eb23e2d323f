package session_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/session"
	"watchword/internal/store"
	"watchword/internal/token"
)

func TestARefreshKeepsEveryClaimButTheTimes(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.clock.Advance(9*time.Minute + 1500*time.Millisecond)
		next, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		if next.RefreshToken.Equal(p.grant.RefreshToken) {
			w.Error("the refresh token did not change")
		}
		before, err := w.Keys.OpenAccess(p.grant.AccessToken)
		w.ok(err)
		after, err := w.Keys.OpenAccess(next.AccessToken)
		w.ok(err)
		if after.ID == before.ID || after.IssuedAt != w.clock.Now().Unix() || after.Expires != after.IssuedAt+600 {
			w.Errorf("before %+v, after %+v", before, after)
		}
		after.ID, after.IssuedAt, after.Expires = before.ID, before.IssuedAt, before.Expires
		if !slices.Equal(after.AMR, before.AMR) {
			w.Errorf("amr was %v and is %v", before.AMR, after.AMR)
		}
		after.AMR, before.AMR = nil, nil
		if before.Issuer != issuer || before.AccountID != p.account || before.Role != watchword.RoleOwner || before.Email != address || !before.EmailVerified {
			w.Errorf("claims: %+v", before)
		}
		if !sameClaims(before, after) {
			w.Errorf("before %+v\nafter  %+v", before, after)
		}
		if want := w.clock.Now().Add(7 * 24 * time.Hour); !next.Session.RefreshExpiresAt().Equal(want) {
			w.Errorf("the refresh token ends at %v, want %v", next.Session.RefreshExpiresAt(), want)
		}
		if next.User.Name != "Ada" || next.User.Email != address || !next.User.EmailVerified || next.Account.ID != p.account || next.Role != watchword.RoleOwner {
			w.Errorf("got %+v", next)
		}
	})
}

func sameClaims(a, b token.Access) bool {
	return a.Issuer == b.Issuer && a.Subject == b.Subject && a.Audience == b.Audience && a.SessionID == b.SessionID &&
		a.AccountID == b.AccountID && a.Role == b.Role && a.Email == b.Email && a.EmailVerified == b.EmailVerified &&
		a.AuthTime == b.AuthTime && a.ClientID == b.ClientID && a.Scope == b.Scope
}

func TestASessionEndsInTime(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		remember watchword.Remember
		refresh  time.Duration // every so often
		end      time.Duration
	}{
		"absolute, however used":    {watchword.RememberLong, 6 * day, 30 * day},
		"short":                     {watchword.RememberShort, 0, 12 * time.Hour},
		"short, however often used": {watchword.RememberShort, time.Hour, 12 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				p := w.person()
				g, err := w.start(session.Start{Credential: store.Credential{UserID: p.id, PasswordVersion: 1}, Remember: test.remember})
				w.ok(err)
				began := w.clock.Now()
				for test.refresh > 0 && w.clock.Now().Add(test.refresh).Before(began.Add(test.end)) {
					w.clock.Advance(test.refresh)
					g, err = w.refresh(g.RefreshToken)
					w.ok(err)
				}
				if got := g.Session.RefreshExpiresAt(); !got.Equal(began.Add(test.end)) {
					w.Errorf("it says that it ends after %v", got.Sub(began))
				}
				w.clock.Advance(began.Add(test.end - time.Second).Sub(w.clock.Now()))
				last := g
				g, err = w.refresh(g.RefreshToken) // one second before
				w.ok(err)
				if g.AccessExpiresAt.After(began.Add(test.end)) {
					w.Errorf("an access token outlives its session by %v", g.AccessExpiresAt.Sub(began.Add(test.end)))
				}
				w.clock.Advance(time.Second)
				for _, refresh := range []session.Grant{g, last} {
					_, err = w.refresh(refresh.RefreshToken)
					w.is(err, session.ErrRefreshExpired)
				}
			})
		})
	}
}

func TestAnIdleSessionEnds(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.clock.Advance(7 * 24 * time.Hour)
		_, err := w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrRefreshExpired)
		if n := len(w.events(watchword.EventRefreshReused)); n != 0 {
			w.Errorf("%d alarms", n)
		}
	})
}

func TestARefreshNeedsALiveSession(t *testing.T) {
	for name, end := range map[string]func(*world, person){
		"disabled": func(w *world, p person) {
			w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error {
				return c.SetStatus(w.Context(), p.id, watchword.UserDisabled)
			}))
		},
		"revoked": func(w *world, p person) {
			w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeSession(w.Context(), p.id, p.grant.Session.ID) }))
		},
		"deleted": func(w *world, p person) {
			w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), p.id) }))
		},
		"client gone": func(w *world, _ person) {
			w.Lookup = func(context.Context, watchword.ClientID) (watchword.Client, bool, error) {
				return watchword.Client{}, false, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				p := w.person()
				end(w, p)
				_, err := w.refresh(p.grant.RefreshToken)
				w.is(err, session.ErrSessionRevoked)
				_, err = w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, "")
				w.is(err, session.ErrSessionRevoked)
			})
		})
	}
}

func TestASessionRefreshesForItsOwnClient(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		backend, _ := client("backend")
		confidential, err := w.start(session.Start{Credential: store.Credential{UserID: p.id, PasswordVersion: 1}, Client: backend})
		w.ok(err)
		for _, test := range []struct {
			name string
			p    session.Presented
			want error
		}{
			{"another client", session.Presented{Token: p.grant.RefreshToken, ClientID: "other"}, session.ErrRefreshInvalid},
			{"a client that authenticates", session.Presented{Token: p.grant.RefreshToken, ClientID: "web", Client: store.ClientAuthenticated}, session.ErrClientAuthRequired},
			{"nobody for the backend", session.Presented{Token: confidential.RefreshToken}, session.ErrClientAuthRequired},
			{"the backend by name alone", session.Presented{Token: confidential.RefreshToken, ClientID: "backend"}, session.ErrClientAuthRequired},
			{"another for the backend", session.Presented{Token: confidential.RefreshToken, ClientID: "web", Client: store.ClientAuthenticated}, session.ErrRefreshInvalid},
			{"its own", session.Presented{Token: p.grant.RefreshToken, ClientID: "web"}, nil},
			{"the backend itself", session.Presented{Token: confidential.RefreshToken, ClientID: "backend", Client: store.ClientAuthenticated}, nil},
		} {
			_, err := w.Refresh(w.Context(), test.p)
			if w.is(err, test.want); err != nil && w.row(p.grant.Session.ID).Generation != 1 {
				w.Errorf("%s used the token up", test.name)
			}
		}
		w.is(w.SignOutByRefresh(w.Context(), session.Presented{Token: confidential.RefreshToken}, session.SignOutThis), session.ErrClientAuthRequired)
		if !w.row(confidential.Session.ID).RevokedAt.IsZero() {
			w.Error("a stranger signed the backend out")
		}
	})
}

func TestRefreshesAreLimitedBySession(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.signIn(p.id)
		g := p.grant
		for range w.RefreshLimit.Count {
			var err error
			g, err = w.refresh(g.RefreshToken)
			w.ok(err)
		}
		for range 3 { // and asking again does not help
			_, err := w.refresh(g.RefreshToken)
			w.is(err, limit.ErrLimited)
		}
		if got := w.row(g.Session.ID).Generation; got != int64(w.RefreshLimit.Count)+1 {
			w.Errorf("a refused refresh advanced the session to %d", got)
		}
		_, err := w.refresh(other.RefreshToken)
		w.ok(err)
		w.clock.Advance(time.Minute)
		_, err = w.refresh(g.RefreshToken)
		w.ok(err)
	})
}

func TestRepeatsOfOneTokenAreLimitedToo(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		var err error
		passed := 0
		for ; err == nil; passed++ {
			_, err = w.refresh(p.grant.RefreshToken)
		}
		w.is(err, limit.ErrLimited)
		if passed < 100 || passed > 1000 {
			w.Errorf("%d passed", passed)
		}
	})
}

func TestSessionsOutliveTheServerSecret(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		next := newNode(w, w.engine, w.location, w.clock, newSecret, oldSecret)
		g, err := next.refresh(p.grant.RefreshToken)
		w.ok(err)
		again, err := next.refresh(p.grant.RefreshToken) // in the grace
		w.ok(err)
		if !again.RefreshToken.Equal(g.RefreshToken) {
			w.Error("the predecessor, sealed under the old secret, got another successor")
		}
		_, err = next.refresh(g.RefreshToken)
		w.ok(err)
		if next.Keyring.CurrentID() != w.row(g.Session.ID).SecretKeyID {
			w.Error("the session did not move on to the new secret")
		}
		_, err = w.refresh(g.RefreshToken) // a node that has not heard of the new secret
		w.is(err, session.ErrRefreshInvalid)
	})
}

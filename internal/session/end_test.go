package session_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/session"
	"watchword/internal/store"
)

func (p person) caller() session.Caller {
	return session.Caller{UserID: p.id, SessionID: p.grant.Session.ID, ClientID: "web"}
}

func TestSigningOutEndsThisSessionAlone(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.signIn(p.id)
		for range 2 { // who is signed out already has what they want
			w.ok(w.SignOut(w.Context(), p.caller(), session.SignOutThis, watchword.Origin{}))
		}
		_, err := w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrSessionRevoked)
		_, err = w.Live(w.Context(), p.caller())
		w.is(err, session.ErrSessionRevoked)
		_, err = w.refresh(other.RefreshToken)
		w.ok(err)
		if n := len(w.events(watchword.EventSessionEnded)); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

func TestSigningOutEverywhereEndsAll(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		others := []session.Grant{w.signIn(p.id), w.signIn(p.id)}
		code := []byte("the digest of an authorization code")
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error {
			return c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
				Digest: code, Purpose: store.TokenAuthorizationCode, UserID: p.id, ClientID: "web", Reach: store.ReachHandedOver,
				ExpiresAt: c.Now().Add(time.Minute),
			})
		}))
		w.ok(w.SignOut(w.Context(), p.caller(), session.SignOutAll, watchword.Origin{}))
		if t, err := w.Store.Read().OneTimeToken(w.Context(), code); err != nil || t.Live(w.clock.Now()) {
			w.Errorf("a code that was given out is still good (%v)", err)
		}
		for _, g := range append(others, p.grant) {
			_, err := w.refresh(g.RefreshToken)
			w.is(err, session.ErrSessionRevoked)
		}
		events := w.events(watchword.EventSessionsEnded)
		if len(events) != 1 || events[0].Data["sessions"] != "3" {
			w.Errorf("events: %+v", events)
		}
		fresh := w.signIn(p.id)
		w.ok(w.SignOut(w.Context(), p.caller(), session.SignOutAll, watchword.Origin{}))
		_, err := w.refresh(fresh.RefreshToken) // a dead session ends no other
		w.ok(err)
	})
}

func TestSigningOutByRefreshToken(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		next, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		other := w.signIn(p.id)
		w.is(w.SignOutByRefresh(w.Context(), session.Presented{Token: other.AccessToken}, session.SignOutThis), session.ErrRefreshInvalid)
		w.ok(w.SignOutByRefresh(w.Context(), session.Presented{Token: p.grant.RefreshToken}, session.SignOutThis)) // in its grace
		_, err = w.refresh(next.RefreshToken)
		w.is(err, session.ErrSessionRevoked)
		w.ok(w.SignOutByRefresh(w.Context(), session.Presented{Token: next.RefreshToken}, session.SignOutAll)) // it has ended
		_, err = w.refresh(other.RefreshToken)
		w.ok(err)
	})
}

func TestSigningOutByAnOldTokenIsReuse(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		_, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		other := w.signIn(p.id)
		w.clock.Advance(time.Minute)
		w.ok(w.SignOutByRefresh(w.Context(), session.Presented{Token: p.grant.RefreshToken}, session.SignOutAll))
		if len(w.events(watchword.EventRefreshReused)) != 1 {
			w.Error("the replay was not recorded")
		}
		_, err = w.refresh(other.RefreshToken) // a thief's old token ends one session, not all
		w.ok(err)
	})
}

func TestSessionsAreListedAndRevokedByTheirOwner(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		for range 4 {
			w.clock.Advance(time.Second)
			w.signIn(p.id)
		}
		var all []watchword.Session
		next := ""
		for {
			list, cursor, err := w.List(w.Context(), p.caller(), watchword.Page{Before: next, Limit: 2})
			w.ok(err)
			all = append(all, list...)
			if next = cursor; next == "" {
				break
			}
		}
		if len(all) != 5 || all[4].ID != p.grant.Session.ID {
			w.Fatalf("got %d sessions", len(all))
		}
		w.ok(w.Revoke(w.Context(), p.caller(), all[0].ID, watchword.Origin{}))
		w.is(w.Revoke(w.Context(), p.caller(), all[0].ID, watchword.Origin{}), session.ErrSessionNotFound)
		w.is(w.Revoke(w.Context(), p.caller(), "ses_none", watchword.Origin{}), session.ErrSessionNotFound)

		stranger := session.Caller{UserID: w.stranger(), SessionID: all[1].ID}
		w.is(w.Revoke(w.Context(), stranger, all[2].ID, watchword.Origin{}), session.ErrSessionNotFound)
		w.ok(w.Revoke(w.Context(), p.caller(), p.grant.Session.ID, watchword.Origin{})) // one's own
		w.is(w.Revoke(w.Context(), p.caller(), all[1].ID, watchword.Origin{}), session.ErrSessionRevoked)
		_, _, err := w.List(w.Context(), p.caller(), watchword.Page{Limit: 2})
		w.is(err, session.ErrSessionRevoked)
	})
}

// stranger is another user.
func (w *world) stranger() (id watchword.UserID) {
	w.Helper()
	w.ok(w.Store.Write(w.Context(), func(c *store.Conn) (err error) {
		id, err = c.InsertUser(w.Context(), store.NewUser{Name: "Eve"})
		return err
	}))
	return id
}

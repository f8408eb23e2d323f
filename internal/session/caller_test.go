package session_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

func TestABearerIsWhoTheTokenSays(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		who, err := w.Identify(p.grant.AccessToken)
		w.ok(err)
		want := p.caller()
		want.Audience = "https://api.example.com"
		want.Claims = watchword.Claims{AccountID: p.account, Role: watchword.RoleOwner, Email: address, EmailVerified: true}
		if who != want {
			w.Errorf("got %+v, want %+v", who, want)
		}
		_, err = w.Identify(p.grant.RefreshToken)
		w.is(err, session.ErrUnauthenticated)
		_, ok := w.IdentifyExpired(secret.NewString("garbage"))
		if place, mine := w.PlaceOfRefresh(p.grant.RefreshToken); ok || !mine || place != (session.Place{SessionID: p.grant.Session.ID, At: 1}) {
			w.Error("garbage is of a session, or a refresh token of none")
		}
		w.clock.Advance(10 * time.Minute)
		_, err = w.Identify(p.grant.AccessToken)
		w.is(err, session.ErrTokenExpired)
		if late, ok := w.IdentifyExpired(p.grant.AccessToken); !ok || late != want {
			w.Errorf("got %+v", late)
		}
		if place, ok := w.PlaceOfAccess(p.grant.AccessToken); !ok || place != (session.Place{SessionID: p.grant.Session.ID, At: w.clock.Now().Add(-10 * time.Minute).Unix()}) {
			w.Errorf("got %+v", place)
		}
	})
}

func TestMeComesFromLiveRows(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		me, err := w.Me(w.Context(), p.caller())
		w.ok(err)
		if me.User.Email != address || len(me.Memberships) != 1 || me.Session.ID != p.grant.Session.ID {
			w.Errorf("got %+v", me)
		}
		w.exec("UPDATE emails SET address = 'new@example.com'")
		if me, err = w.Me(w.Context(), p.caller()); err != nil || me.User.Email != "new@example.com" {
			w.Errorf("got %q (%v)", me.User.Email, err)
		}
		for _, end := range []func(*store.Conn) error{
			func(c *store.Conn) error { return c.SetStatus(w.Context(), p.id, watchword.UserDisabled) },
			func(c *store.Conn) error { return c.DeleteUser(w.Context(), p.id) },
		} {
			w.ok(w.Store.Write(w.Context(), end))
			_, err = w.Me(w.Context(), p.caller())
			w.is(err, session.ErrSessionRevoked)
			_, err = w.Live(w.Context(), p.caller())
			w.is(err, session.ErrSessionRevoked)
		}
	})
}

func TestAnIdleSessionIsNotLive(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.clock.Advance(7 * 24 * time.Hour)
		_, err := w.Live(w.Context(), p.caller())
		w.is(err, session.ErrSessionRevoked)
		_, err = w.Me(w.Context(), p.caller())
		w.is(err, session.ErrSessionRevoked)
	})
}

// Deleted on another node, say, which could not end what was begun here since.
func TestAClientThatIsNotKnownHasNoSessions(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		old := p.grant.RefreshToken
		next, err := w.refresh(old)
		w.ok(err)
		known := w.Lookup
		var unsettled error
		w.Lookup = func(ctx context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
			if id == p.grant.Session.ClientID {
				return watchword.Client{}, false, unsettled
			}
			return known(ctx, id)
		}
		presented := session.Presented{Token: next.RefreshToken, ClientID: p.grant.Session.ClientID}
		before := session.Presented{Token: old, ClientID: p.grant.Session.ClientID}
		// Where it could not be found out whether there is the client, nobody is logged
		// out for that, nor is a second tab a thief.
		for _, unsettled = range []error{store.ErrUnavailable, nil} {
			want := cmp.Or(unsettled, error(session.ErrSessionRevoked))
			for _, act := range []struct {
				name string
				do   func() error
			}{
				{"live", func() error { _, err := w.Live(w.Context(), p.caller()); return err }},
				{"me", func() error { _, err := w.Me(w.Context(), p.caller()); return err }},
				{"switch", func() error { _, err := w.Switch(w.Context(), presented, ""); return err }},
				{"second tab", func() error { _, err := w.Refresh(w.Context(), before); return err }},
			} {
				if err := act.do(); !errors.Is(err, want) {
					w.Errorf("%s: %v, want %v", act.name, err, want)
				}
			}
		}
		for _, unsettled = range []error{store.ErrUnavailable, nil} { // the first has advanced, and the second is within its grace
			if _, err := w.Refresh(w.Context(), presented); !errors.Is(err, cmp.Or(unsettled, error(session.ErrSessionRevoked))) {
				w.Errorf("refresh: %v", err)
			}
		}
		w.Lookup = known
		if _, err := w.Refresh(w.Context(), presented); err != nil || len(w.events(watchword.EventRefreshReused)) != 0 {
			w.Errorf("got %v, alarms %+v", err, w.events(watchword.EventRefreshReused))
		}
	})
}

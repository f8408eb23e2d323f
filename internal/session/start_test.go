package session_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/session"
	"watchword/internal/store"
)

func TestASessionStandsInTheAccountAskedFor(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.account(p.id, watchword.RoleAdmin)
		cred := store.Credential{UserID: p.id, PasswordVersion: 1}
		g, err := w.start(session.Start{Credential: cred, AccountID: other})
		w.ok(err)
		if g.Account.ID != other || g.Role != watchword.RoleAdmin || w.row(g.Session.ID).Claims.AccountID != other {
			w.Errorf("got %+v as %q", g.Account, g.Role)
		}
		if next := w.signIn(p.id); next.Account.ID != other {
			w.Errorf("the next stands in %s, want the one last used", next.Account.ID)
		}
		before := len(w.events(watchword.EventSessionStarted))
		_, err = w.start(session.Start{Credential: cred, AccountID: "acc_none"})
		w.is(err, session.ErrNotAMember)
		if n := len(w.events(watchword.EventSessionStarted)); n != before {
			w.Error("a refused start left an event")
		}
	})
}

func TestASessionWithoutAnAccountHasNone(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.exec("DELETE FROM memberships")
		g := w.signIn(p.id)
		if a, err := w.Keys.OpenAccess(g.AccessToken); err != nil || a.AccountID != "" || a.Role != "" || g.Account.ID != "" {
			w.Errorf("got %+v (%v)", a, err)
		}
		_, err := w.refresh(g.RefreshToken)
		w.ok(err)
	})
}

func TestAStartIsRecorded(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.clock.Advance(time.Second)
		g, err := w.start(session.Start{
			Credential: store.Credential{UserID: p.id, PasswordVersion: 1},
			Origin:     watchword.Origin{IP: "192.0.2.1", UserAgent: "browser", RequestID: "req", ClientID: "web"},
		})
		w.ok(err)
		e := w.events(watchword.EventSessionStarted)[0]
		if e.SessionID != g.Session.ID || e.UserID != p.id || e.AccountID != p.account || e.IP != "192.0.2.1" || e.UserAgent != "browser" ||
			e.RequestID != "req" || e.Actor != "user:"+string(p.id) || e.Data["amr"] != "pwd" {
			w.Errorf("got %+v", e)
		}
		if v := w.row(g.Session.ID); v.IP != "192.0.2.1" || v.UserAgent != "browser" {
			w.Errorf("got %+v", v)
		}
		if u, err := w.Store.Read().User(w.Context(), p.id); err != nil || !u.LastSignInAt.Equal(w.clock.Now()) {
			w.Errorf("the last sign-in was at %v (%v)", u.LastSignInAt, err)
		}
	})
}

func TestAStartNeedsItsCredentialToHold(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		_, err := w.start(session.Start{Credential: store.Credential{UserID: p.id, PasswordVersion: 2}})
		w.is(err, session.ErrSessionRevoked)
		_, err = w.start(session.Start{Credential: store.Credential{UserID: "usr_nobody", PasswordVersion: 1}})
		w.is(err, session.ErrSessionRevoked)
	})
}

func TestRememberAndModeStayWithTheSession(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g, err := w.start(session.Start{
			Credential: store.Credential{UserID: p.id, PasswordVersion: 1}, Remember: watchword.RememberShort, Mode: watchword.SessionCookie,
		})
		w.ok(err)
		if !g.Session.RefreshExpiresAt().Equal(w.clock.Now().Add(12 * time.Hour)) {
			w.Errorf("it ends at %v", g.Session.RefreshExpiresAt())
		}
		w.clock.Advance(time.Hour)
		next, err := w.refresh(g.RefreshToken)
		w.ok(err)
		if next.Session.Remember != watchword.RememberShort || next.Session.Mode != watchword.SessionCookie {
			w.Errorf("got %+v", next.Session)
		}
	})
}

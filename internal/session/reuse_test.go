package session_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/token"
)

func TestThePredecessorGetsTheSameSuccessorInItsGrace(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		next, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		w.clock.Advance(30 * time.Second)
		again, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		if !again.RefreshToken.Equal(next.RefreshToken) || !again.AccessToken.Equal(next.AccessToken) || !again.AccessExpiresAt.Equal(next.AccessExpiresAt) {
			w.Error("the predecessor got another answer")
		}
		if got := w.row(next.Session.ID).Generation; got != 2 {
			w.Errorf("the session is at generation %d", got)
		}
	})
}

func TestThePredecessorAfterItsGraceEndsTheSession(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		next, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		w.clock.Advance(30*time.Second + time.Microsecond)
		_, err = w.Refresh(w.Context(), session.Presented{Token: p.grant.RefreshToken, Origin: watchword.Origin{IP: "192.0.2.66", RequestID: "req"}})
		w.is(err, session.ErrRefreshReused)
		_, err = w.refresh(next.RefreshToken)
		w.is(err, session.ErrSessionRevoked)
		events := w.events(watchword.EventRefreshReused)
		if len(events) != 1 || events[0].SessionID != next.Session.ID || events[0].UserID != p.id || events[0].IP != "192.0.2.66" ||
			events[0].Actor != "system" || events[0].Data["token"] != "predecessor" {
			w.Errorf("events: %+v", events)
		}
		if n := w.mails(); n != 0 { // most likely an answer that was lost
			w.Errorf("%d mails", n)
		}
	})
}

func TestAnOlderTokenEndsTheSessionAndTellsTheOwner(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g := p.grant
		for range 2 { // at once: no grace covers it
			var err error
			g, err = w.refresh(g.RefreshToken)
			w.ok(err)
		}
		bystander := w.signIn(p.id)
		_, err := w.Refresh(w.Context(), session.Presented{Token: p.grant.RefreshToken, Origin: watchword.Origin{IP: "192.0.2.66", UserAgent: "Thief/1.0"}})
		w.is(err, session.ErrRefreshReused)
		_, err = w.refresh(g.RefreshToken)
		w.is(err, session.ErrSessionRevoked)
		events := w.events(watchword.EventRefreshReused)
		if len(events) != 1 || events[0].Data["token"] != "old" || w.mails() != 1 {
			w.Errorf("events: %+v, mails: %d", events, w.mails())
		}
		if m := w.mailed(); m.Template != mail.RefreshReused || m.UserID != p.id || m.ClientID != g.Session.ClientID || m.IP != "192.0.2.66" || m.Agent != "Thief/1.0" {
			w.Errorf("the mail: %+v", m)
		}
		_, err = w.refresh(bystander.RefreshToken) // another session of the same user
		w.ok(err)
	})
}

// Until somebody has proven to read it, the mailbox may be a stranger's.
func TestAReuseIsToldToNoUnverifiedAddress(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
		_, err = w.refresh(g.RefreshToken)
		w.ok(err)
		w.exec("UPDATE emails SET verified_at = NULL")
		_, err = w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrRefreshReused)
		if n := w.mails(); n != 0 || len(w.events(watchword.EventRefreshReused)) != 1 {
			w.Errorf("%d mails", n)
		}
	})
}

func TestASwitchDetectsReuseToo(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g := p.grant
		for range 2 {
			var err error
			g, err = w.refresh(g.RefreshToken)
			w.ok(err)
		}
		_, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, "")
		w.is(err, session.ErrRefreshReused)
		if len(w.events(watchword.EventRefreshReused)) != 1 || w.mails() != 1 {
			w.Error("nobody was told")
		}
	})
}

// seal makes a token that only the server could make.
func (w *world) seal(g session.Grant, generation int64, nonce []byte) secret.String {
	w.Helper()
	text, err := token.SealRefresh(w.Keyring, token.Refresh{
		SessionID: g.Session.ID, Generation: generation, Nonce: nonce, KeyID: w.Keyring.CurrentID(),
	})
	w.ok(err)
	return text
}

// After a backup was restored, tokens are out that the row has never heard of.
func TestATokenAheadOfItsRowEndsTheSessionWithoutAlarm(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		_, err := w.refresh(w.seal(p.grant, 2, p.grant.Session.Nonce))
		w.is(err, session.ErrSessionRevoked)
		_, err = w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrSessionRevoked)
		if events := w.events(watchword.EventRefreshAhead); len(events) != 1 || events[0].SessionID != p.grant.Session.ID {
			w.Errorf("events: %+v", events)
		}
		if len(w.events(watchword.EventRefreshReused)) != 0 || w.mails() != 0 {
			w.Error("an alarm was raised")
		}
	})
}

// The nonce is in no token but the session's own: who has the server secret of a
// stolen backup still needs each row.
func TestATokenOfAnotherRowWithThisIDIsInvalid(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		_, err := w.refresh(w.seal(p.grant, 1, []byte("another nonce 16")))
		w.is(err, session.ErrRefreshInvalid)
		if !w.row(p.grant.Session.ID).RevokedAt.IsZero() {
			w.Error("it ended the session")
		}
		gone := p.grant
		gone.Session.ID = watchword.NewID[watchword.SessionID](w.clock.Now(), w.Random)
		_, err = w.refresh(w.seal(gone, 1, p.grant.Session.Nonce))
		w.is(err, session.ErrSessionRevoked)
	})
}

func TestGarbageIsNoRefreshToken(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		text := p.grant.RefreshToken.Reveal()
		for _, garbage := range []string{"", "rt_", text + "A", text[:len(text)-1], "rt-" + text[3:], "otk_" + text[3:], p.grant.AccessToken.Reveal()} {
			_, err := w.refresh(secret.NewString(garbage))
			w.is(err, session.ErrRefreshInvalid)
		}
	})
}

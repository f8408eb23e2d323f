package session_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
	"watchword/internal/token"
)

func equal[T any](w *world, got, want T) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("(-want +got)\n%s", diff)
	}
}

// id reads an ID token as a client does, by the published keys alone.
func (w *world) id(text secret.String) (id token.ID) {
	w.Helper()
	parsed, err := jwt.ParseSigned(text.Reveal(), []jose.SignatureAlgorithm{jose.ES256})
	w.ok(err)
	w.ok(parsed.Claims(w.Keys.Set(), &id))
	return id
}

func TestAnIDTokenComesWithTheScopeOpenIDAlone(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		for scope, want := range map[string]bool{"": false, "email profile": false, "openid": true} {
			g := w.signInWithScope(p.id, scope, "the nonce")
			if g.IDToken.IsZero() == want {
				w.Errorf("scope %q: ID token %v", scope, g.IDToken)
			}
			g, err := w.refresh(g.RefreshToken)
			w.ok(err)
			if g.IDToken.IsZero() == want {
				w.Errorf("scope %q, refreshed: ID token %v", scope, g.IDToken)
			}
			if a, err := w.Keys.OpenAccess(g.AccessToken); err != nil || a.Scope != scope {
				w.Errorf("scope %q: the access token says %q (%v)", scope, a.Scope, err)
			}
		}
	})
}

func TestAnIDTokenAtARefreshIsOfTheSameSignInWithoutItsNonce(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g := w.signInWithScope(p.id, "openid email", "the nonce")
		first, begun := w.id(g.IDToken), w.clock.Now()
		verified := true
		want := token.ID{
			Issuer: issuer, Subject: p.id, Audience: "web", Expires: begun.Unix() + 600, IssuedAt: begun.Unix(), AuthTime: begun.Unix(),
			Nonce: "the nonce", AccessHash: first.AccessHash, AMR: []watchword.AMR{watchword.AMRPassword}, SessionID: g.Session.ID,
			Person: token.Person{Email: address, EmailVerified: &verified},
		}
		equal(w, first, want)

		w.clock.Advance(time.Hour)
		g, err := w.refresh(g.RefreshToken)
		w.ok(err)
		later := w.id(g.IDToken)
		if later.AccessHash == first.AccessHash {
			w.Error("it is of the first access token")
		}
		want.Nonce, want.AccessHash = "", later.AccessHash
		want.IssuedAt, want.Expires = begun.Unix()+3600, begun.Unix()+4200
		equal(w, later, want)
	})
}

func TestUserInfoIsOfLiveRowsAndByScope(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g := w.signInWithScope(p.id, "openid email profile", "")
		verified := true
		want := token.UserInfo{Subject: p.id, Person: token.Person{Email: address, EmailVerified: &verified, Name: "Ada"}}
		got, err := w.UserInfo(w.Context(), g.AccessToken)
		w.ok(err)
		equal(w, got, want)

		w.exec("UPDATE emails SET address = 'new@example.com'")
		want.Email = "new@example.com"
		got, err = w.UserInfo(w.Context(), g.AccessToken)
		w.ok(err)
		equal(w, got, want)

		got, err = w.UserInfo(w.Context(), w.signInWithScope(p.id, "openid", "").AccessToken)
		w.ok(err)
		equal(w, got, token.UserInfo{Subject: p.id})
	})
}

func TestUserInfoNeedsALiveSessionOfScopeOpenID(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		g := w.signInWithScope(p.id, "openid", "")
		for name, c := range map[string]struct {
			token secret.String
			want  error
		}{
			"no scope":      {p.grant.AccessToken, session.ErrScopeMissing},
			"another scope": {w.signInWithScope(p.id, "email profile", "").AccessToken, session.ErrScopeMissing},
			"ID token":      {g.IDToken, session.ErrUnauthenticated},
			"refresh token": {g.RefreshToken, session.ErrUnauthenticated},
			"nothing":       {secret.String{}, session.ErrUnauthenticated},
		} {
			if _, err := w.UserInfo(w.Context(), c.token); !errors.Is(err, c.want) {
				w.Errorf("%s: %v", name, err)
			}
		}
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeSession(w.Context(), p.id, g.Session.ID) }))
		_, err := w.UserInfo(w.Context(), g.AccessToken)
		w.is(err, session.ErrSessionRevoked)
		w.clock.Advance(10 * time.Minute)
		_, err = w.UserInfo(w.Context(), g.AccessToken)
		w.is(err, session.ErrTokenExpired)
	})
}

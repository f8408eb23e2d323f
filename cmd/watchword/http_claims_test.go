package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
)

// claims verifies an access token as an application does that knows nothing but
// the served key set.
func (w *world) claims(token string) (header jose.Header, claims map[string]any) {
	w.t.Helper()
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(w.app().get("/.well-known/jwks.json").want(w.t, 200, "").text), &keys); err != nil {
		w.t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := parsed.Claims(keys, &claims); err != nil {
		w.t.Fatal(err)
	}
	return parsed.Headers[0], claims
}

func TestAccessTokenSaysWhatIsPromised(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "EdDSA", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, store.SQLite, generous+`
tokens: {algorithm: `+algorithm+`}
default_client: web
clients:
  - {id: web, name: Web, audience: https://api.example.com}
  - {id: shop, name: Shop}
`)
			in := w.app().signUp("ada@example.com")
			header, got := w.claims(in.str("access_token"))
			if header.Algorithm != algorithm || header.ExtraHeaders["typ"] != "at+jwt" || header.KeyID == "" {
				t.Errorf("%+v", header)
			}
			now := float64(w.clock.Now().Unix())
			jti, _ := got["jti"].(string)
			if jti == "" {
				t.Error("no jti")
			}
			want := map[string]any{
				"iss": w.url, "sub": in.str("user", "id"), "aud": "https://api.example.com", "exp": now + 600, "iat": now, "jti": jti,
				"sid": in.str("session_id"), "acc": in.str("account", "id"), "role": "owner", "email": "ada@example.com",
				"email_verified": false, "amr": []any{"pwd"}, "auth_time": now, "client_id": "web",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}

			w.clock.Advance(90 * time.Second)
			next := w.app().post("/auth/refresh", refreshBody(in)).want(t, 200, "")
			_, after := w.claims(next.str("access_token"))
			if after["jti"] == jti || after["iat"] != now+90 || after["exp"] != now+690 {
				t.Errorf("after a refresh: %v", after)
			}
			for _, changing := range []string{"exp", "iat", "jti"} {
				after[changing] = got[changing]
			}
			if diff := cmp.Diff(got, after); diff != "" {
				t.Errorf("a refresh changed the claims:\n%s", diff)
			}
			other := w.app().post("/auth/sign-in", credentials, "X-Client-Id", "shop").want(t, 200, "")
			if _, got := w.claims(other.str("access_token")); got["aud"] != w.url || got["client_id"] != "shop" {
				t.Errorf("of the other client: %v", got)
			}
		})
	}
}

func TestAccessTokenOpensNothingAfterItsEndOrWhenAltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	in := w.app().signUp("ada@example.com")
	token := in.str("access_token")
	me := func(token string) answer { return w.app().get("/auth/me", "Authorization", "Bearer "+token) }
	me(token).want(t, 200, "")
	middle := len(token) / 2
	altered := byte('A')
	if token[middle] == altered {
		altered = 'B'
	}
	me(token[:middle]+string(altered)+token[middle+1:]).want(t, 401, "unauthenticated")
	me(in.str("refresh_token")).want(t, 401, "unauthenticated")
	w.clock.Advance(10*time.Minute - time.Second)
	me(token).want(t, 200, "")
	w.clock.Advance(time.Second)
	expired := me(token).want(t, 401, "token_expired")
	if got := expired.header.Get("WWW-Authenticate"); got != `Bearer realm="watchword", error="invalid_token"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
}

func TestMeIsReadFromLiveRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	ada, bob := app.signUp("ada@example.com"), app.signUp("bob@example.com")
	team := w.joins(ada, bob, "admin")
	w.alter("UPDATE emails SET verified_at = created_at WHERE address = 'ada@example.com'")
	now := w.clock.Now().Format(time.RFC3339)
	got := app.get("/auth/me", bearerOf(ada)...).want(t, 200, "")
	accounts, _ := got.body["accounts"].([]any)
	emails, _ := got.body["emails"].([]any)
	if len(accounts) != 2 || len(emails) != 1 {
		t.Fatalf("%s", got.text)
	}
	joined := accounts[0].(map[string]any)
	if joined["id"] != string(team) {
		joined = accounts[1].(map[string]any)
	}
	if joined["id"] != string(team) || joined["role"] != "admin" || joined["joined_at"] != now {
		t.Errorf("accounts: %v", accounts)
	}
	if email := emails[0].(map[string]any); email["email"] != "ada@example.com" || email["verified"] != true || email["primary"] != true {
		t.Errorf("emails: %v", emails)
	}
	user, _ := got.body["user"].(map[string]any)
	if user["email_verified"] != true || user["created_at"] != now || got.str("account", "id") != ada.str("account", "id") ||
		got.body["has_password"] != true || got.str("session", "auth_time") != now || got.str("session", "expires_at") != ada.str("refresh_expires_at") {
		t.Errorf("%s", got.text)
	}
	w.alter("UPDATE users SET status = 'disabled' WHERE id = $1", ada.str("user", "id"))
	app.get("/auth/me", bearerOf(ada)...).want(t, 401, "session_revoked")
	app.post("/auth/refresh", refreshBody(ada)).want(t, 401, "session_revoked")
	app.post("/auth/sign-in", credentials).want(t, 403, "user_disabled")
	app.post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`).want(t, 401, "invalid_credentials")
}

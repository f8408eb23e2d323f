package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// scopedCode is a code that was asked for with a scope and a nonce.
func (w *town) scopedCode(email, scope, nonce string, headers ...string) string {
	w.t.Helper()
	code := w.pkceCode(email, headers...)
	w.alter("UPDATE one_time_tokens SET scope = $1, nonce = $2 WHERE purpose = 'authorization_code' AND used_at IS NULL", scope, nonce)
	return code
}

// scoped are the tokens of a session of this scope.
func (w *town) scoped(email, scope string) answer {
	w.t.Helper()
	return w.tokenCall(exchange(w.scopedCode(email, scope, ""))).want(w.t, 200, "")
}

// refreshForm presents a refresh token as the client of exchange.
func refreshForm(in answer) url.Values {
	return url.Values{"grant_type": {grantRefresh}, "client_id": {"web"}, "refresh_token": {in.str("refresh_token")}}
}

const grantRefresh = "refresh_token"

// jwtPart is the header or the claims of a JWT.
func jwtPart(t *testing.T, text string, part int) map[string]any {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", text)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestWhoAsksForOpenIDGetsAnIDToken(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		got := w.tokenCall(exchange(w.scopedCode("ada@example.com", "openid email address", "the nonce"))).want(t, 200, "")
		if got.str("scope") != "openid email" {
			t.Errorf("granted %q", got.str("scope"))
		}
		claims := jwtPart(t, got.str("id_token"), 1)
		access := jwtPart(t, got.str("access_token"), 1)
		for name, want := range map[string]any{
			"iss": w.url, "aud": "web", "sub": access["sub"], "sid": access["sid"], "auth_time": access["auth_time"], "exp": access["exp"],
			"nonce": "the nonce", "email": "ada@example.com", "email_verified": true, "name": nil,
		} {
			if claims[name] != want {
				t.Errorf("%s is %v, want %v", name, claims[name], want)
			}
		}
		if access["scope"] != "openid email" || access["nonce"] != nil {
			t.Errorf("the access token says %v", access)
		}
		again := w.tokenCall(refreshForm(got)).want(t, 200, "")
		later := jwtPart(t, again.str("id_token"), 1)
		if again.str("scope") != "openid email" || later["nonce"] != nil || later["sub"] != claims["sub"] || later["auth_time"] != claims["auth_time"] {
			t.Errorf("refreshed: %s\n%v", again.text, later)
		}
		// One that is no part of it.
		plain := w.tokenCall(exchange(w.scopedCode("ada@example.com", "profile", ""))).want(t, 200, "")
		if plain.body["id_token"] != nil || plain.str("scope") != "profile" {
			t.Errorf("got %s", plain.text)
		}
	})
}

func TestParallelRefreshesGetOneIDToken(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	form := refreshForm(w.scoped("ada@example.com", "openid profile"))
	texts := make([]string, 100)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() { texts[i] = w.tokenCall(form).text })
	}
	all.Wait()
	slices.Sort(texts)
	if len(slices.Compact(texts)) != 1 || !strings.Contains(texts[0], `"id_token"`) {
		t.Errorf("not one answer: %.2000q", texts)
	}
}

func TestUserInfoTellsTheBearerWhatTheScopeDoes(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		all := w.scoped("ada@example.com", "openid email profile")
		bearer := []string{"Authorization", "Bearer " + all.str("access_token")}
		w.app().do("PATCH", "/auth/me", `{"name":"Ada","picture":"https://example.com/ada.png"}`, bearer...).want(t, 200, "")
		sub := jwtPart(t, all.str("id_token"), 1)["sub"].(string)
		want := `{"sub":"` + sub + `","email":"ada@example.com","email_verified":true,"name":"Ada","picture":"https://example.com/ada.png","locale":"en"}` + "\n"
		for name, got := range map[string]answer{
			"by GET":        w.app().get("/oauth2/userinfo", bearer...),
			"by POST":       w.app().post("/oauth2/userinfo", "", bearer...),
			"with a form":   w.app().submit("/oauth2/userinfo", "access_token="+all.str("access_token")),
			"from anywhere": w.app().submit("/oauth2/userinfo", "x=y", append(bearer, "Origin", "https://anywhere.example", "Sec-Fetch-Site", "cross-site")...),
		} {
			if got.status != 200 || got.text != want || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %d %s, want %s", name, got.status, got.text, want)
			}
		}
		w.alter("UPDATE emails SET address = 'new@example.com'") // the token still says the old one
		if got := w.app().get("/oauth2/userinfo", bearer...); got.str("email") != "new@example.com" {
			t.Errorf("not from live rows: %s", got.text)
		}
	})
}

func TestUserInfoIsForLiveTokensOfScopeOpenIDAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	good, narrow := w.scoped("ada@example.com", "openid"), w.scoped("bob@example.com", "email")
	for name, c := range map[string]struct {
		headers   []string
		status    int
		code      string
		challenge string
	}{
		"nothing":       {nil, 401, "unauthenticated", `Bearer realm="watchword"`},
		"a cookie":      {[]string{"Cookie", "access_token=" + good.str("access_token")}, 401, "unauthenticated", `Bearer realm="watchword"`},
		"garbage":       {[]string{"Authorization", "Bearer garbage"}, 401, "unauthenticated", `Bearer realm="watchword", error="invalid_token"`},
		"ID token":      {[]string{"Authorization", "Bearer " + good.str("id_token")}, 401, "unauthenticated", `Bearer realm="watchword", error="invalid_token"`},
		"refresh token": {[]string{"Authorization", "Bearer " + good.str("refresh_token")}, 401, "unauthenticated", `Bearer realm="watchword", error="invalid_token"`},
		"another scope": {[]string{"Authorization", "Bearer " + narrow.str("access_token")}, 403, "insufficient_scope", `Bearer realm="watchword", error="insufficient_scope", scope="openid"`},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := w.app().do(method, "/oauth2/userinfo", "", c.headers...).want(t, c.status, c.code)
			if challenge := got.header.Get("WWW-Authenticate"); challenge != c.challenge {
				t.Errorf("%s, %s: WWW-Authenticate %q, want %q", method, name, challenge, c.challenge)
			}
		}
	}
	bearer := []string{"Authorization", "Bearer " + good.str("access_token")}
	w.app().do(http.MethodPost, "/oauth2/userinfo", "access_token=x", append(bearer, "Content-Type", formType)...).want(t, 400, "invalid_request")
	w.app().get("/oauth2/userinfo?access_token="+good.str("access_token")).want(t, 401, "unauthenticated")
	w.app().post("/auth/sign-out", "{}", bearer...).want(t, 204, "")
	w.app().get("/oauth2/userinfo", bearer...).want(t, 401, "session_revoked")
}

// Nor is it one in a cookie, anywhere.
func TestAnIDTokenOpensNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	id := w.scoped("ada@example.com", "openid email profile").str("id_token")
	for _, headers := range [][]string{{"Authorization", "Bearer " + id}, {"Cookie", "access_token=" + id}} {
		w.app().get("/auth/me", headers...).want(t, 401, "unauthenticated")
	}
}

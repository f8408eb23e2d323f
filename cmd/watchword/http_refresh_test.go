package main

import (
	"strings"
	"testing"
	"time"

	"watchword/internal/store"
)

func refreshBody(a answer) string { return `{"refresh_token":"` + a.str("refresh_token") + `"}` }

func TestRefreshKeepsWhatItTellsOfTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	in := app.signUp("ada@example.com")
	w.clock.Advance(time.Minute)
	next := app.post("/auth/refresh", refreshBody(in)).want(t, 200, "")
	if next.body["expires_in"] != 600.0 || next.str("token_type") != "Bearer" || next.str("session_id") != in.str("session_id") ||
		next.body["is_new_user"] != false || next.str("user", "id") != in.str("user", "id") || next.str("account", "id") != in.str("account", "id") {
		t.Errorf("%s", next.text)
	}
	if ends := w.clock.Now().Add(7 * 24 * time.Hour).Format(time.RFC3339); next.str("refresh_expires_at") != ends {
		t.Errorf("ends at %s, want %s", next.str("refresh_expires_at"), ends)
	}
	// The predecessor within its grace gets the same answer, whole.
	if again := app.post("/auth/refresh", refreshBody(in)).want(t, 200, ""); again.text != next.text {
		t.Errorf("got  %s\nwant %s", again.text, next.text)
	}
	w.clock.Advance(31 * time.Second)
	app.post("/auth/refresh", refreshBody(in)).want(t, 401, "refresh_token_reused")
	app.post("/auth/refresh", refreshBody(next)).want(t, 401, "session_revoked")
	app.get("/auth/me", "Authorization", "Bearer "+next.str("access_token")).want(t, 401, "session_revoked")
}

func TestRefreshSaysWhyItRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+`
default_client: web
clients:
  - {id: web, name: Web}
  - {id: shop, name: Shop}
  - {id: backend, name: Backend, type: confidential, secret: `+backendSecret+`}
`)
	app := w.app()
	in := app.signUp("ada@example.com")
	bearer := []string{"Authorization", "Bearer " + in.str("access_token")}
	app.post("/auth/refresh", "").want(t, 401, "refresh_token_missing")
	app.post("/auth/refresh", "{}").want(t, 401, "refresh_token_missing")
	app.post("/auth/refresh", "", bearer...).want(t, 401, "refresh_token_missing")
	app.post("/auth/refresh", `{"refresh_token":""}`).want(t, 401, "refresh_token_missing")
	for _, token := range []string{"x", "rt_", "rt_" + strings.Repeat("A", 101), in.str("access_token")[:500], in.str("refresh_token") + "A", strings.ToUpper(in.str("refresh_token"))} {
		app.post("/auth/refresh", `{"refresh_token":"`+token+`"}`).want(t, 401, "refresh_token_invalid")
	}
	app.post("/auth/refresh", refreshBody(in), "X-Client-Id", "shop").want(t, 401, "refresh_token_invalid")
	app.post("/auth/refresh", refreshBody(in), "X-Client-Id", "web").want(t, 200, "")

	held := app.post("/auth/sign-in", credentials, "X-Client-Id", "backend").want(t, 200, "")
	app.post("/auth/refresh", refreshBody(held)).want(t, 401, "client_auth_required")
	app.post("/auth/switch-account", refreshBody(held)).want(t, 401, "client_auth_required")

	lost := app.post("/auth/sign-in", credentials).want(t, 200, "")
	w.clock.Advance(7 * 24 * time.Hour)
	app.post("/auth/refresh", refreshBody(lost)).want(t, 401, "refresh_token_expired")
}

func TestTokenInTheBodyIsNeverMixedWithAnotherSessionsCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.signUp("ada@example.com")
	other := w.app().post("/auth/sign-in", credentials).want(t, 200, "")
	for _, path := range []string{"/auth/refresh", "/auth/switch-account"} {
		page.post(path, refreshBody(other)).want(t, 400, "token_conflict")
	}
	w.app().post("/auth/refresh", refreshBody(other)).want(t, 200, "") // the refusal used nothing up
	page.post("/auth/refresh", "", page.csrf()...).want(t, 200, "")
}

// Cookies of another product on the same domain are nobody's fault.
func TestUnreadableCookieCountsAsAbsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	in := w.app().signUp("ada@example.com")
	foreign := []string{"Cookie", "access_token=theirs; refresh_token=theirs; __Host-csrf_session=theirs; __Host-device=theirs"}
	w.app().post("/auth/sign-in", credentials, foreign...).want(t, 200, "")
	w.app().get("/auth/csrf/init", foreign...).want(t, 200, "")
	w.app().post("/auth/refresh", refreshBody(in), foreign...).want(t, 200, "")
	w.app().post("/auth/refresh", "", foreign...).want(t, 401, "refresh_token_missing")
	w.app().post("/auth/sign-out", "", foreign...).want(t, 401, "unauthenticated")
}

func TestBearerWinsOverTheCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.signUp("ada@example.com")
	bob := w.app().signUp("bob@example.com")
	if got := page.get("/auth/me", "Authorization", "Bearer "+bob.str("access_token")).want(t, 200, ""); got.str("user", "email") != "bob@example.com" {
		t.Errorf("%s", got.text)
	}
	page.get("/auth/me", "Authorization", "Bearer garbage").want(t, 401, "unauthenticated") // and not the cookie instead
	// Bob's bearer ends Bob's session and leaves Ada's browser alone.
	out := page.post("/auth/sign-out", "", "Authorization", "Bearer "+bob.str("access_token")).want(t, 204, "")
	if out.header.Values("Set-Cookie") != nil {
		t.Errorf("%q", out.header.Values("Set-Cookie"))
	}
	if got := page.get("/auth/me").want(t, 200, ""); got.str("user", "email") != "ada@example.com" {
		t.Errorf("%s", got.text)
	}
}

func TestRefusedRefreshLeavesTheCookiesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "limits: {refresh_per_session: 2/1m}")
	page := w.page()
	in := page.signUp("ada@example.com")
	csrf := page.csrf()
	for _, got := range []answer{
		page.post("/auth/refresh", ""),
		page.post("/auth/refresh", "", "X-CSRF-Token", "x"),
		page.post("/auth/refresh", `{"refresh_token":"x"}`),
		page.post("/auth/refresh", `{"x":1}`, csrf...),
		page.post("/auth/refresh", "", csrf...).want(t, 200, ""),
		page.post("/auth/refresh", "", csrf...).want(t, 200, ""),
		page.post("/auth/refresh", "", csrf...).want(t, 429, "rate_limited"),
		page.post("/auth/refresh", "", "Origin", "https://evil.example.com"),
	} {
		if got.status != 200 && got.header.Values("Set-Cookie") != nil {
			t.Errorf("%d set cookies: %q", got.status, got.header.Values("Set-Cookie"))
		}
		if got.status == 429 && got.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if got := page.get("/auth/me").want(t, 200, ""); got.str("session", "id") != in.str("session_id") {
		t.Errorf("%s", got.text)
	}
}

package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"watchword/internal/store"
)

func TestSessionCookiesAreOutOfReachOfPagesAndLiveAsLongAsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.app().signUp("ada@example.com")
	for body, want := range map[string]struct{ life, maxAge time.Duration }{
		credentials: {7 * 24 * time.Hour, 7 * 24 * time.Hour},
		strings.Replace(credentials, "}", `,"remember":true}`, 1):  {7 * 24 * time.Hour, 7 * 24 * time.Hour},
		strings.Replace(credentials, "}", `,"remember":false}`, 1): {12 * time.Hour, 0},
	} {
		in := w.app().post("/auth/sign-in", body).want(t, 200, "")
		again := w.app().post("/auth/refresh", "", in.asCookies(w)...).want(t, 200, "")
		if again.cookie("refresh_token").MaxAge != in.cookie("refresh_token").MaxAge {
			t.Errorf("%s: a refresh made it %s", body, again.cookie("refresh_token"))
		}
		if ends := w.clock.Now().Add(want.life).Format(time.RFC3339); in.str("refresh_expires_at") != ends {
			t.Errorf("%s: ends at %s, want %s", body, in.str("refresh_expires_at"), ends)
		}
		for _, name := range []string{"access_token", "refresh_token"} {
			c := in.cookie(name)
			c.Raw, c.Value = "", ""
			got := *c
			if !got.HttpOnly || !got.Secure || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" ||
				got.MaxAge != int(want.maxAge/time.Second) || !got.Expires.IsZero() {
				t.Errorf("%s: %s", body, c)
			}
		}
	}
}

// asCookies are the headers of a browser that holds the answer's cookies.
func (a answer) asCookies(w *world) []string {
	w.t.Helper()
	session := w.app().get("/auth/csrf/init").want(w.t, 200, "").cookie("__Host-csrf_session")
	cookies := session.Name + "=" + session.Value
	for _, name := range []string{"access_token", "refresh_token"} {
		cookies += "; " + name + "=" + a.cookie(name).Value
	}
	token := w.app().get("/auth/csrf/token", "Cookie", cookies).want(w.t, 200, "").str("csrf_token")
	return []string{"Cookie", cookies, "X-CSRF-Token", token}
}

// The cookies' end comes nearer as the absolute end of the session does.
func TestRefreshedCookiesEndWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.signUp("ada@example.com")
	for range 5 {
		w.clock.Advance(5 * 24 * time.Hour)
		csrf := page.csrf()
		got := page.post("/auth/refresh", "", csrf...).want(t, 200, "")
		ends, err := time.Parse(time.RFC3339, got.str("refresh_expires_at"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"access_token", "refresh_token"} {
			if left := int(ends.Sub(w.clock.Now()) / time.Second); got.cookie(name).MaxAge != left {
				t.Errorf("%s: Max-Age %d, and the session has %d left", name, got.cookie(name).MaxAge, left)
			}
		}
	}
	w.clock.Advance(5 * 24 * time.Hour) // the thirtieth day
	got := page.post("/auth/refresh", "", page.csrf()...).want(t, 401, "refresh_token_expired")
	if got.header.Values("Set-Cookie") != nil {
		t.Errorf("a refresh that failed set cookies: %q", got.header.Values("Set-Cookie"))
	}
}

func TestSessionCookiesAreNamedAndPlacedBySettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+`
cookies: {domain: "", access_name: aa, refresh_name: rr}
`)
	page := w.page()
	in := page.signUp("ada@example.com")
	if in.cookie("aa") == nil || in.cookie("rr") == nil || in.carries() != "token" {
		t.Fatalf("%q", in.header.Values("Set-Cookie"))
	}
	page.get("/auth/me").want(t, 200, "")
	out := page.post("/auth/sign-out", "", page.csrf()...).want(t, 204, "")
	if out.cookie("aa").MaxAge >= 0 || out.cookie("rr").MaxAge >= 0 {
		t.Errorf("%q", out.header.Values("Set-Cookie"))
	}
	page.get("/auth/me").want(t, 401, "unauthenticated")
}

func TestSignOutClearsTheCookiesThatSignInSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	set := page.signUp("ada@example.com")
	cleared := page.post("/auth/sign-out", "", page.csrf()...).want(t, 204, "")
	for _, name := range []string{"access_token", "refresh_token"} {
		was, is := set.cookie(name), cleared.cookie(name)
		if is == nil || is.MaxAge >= 0 || is.Value != "" || is.Path != was.Path || is.Domain != was.Domain || !is.Secure || !is.HttpOnly {
			t.Errorf("%s: set as %s, cleared as %v", name, was, is)
		}
	}
}

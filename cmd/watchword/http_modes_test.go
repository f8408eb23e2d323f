package main

import (
	"net/http"
	"slices"
	"testing"

	"watchword/internal/store"
)

// csrf begins a CSRF session in the browser and gives the header for its calls.
func (b *browser) csrf() []string {
	b.w.t.Helper()
	b.get("/auth/csrf/init").want(b.w.t, 200, "")
	return []string{"X-CSRF-Token", b.get("/auth/csrf/token").want(b.w.t, 200, "").str("csrf_token")}
}

// cookie is the cookie of that name in the answer, nil if it sets none.
func (a answer) cookie(name string) *http.Cookie {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// carries says how the tokens came: in the body, as cookies, or both.
func (a answer) carries() string {
	body, cookies := a.str("access_token") != "" && a.str("refresh_token") != "", a.cookie("access_token") != nil && a.cookie("refresh_token") != nil
	switch {
	case body && cookies:
		return "both"
	case body:
		return "token"
	case cookies:
		return "cookie"
	default:
		return "nothing"
	}
}

const credentials = `{"email":"ada@example.com","password":"` + testPassword + `"}`

func TestSessionModeDecidesHowTokensTravel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	if got := w.app("X-Session-Mode", "cookie").signUp("ada@example.com").carries(); got != "cookie" {
		t.Errorf("a sign-up in cookie mode carries %s", got)
	}
	for _, mode := range []string{"both", "token", "cookie", ""} {
		want := mode
		if mode == "" {
			want = "both"
		}
		if got := w.app().post("/auth/sign-in", credentials, "X-Session-Mode", mode).want(t, 200, "").carries(); got != want {
			t.Errorf("a sign-in in mode %q carries %s", mode, got)
		}
	}
}

// What a session's mode does not carry, no later call can get out of it.
func TestSessionModeIsNarrowedAndNeverWidened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.app().signUp("ada@example.com")
	wants := map[string]map[string]string{
		"both":   {"": "both", "both": "both", "token": "token", "cookie": "cookie"},
		"token":  {"": "token", "both": "token", "token": "token", "cookie": "token"},
		"cookie": {"": "cookie", "both": "cookie", "token": "cookie", "cookie": "cookie"},
	}
	for mode, asked := range wants {
		for ask, want := range asked {
			for _, path := range []string{"/auth/refresh", "/auth/switch-account"} {
				page := w.page("X-Session-Mode", mode)
				in := page.post("/auth/sign-in", credentials).want(t, 200, "")
				page.headers = nil
				headers, body := append(page.csrf(), "X-Session-Mode", ask), "{}"
				if mode == "token" { // there is no cookie to go on with
					body = `{"refresh_token":"` + in.str("refresh_token") + `"}`
				}
				got := page.post(path, body, headers...).want(t, 200, "")
				if got.carries() != want {
					t.Errorf("%s: a session in mode %s, asked for %q, carries %s, want %s", path, mode, ask, got.carries(), want)
				}
			}
		}
	}
}

// A program in mode both that sends its token in the body and keeps no cookies
// is sent none; one that does keep them must not be left with old ones.
func TestCookiesAreRewrittenWhereThereAreSome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	in := w.app().signUp("ada@example.com")
	next := w.app().post("/auth/refresh", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 200, "")
	if next.carries() != "token" {
		t.Errorf("without cookies: %s", next.carries())
	}
	page := w.page()
	in = page.post("/auth/sign-in", credentials).want(t, 200, "")
	next = page.post("/auth/refresh", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 200, "")
	if next.carries() != "both" || next.cookie("refresh_token").Value != next.str("refresh_token") {
		t.Errorf("with cookies: %s", next.carries())
	}
	if other := next.header.Values("Set-Cookie"); slices.Contains(other, "") || len(other) != 2 {
		t.Errorf("cookies: %q", other)
	}
}

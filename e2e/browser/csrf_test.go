package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// lived is a session that a page has lived.
type lived struct {
	Steps map[string]struct {
		Status int            `json:"status"`
		Body   map[string]any `json:"body"`
	} `json:"steps"`
	Cookies []struct {
		Name     string `json:"name"`
		HTTPOnly bool   `json:"httpOnly"`
		Secure   bool   `json:"secure"`
		SameSite string `json:"sameSite"`
	} `json:"cookies"`
	watched
}

func testCSRF(t *testing.T, server string) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>An app</title><link rel="icon" href="data:,"><script src="%s/auth/csrf/init"></script>`, server)
	}))
	t.Cleanup(page.Close)
	var seen lived
	drive(t, "csrf.mjs", map[string]string{
		"url": strings.Replace(page.URL, "127.0.0.1", "localhost", 1), "server": server,
		"email": "grace@example.com", "password": "violet tambourine 41 harvest",
	}, &seen)

	for step, want := range map[string]int{
		"sign up": 201, "me": 200, "patch by fetch": 200, "patch by XMLHttpRequest": 200, "patch by Request": 200,
		"patch past the snippet": 403, "refresh": 200, "sign out": 204, "me when signed out": 401, "sign in": 200,
		"patch by XMLHttpRequest after signing in again": 200, "patch by fetch after signing in again": 200,
	} {
		if got := seen.Steps[step]; got.Status != want {
			t.Errorf("%s: %d %v, want %d", step, got.Status, got.Body["code"], want)
		}
	}
	for _, step := range []string{"sign up", "refresh", "sign in"} {
		if body := seen.Steps[step].Body; body["access_token"] != nil || body["refresh_token"] != nil {
			t.Errorf("%s: tokens in the body in cookie mode", step)
		}
	}
	if readable := seen.Steps["readable"].Body["cookies"]; readable != "" {
		t.Errorf("scripts can read cookies: %v", readable)
	}
	checkCookies(t, seen)
}

func checkCookies(t *testing.T, seen lived) {
	t.Helper()
	sameSite := map[string]string{"access_token": "Lax", "refresh_token": "Lax", "__Host-csrf_session": "Strict"}
	for _, c := range seen.Cookies {
		want, known := sameSite[c.Name]
		if known && (!c.HTTPOnly || !c.Secure || c.SameSite != want) {
			t.Errorf("%+v", c)
		}
		delete(sameSite, c.Name)
	}
	if len(sameSite) > 0 {
		t.Errorf("cookies that are missing: %v", sameSite)
	}
}

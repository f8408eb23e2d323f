package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func corsMux() *Mux {
	mux := NewMux(map[string]Rule{
		"GET /.well-known/jwks.json": {CORS: CORSPublic},
		"GET /dev/inbox":             {CORS: CORSNone},
		"DELETE /dev/inbox":          {CORS: CORSNone},
	})
	for _, pattern := range []string{
		"GET /.well-known/jwks.json", "GET /dev/inbox", "DELETE /dev/inbox",
		"GET /auth/me", "PATCH /auth/me", "POST /auth/sign-in",
	} {
		mux.HandleFunc(pattern, healthz)
	}
	return mux
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	h := newFixture(t, corsMux())
	for _, c := range []struct {
		name, path, method, origin string
		allowed                    string
	}{
		{"listed", "/auth/sign-in", "POST", appOrigin, appOrigin},
		{"listed by another client", "/auth/me", "PATCH", otherOrigin, otherOrigin},
		{"of a path that is not there", "/nowhere", "POST", appOrigin, appOrigin},
		{"public", "/.well-known/jwks.json", "GET", "https://anyone.example", "*"},
		{"foreign", "/auth/sign-in", "POST", "https://evil.example", ""},
		{"null", "/auth/sign-in", "POST", "null", ""},
		{"the inbox", "/dev/inbox", "GET", appOrigin, ""},
		{"the inbox, unsafe", "/dev/inbox", "DELETE", appOrigin, ""},
	} {
		w := send(h, "OPTIONS", c.path, "", "Origin", c.origin, "Access-Control-Request-Method", c.method)
		got := w.Header()
		if got.Get("Access-Control-Allow-Origin") != c.allowed {
			t.Errorf("%s: %v", c.name, got)
		}
		if !strings.Contains(got.Get("Vary"), "Origin") {
			t.Errorf("%s: Vary %q", c.name, got.Get("Vary"))
		}
		if c.allowed == "" {
			wantProblem(t, w, 403, "cross_origin_refused")
			continue
		}
		if w.Code != http.StatusNoContent || got.Get("Access-Control-Max-Age") == "" {
			t.Errorf("%s: %d %v", c.name, w.Code, got)
		}
		// With credentials a browser takes no wildcard, and must not be given one.
		if credentials := got.Get("Access-Control-Allow-Credentials"); (credentials == "true") != (c.allowed != "*") {
			t.Errorf("%s: credentials %q", c.name, credentials)
		}
		headers := strings.Split(got.Get("Access-Control-Allow-Headers"), ", ")
		for _, name := range []string{
			"Authorization", "Content-Type", "X-Client-Id", "X-CSRF-Token", "X-Session-Mode",
			"Accept-Language", "If-Match", "If-None-Match", "Idempotency-Key",
		} {
			if !slices.Contains(headers, name) {
				t.Errorf("%s: %s is not allowed", c.name, name)
			}
		}
	}
	w := send(h, "OPTIONS", "/auth/sign-in", "", "Origin", appOrigin, "Access-Control-Request-Method", "POST")
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if !strings.Contains(w.Header().Get("Access-Control-Allow-Methods"), method) {
			t.Errorf("%s is not allowed", method)
		}
	}
	wantProblem(t, send(h, "OPTIONS", "/auth/sign-in", ""), 405, "method_not_allowed") // no preflight
}

func TestAnswersAreReadableByPagesOfTheClientNamed(t *testing.T) {
	t.Parallel()
	h := newFixture(t, corsMux())
	for _, c := range []struct {
		name, path, origin, client string
		allowed                    string
	}{
		{"default client", "/auth/me", appOrigin, "", appOrigin},
		{"client named", "/auth/me", otherOrigin, "other", otherOrigin},
		{"another client named", "/auth/me", appOrigin, "other", ""},
		{"listed elsewhere only", "/auth/me", otherOrigin, "", ""},
		{"unknown client", "/auth/me", appOrigin, "nobody", ""},
		{"foreign", "/auth/me", "https://evil.example", "", ""},
		{"null", "/auth/me", "null", "", ""},
		{"public", "/.well-known/jwks.json", "https://anyone.example", "", "*"},
		{"the inbox", "/dev/inbox", appOrigin, "", ""},
		{"what is not there", "/nowhere", appOrigin, "", appOrigin},
	} {
		headers := []string{"Origin", c.origin}
		if c.client != "" {
			headers = append(headers, "X-Client-Id", c.client)
		}
		got := send(h, "GET", c.path, "", headers...).Header()
		if got.Get("Access-Control-Allow-Origin") != c.allowed {
			t.Errorf("%s: %v", c.name, got)
		}
		credentials := got.Get("Access-Control-Allow-Credentials") == "true"
		if credentials != (c.allowed != "" && c.allowed != "*") {
			t.Errorf("%s: credentials %v", c.name, credentials)
		}
		if c.allowed != "" && !strings.Contains(got.Get("Access-Control-Expose-Headers"), "X-Request-Id") {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if got := send(h, "GET", "/auth/me", "").Header().Get("Vary"); got != "Origin" {
		t.Errorf("without an Origin: Vary %q", got)
	}
}

func TestAListedPageCanReadWhyItWasRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, corsMux())
	for _, path := range []string{"/auth/sign-in", "/nowhere", "/auth/me"} {
		w := send(h, "POST", path, "{", "Origin", appOrigin, "Content-Type", "application/json")
		if w.Code < 400 || w.Header().Get("Access-Control-Allow-Origin") != appOrigin {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

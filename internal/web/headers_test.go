package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	h := newFixture(t, answering("GET /x", nil), func(o *Options) { o.Hosts = []string{"auth.example.com"} })
	for _, w := range []http.Header{
		send(h, "GET", "/x", "", "Host", "auth.example.com").Header(),
		send(h, "GET", "/nowhere", "", "Host", "auth.example.com").Header(),
		send(h, "GET", "/x", "", "Host", "evil.example").Header(),
	} {
		for name, want := range map[string]string{
			"Cache-Control":                "no-store",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
			"Strict-Transport-Security":    "max-age=31536000",
		} {
			if got := w.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if w.Get("X-Request-Id") == "" {
			t.Error("no request id")
		}
	}
	plain := newFixture(t, answering("GET /x", nil), func(o *Options) { o.PublicURL = mustURL(t, "http://localhost:8080") })
	if got := send(plain, "GET", "/x", "").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS on plain http: %q", got)
	}
}

func TestOneAnswersHeadersDoNotReachAnother(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /changes", func(w http.ResponseWriter, _ *http.Request) {
		for name := range w.Header() {
			w.Header().Add(name, "changed")
		}
	})
	mux.HandleFunc("GET /x", healthz)
	h := newFixture(t, mux)
	send(h, "GET", "/changes", "")
	for name, values := range send(h, "GET", "/x", "").Header() {
		if strings.Contains(strings.Join(values, " "), "changed") {
			t.Errorf("%s: %v", name, values)
		}
	}
}

func TestPageHeaders(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	PageHeaders(h, "https://app.example.com", "https://evil.example; script-src *", "https://a.example/path",
		"javascript:alert(1)", "*", "https://*", "https://a.example,b.example", "'unsafe-inline'", "https://u@b.example/")
	csp := h.Get("Content-Security-Policy")
	if !strings.HasSuffix(csp, "form-action 'self' https://app.example.com") {
		t.Errorf("%s", csp)
	}
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self';"} {
		if !strings.Contains(csp, directive) {
			t.Errorf("%s lacks %s", csp, directive)
		}
	}
	if strings.Contains(csp, "unsafe") || h.Get("Referrer-Policy") != "same-origin" || h.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%v", h)
	}
}

func TestOnlyKnownHostsAreAnsweredUnderDevelopment(t *testing.T) {
	t.Parallel()
	mux := answering("GET /x", nil)
	h := newFixture(t, mux, func(o *Options) { o.Hosts = DevHosts(mustURL(t, "http://Auth.test:8080")) })
	for host, ok := range map[string]bool{
		"localhost":                    true,
		"localhost:8080":               true,
		"localhost:9000":               true, // a mapped port
		"LOCALHOST:8080":               true,
		"127.0.0.1:8080":               true,
		"[::1]:8080":                   true,
		"[::1]":                        true,
		"auth.test:8080":               true,
		"":                             false,
		"evil.example":                 false,
		"evil.example:8080":            false,
		"localhost.evil.example":       false,
		"evil.example#localhost":       false,
		"localhost:8080.evil":          false,
		"localhost@evil.example":       false,
		"127.0.0.1.evil.example":       false,
		"[::1].evil.example":           false,
		"[::1":                         false,
		"[evil.example]":               false,
		"[localhost]":                  false,
		"0.0.0.0:8080":                 false,
		"localhost.":                   false,
		"127.1":                        false,
		"localhost:8080, evil.example": false,
	} {
		w := send(h, "GET", "/x", "", "Host", host)
		if ok && w.Code != 200 {
			t.Errorf("%q: %d", host, w.Code)
		}
		if !ok {
			wantProblem(t, w, 421, "misdirected_request")
		}
	}
	if w := send(newFixture(t, mux), "GET", "/x", "", "Host", "any.example"); w.Code != 200 {
		t.Errorf("without a list: %d", w.Code)
	}
}

func TestAMailRunsNothingAndIsFramedByOursAlone(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	MailHeaders(h)
	directives := strings.Split(h.Get("Content-Security-Policy"), "; ")
	for _, want := range []string{
		"sandbox allow-popups allow-popups-to-escape-sandbox", "default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
	} {
		if !slices.Contains(directives, want) {
			t.Errorf("%q lacks %s", directives, want)
		}
	}
	if h.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%v", h)
	}
	page := http.Header{}
	FramePageHeaders(page)
	if csp := page.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; frame-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("%s", csp)
	}
}

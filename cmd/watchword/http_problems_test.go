package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"watchword/internal/store"
)

// Whatever goes wrong is told in one form.
func TestEveryErrorIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	form := "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		code    string
	}{
		"nowhere":             {w.request("GET", "/nowhere", ""), 404, "not_found"},
		"below an operation":  {w.request("GET", "/auth/me/x", ""), 404, "not_found"},
		"a slash too many":    {w.request("GET", "/auth/me/", ""), 404, "not_found"},
		"upper case":          {w.request("GET", "/Auth/Me", ""), 404, "not_found"},
		"post to nowhere":     {w.request("POST", "/nowhere", "{}"), 404, "not_found"},
		"wrong method":        {w.request("DELETE", "/auth/sign-in", ""), 405, "method_not_allowed"},
		"put":                 {w.request("PUT", "/auth/me", "{}"), 405, "method_not_allowed"},
		"trace":               {w.request("TRACE", "/auth/me", ""), 405, "method_not_allowed"},
		"made-up method":      {w.request("FROB", "/auth/me", ""), 405, "method_not_allowed"},
		"options, no origin":  {w.request("OPTIONS", "/auth/me", ""), 405, "method_not_allowed"},
		"not signed in":       {w.request("GET", "/auth/me", ""), 401, "unauthenticated"},
		"a form":              {w.request("POST", "/auth/sign-in", "a=b", "Content-Type", form), 415, "unsupported_media_type"},
		"too long":            {w.request("POST", "/auth/sign-in", strings.Repeat(" ", 70000)), 413, "body_too_large"},
		"unknown client":      {w.request("POST", "/auth/sign-in", credentials, "X-Client-Id", "x"), 404, "client_not_found"},
		"wrong fields":        {w.request("POST", "/auth/sign-in", "{}"), 422, "validation_failed"},
		"wants HTML":          {w.request("GET", "/auth/me", "", "Accept", "text/html"), 401, "unauthenticated"},
		"wants nothing":       {w.request("GET", "/auth/me", "", "Accept", "*/*;q=0"), 401, "unauthenticated"},
		"wants another thing": {w.request("GET", "/nowhere", "", "Accept", "image/png"), 404, "not_found"},
	} {
		got := w.app().send(test.request)
		if got.status != test.status || got.str("code") != test.code {
			t.Errorf("%s: got %d %s, want %d %s", name, got.status, got.text, test.status, test.code)
		}
		if got.header.Get("Content-Type") != "application/problem+json" || got.str("type") != "/docs/errors#"+test.code ||
			got.body["status"] != float64(test.status) || got.str("title") == "" || got.str("detail") == "" ||
			got.str("request_id") != got.header.Get("X-Request-Id") || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v %s", name, got.header, got.text)
		}
		if (test.status == 405) != (got.header.Get("Allow") != "") {
			t.Errorf("%s: Allow %q", name, got.header.Get("Allow"))
		}
	}
}

// Where the type of a problem leads, something stands.
func TestTypesOfProblemsLeadToTheirExplanation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	got := w.app().get("/auth/me").want(t, 401, "")
	path, anchor, _ := strings.Cut(got.str("type"), "#")
	page := w.program().get(path)
	if page.status != 200 || !strings.Contains(page.text, `id="`+anchor+`"`) {
		t.Errorf("%s answers %d", got.str("type"), page.status)
	}
}

func TestEveryAnswerHasAnIdOfOurOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	form, seen := regexp.MustCompile(`^[0-9a-f]{24}$`), map[string]bool{}
	for _, path := range []string{"/healthz", "/readyz", "/auth/me", "/nowhere", "/openapi.json", "/.well-known/jwks.json", "/auth/csrf/init", "/docs"} {
		id := w.program().get(path, "X-Request-Id", "chosen-by-the-caller").header.Get("X-Request-Id")
		if !form.MatchString(id) || seen[id] {
			t.Errorf("%s: %q", path, id)
		}
		seen[id] = true
	}
}

func TestProbesAndKeysAnswerEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := w.app().get(path).want(t, 200, ""); got.str("status") != "ok" {
			t.Errorf("%s: %s", path, got.text)
		}
		w.app().do(http.MethodHead, path, "").want(t, 200, "")
	}
	keys := w.app().get("/.well-known/jwks.json").want(t, 200, "")
	if list, _ := keys.body["keys"].([]any); len(list) == 0 || strings.Contains(keys.text, `"d":`) || keys.header.Get("Cache-Control") == "no-store" {
		t.Errorf("%v %s", keys.header, keys.text)
	}
	w.readiness.Drain()
	draining := w.app().get("/readyz").want(t, 503, "")
	if draining.header.Get("Retry-After") == "" || draining.body["retryable"] != true {
		t.Errorf("%v %s", draining.header, draining.text)
	}
	w.app().get("/healthz").want(t, 200, "")
	w.app().get("/.well-known/jwks.json").want(t, 200, "")
}

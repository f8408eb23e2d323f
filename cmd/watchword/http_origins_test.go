package main

import (
	"strings"
	"testing"

	"watchword/internal/store"
)

const twoClients = generous + `
default_client: web
clients:
  - {id: web, name: Web, origins: ["https://app.example.com"]}
  - {id: shop, name: Shop, origins: ["https://shop.example.com"]}
`

// Whatever authenticates it and whatever it does, sign-in too: a page that no
// client lists makes no browser send an unsafe call.
func TestUnsafeCallsOfForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, twoClients)
	who := w.everybody("ada@example.com")
	unsafe := 0
	for _, o := range operations(t) {
		if o.method == "GET" || o.anyOrigin() {
			continue
		}
		unsafe++
		for name, headers := range map[string][]string{
			"foreign origin":              {"Origin", "https://evil.example.com"},
			"foreign origin, cross-site":  {"Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site"},
			"no origin, cross-site":       {"Sec-Fetch-Site", "cross-site"},
			"no origin, same-site":        {"Sec-Fetch-Site", "same-site"},
			"null origin":                 {"Origin", "null", "Sec-Fetch-Site", "cross-site"},
			"another client's origin":     {"Origin", "https://shop.example.com", "Sec-Fetch-Site", "cross-site"},
			"listed, for another client":  {"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site", "X-Client-Id", "shop"},
			"listed, for nobody's client": {"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site", "X-Client-Id", "nobody"},
			"listed host on http":         {"Origin", "http://app.example.com", "Sec-Fetch-Site", "cross-site"},
			"listed host, another port":   {"Origin", "https://app.example.com:8443", "Sec-Fetch-Site", "cross-site"},
			"under a listed host":         {"Origin", "https://x.app.example.com", "Sec-Fetch-Site", "cross-site"},
		} {
			got := w.app().do(o.method, o.at("ses_x"), o.minimal(t), append(headers, who.credential(o)...)...)
			if got.status != 403 || got.str("code") != "cross_origin_refused" {
				t.Errorf("%s, %s: %d %s", o.OperationID, name, got.status, got.text)
			}
		}
	}
	if unsafe < 8 {
		t.Errorf("only %d unsafe operations", unsafe)
	}
}

func TestCallsOfListedPagesAndOfProgramsPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, twoClients)
	w.app().signUp("ada@example.com")
	for name, headers := range map[string][]string{
		"program":                 nil,
		"our own page":            {"Origin", w.url, "Sec-Fetch-Site", "same-origin"},
		"the address bar":         {"Sec-Fetch-Site", "none"},
		"our own page, old":       {"Origin", w.url},
		"listed page":             {"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"},
		"listed page, old":        {"Origin", "https://app.example.com"},
		"page of the other":       {"Origin", "https://shop.example.com", "X-Client-Id", "shop", "Sec-Fetch-Site", "cross-site"},
		"page of the default one": {"Origin", "https://app.example.com", "X-Client-Id", "web"},
	} {
		if got := w.app().post("/auth/sign-in", credentials, headers...); got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// Only pages of the client's origins may read answers, and answers say so to
// caches.
func TestAnswersAreReadableForTheClientsOriginsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, twoClients)
	app, shop := "https://app.example.com", "https://shop.example.com"
	for _, test := range []struct{ path, origin, client, allowed, credentials string }{
		{"/auth/me", app, "", app, "true"},
		{"/auth/me", shop, "", "", ""},
		{"/auth/me", shop, "shop", shop, "true"},
		{"/auth/me", app, "shop", "", ""},
		{"/auth/me", "null", "", "", ""},
		{"/auth/me", "", "", "", ""},
		{"/nowhere", app, "", app, "true"}, // or the page could not read why
		{"/.well-known/jwks.json", "https://evil.example.com", "", "*", ""},
		{"/openapi.json", "https://evil.example.com", "", "*", ""},
		{"/healthz", app, "", "", ""},
		{"/metrics", app, "", "", ""},
	} {
		headers := []string{"X-Client-Id", test.client}
		if test.origin != "" {
			headers = append(headers, "Origin", test.origin)
		}
		got := w.app().get(test.path, headers...).header
		if got.Get("Access-Control-Allow-Origin") != test.allowed || got.Get("Access-Control-Allow-Credentials") != test.credentials {
			t.Errorf("%+v: allowed %q, credentials %q", test, got.Get("Access-Control-Allow-Origin"), got.Get("Access-Control-Allow-Credentials"))
		}
		if strings.HasPrefix(test.path, "/auth") && got.Get("Vary") != "Origin" {
			t.Errorf("%+v: Vary %q", test, got.Get("Vary"))
		}
	}
}

func TestPreflightTellsWhatListedPagesMaySend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, twoClients)
	for _, o := range operations(t) {
		if !strings.HasPrefix(o.path, "/auth/") || o.method == "GET" || o.anyOrigin() {
			continue
		}
		ask := []string{"Access-Control-Request-Method", o.method, "Access-Control-Request-Headers", "content-type,x-csrf-token"}
		for _, origin := range []string{"https://app.example.com", "https://shop.example.com"} {
			got := w.app().do("OPTIONS", o.at("x"), "", append(ask, "Origin", origin)...).want(t, 204, "").header
			if got.Get("Access-Control-Allow-Origin") != origin || got.Get("Access-Control-Allow-Credentials") != "true" ||
				!strings.Contains(got.Get("Access-Control-Allow-Methods"), o.method) {
				t.Errorf("%s: %v", o.OperationID, got)
			}
			for _, p := range o.in("header") {
				if p.Name != "X-End-User-IP" && !strings.Contains(got.Get("Access-Control-Allow-Headers"), p.Name) {
					t.Errorf("%s takes %s, which pages may not send", o.OperationID, p.Name)
				}
			}
		}
		w.app().do("OPTIONS", o.at("x"), "", append(ask, "Origin", "https://evil.example.com")...).want(t, 403, "cross_origin_refused")
	}
}

func TestDevelopmentAnswersOnlyItsOwnHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	for host, status := range map[string]int{
		"localhost:1234": 200, "127.0.0.1": 200, "[::1]:80": 200, "evil.example.com": 421, "127.0.0.1.nip.io": 421, "localhost.evil.example.com": 421,
	} {
		r := w.request("GET", "/healthz", "")
		r.Host = host
		got := w.app().send(r)
		if got.status != status || status == 421 && got.str("code") != "misdirected_request" {
			t.Errorf("%s: %d %s", host, got.status, got.text)
		}
	}
}

package main

import (
	"slices"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store"
)

// What an operation says about who may call it is what happens.
func TestOperationsAnswer401WithoutACredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	for _, o := range operations(t) {
		if o.admitsAnybody() {
			continue
		}
		credentials := map[string][]string{
			"none": nil, "garbage": {"Authorization", "Bearer garbage"}, "empty": {"Authorization", "Bearer "},
			"another scheme": {"Authorization", "Basic YTpi"}, "unknown key": {"Authorization", "Bearer wk_00000000000000000000"},
			"unreadable cookie": {"Cookie", "access_token=garbage; refresh_token=garbage"},
		}
		for name, headers := range credentials {
			got := w.app().do(o.method, o.at("ses_x"), o.minimal(t), headers...)
			if got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with credential %s: %d, WWW-Authenticate %q: %s", o.OperationID, name, got.status, got.header.Get("WWW-Authenticate"), got.text)
			}
		}
	}
}

func TestAdministrationNeedsItsScopeOrTheFlag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	member := "Bearer " + w.app().signUp("member@example.com").str("access_token")
	tested := 0
	for _, o := range operations(t) {
		scope := o.scope()
		if scope == "" {
			if strings.HasPrefix(o.path, "/admin/") {
				t.Errorf("%s names no scope", o.OperationID)
			}
			continue
		}
		if n := o.scopes(); n != 1 {
			t.Errorf("%s names %d scopes", o.OperationID, n)
		}
		if reads := strings.HasSuffix(string(scope), ":read"); reads != (o.method == "GET") {
			t.Errorf("%s by %s needs %s", o.OperationID, o.method, scope)
		}
		tested++
		others := slices.DeleteFunc(watchword.Scopes(), func(s watchword.Scope) bool { return s == scope })
		call := func(authorization string) answer {
			return w.app().do(o.method, o.at("x"), o.minimal(t), "Authorization", authorization)
		}
		call("Bearer "+w.apiKey(others...)).want(t, 403, "insufficient_scope")
		if got := call("Bearer " + w.apiKey(scope)); got.status >= 400 && got.status != 404 {
			t.Errorf("%s with a key of its scope: %d %s", o.OperationID, got.status, got.text)
		}
		if o.takes("session") {
			call(member).want(t, 403, "not_an_administrator")
		} else {
			call(member).want(t, 401, "")
		}
	}
	if tested < 40 {
		t.Errorf("only %d operations of the administration", tested)
	}
}

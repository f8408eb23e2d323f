package main

import (
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestAddressesAreAddedMadePrimaryAndRemoved(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		w.as(ada, "POST", "/auth/emails", `{"email":"more@example.com"}`).want(t, 403, "email_unverified")
		w.verifies(ada)
		added := w.as(ada, "POST", "/auth/emails", `{"email":" Lovelace@Example.com"}`).want(t, 201, "")
		if added.str("email") != "lovelace@example.com" || added.body["verified"] != false || added.body["primary"] != false || len(added.body) != 4 {
			t.Errorf("%s", added.text)
		}
		path := "/auth/emails/" + added.str("id")
		w.as(ada, "POST", "/auth/emails", `{"email":"lovelace@example.com"}`).want(t, 409, "email_already_added")
		w.as(ada, "PATCH", path, `{"primary":true}`).want(t, 409, "address_unverified")
		// A claim signs nobody in.
		w.app().post("/auth/sign-in", strings.Replace(credentials, "ada@", "lovelace@", 1)).want(t, 401, "invalid_credentials")
		w.verifies(ada)
		changed := w.as(ada, "PATCH", path, `{"primary":true}`).want(t, 200, "")
		if changed.body["verified"] != true || changed.body["primary"] != true {
			t.Errorf("%s", changed.text)
		}
		w.as(ada, "DELETE", path, "").want(t, 409, "email_primary")
		// The tokens say the old address.
		w.app().post("/auth/refresh", refreshBody(ada)).want(t, 409, "claims_stale")
		fresh := w.app().post("/auth/switch-account", refreshBody(ada)).want(t, 200, "")
		if fresh.str("user", "email") != "lovelace@example.com" {
			t.Errorf("%s", fresh.text)
		}
		me := w.as(fresh, "GET", "/auth/me", "").want(t, 200, "")
		for _, row := range me.body["emails"].([]any) {
			if e := row.(map[string]any); e["email"] == "ada@example.com" {
				w.as(fresh, "DELETE", "/auth/emails/"+e["id"].(string), "").want(t, 204, "")
				w.as(fresh, "DELETE", "/auth/emails/"+e["id"].(string), "").want(t, 404, "email_not_found")
			}
		}
		w.app().post("/auth/sign-in", credentials).want(t, 401, "invalid_credentials")
		w.app().post("/auth/sign-in", strings.Replace(credentials, "ada@", "lovelace@", 1)).want(t, 200, "")
	})
}

// A refresh is no sign-in: a session that is kept alive does not stay fresh.
func TestARefreshedSessionIsNotAFreshSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada := w.proven("ada@example.com")
	added := w.as(ada, "POST", "/auth/emails", `{"email":"more@example.com"}`).want(t, 201, "")
	w.verifies(ada)
	w.clock.Advance(10*time.Minute + time.Second)
	old := w.app().post("/auth/refresh", refreshBody(ada)).want(t, 200, "")
	acts := []struct{ method, path, body string }{
		{"POST", "/auth/emails", `{"email":"third@example.com"}`},
		{"PATCH", "/auth/emails/" + added.str("id"), `{"primary":true}`},
		{"DELETE", "/auth/emails/" + added.str("id"), ""},
		{"DELETE", "/auth/me", ""},
	}
	for _, act := range acts {
		w.as(old, act.method, act.path, act.body).want(t, 403, "fresh_sign_in_required")
	}
	again := w.app().post("/auth/sign-in", credentials).want(t, 200, "")
	w.as(again, acts[0].method, acts[0].path, acts[0].body).want(t, 201, "")
	w.as(again, acts[2].method, acts[2].path, acts[2].body).want(t, 204, "")
}

func TestWhoeverDeletesThemselvesIsSignedOutEverywhere(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		page := w.page()
		here := page.signUp("ada@example.com")
		there := w.app().post("/auth/sign-in", credentials).want(t, 200, "")
		w.clock.Advance(time.Second)
		gone := page.do("DELETE", "/auth/me", "", page.csrf()...).want(t, 204, "")
		for _, name := range []string{"access_token", "refresh_token"} {
			if c := gone.cookie(name); c == nil || c.MaxAge >= 0 || c.Value != "" {
				t.Errorf("%s: %v", name, c)
			}
		}
		for _, in := range []answer{here, there} {
			w.as(in, "GET", "/auth/me", "").want(t, 401, "session_revoked")
			w.as(in, "GET", "/accounts", "").want(t, 401, "session_revoked")
			w.as(in, "DELETE", "/auth/me", "").want(t, 401, "session_revoked")
			w.app().post("/auth/refresh", refreshBody(in)).want(t, 401, "session_revoked")
			w.app().post("/auth/switch-account", refreshBody(in)).want(t, 401, "session_revoked")
		}
		w.app().post("/auth/sign-in", credentials).want(t, 401, "invalid_credentials")
		w.app().signUp("ada@example.com") // anew
		events := w.app().get("/admin/events?user_id="+here.str("user", "id"), "Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead))
		if types := events.types(); len(types) < 2 || types[0] != "user.deleted" || types[1] != "account.deleted" {
			t.Errorf("%v", types)
		}
	})
}

// A bearer of one session does not sign the browser out of another's.
func TestDeletingByBearerLeavesAnothersCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada := w.app().signUp("ada@example.com")
	page := w.page()
	page.signUp("bob@example.com")
	page.do("DELETE", "/auth/me", "", bearerOf(ada)...).want(t, 204, "")
	page.get("/auth/me").want(t, 200, "")
}

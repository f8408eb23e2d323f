package main

import (
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// joins makes the user of a result a member of another user's account.
func (w *world) joins(who, host answer, role watchword.Role) watchword.AccountID {
	w.t.Helper()
	account := watchword.AccountID(host.str("account", "id"))
	err := w.store.Tx(w.t.Context(), func(c *store.Conn) error {
		return c.InsertMembership(w.t.Context(), account, watchword.UserID(who.str("user", "id")), role)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return account
}

func switchBody(a answer, account watchword.AccountID) string {
	return `{"refresh_token":"` + a.str("refresh_token") + `","account_id":"` + string(account) + `"}`
}

func TestSwitchGivesTheClaimsOfAnotherAccount(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		app := w.app()
		ada, bob, eve := app.signUp("ada@example.com"), app.signUp("bob@example.com"), app.signUp("eve@example.com")
		team := w.joins(ada, bob, watchword.RoleMember)

		app.post("/auth/switch-account", `{"account_id":"`+string(team)+`"}`, bearerOf(ada)...).want(t, 401, "refresh_token_missing")
		app.post("/auth/switch-account", switchBody(ada, watchword.AccountID(eve.str("account", "id")))).want(t, 403, "not_a_member")
		moved := app.post("/auth/switch-account", switchBody(ada, team)).want(t, 200, "")
		if moved.str("account", "id") != string(team) || moved.str("account", "role") != "member" || moved.str("session_id") != ada.str("session_id") {
			t.Errorf("%s", moved.text)
		}
		// The same token asks for the same account: the same successor. For another
		// one, or by a refresh, it asks across a change of claims.
		if again := app.post("/auth/switch-account", switchBody(ada, team)).want(t, 200, ""); again.text != moved.text {
			t.Errorf("got  %s\nwant %s", again.text, moved.text)
		}
		app.post("/auth/switch-account", switchBody(ada, watchword.AccountID(ada.str("account", "id")))).want(t, 409, "claims_stale")
		app.post("/auth/refresh", refreshBody(ada)).want(t, 409, "claims_stale")

		kept := app.post("/auth/refresh", refreshBody(moved)).want(t, 200, "")
		if kept.str("account", "id") != string(team) {
			t.Errorf("a refresh left the account: %s", kept.text)
		}
		if in := app.post("/auth/sign-in", credentials).want(t, 200, ""); in.str("account", "id") != string(team) {
			t.Errorf("a sign-in is not in the account last used: %s", in.text)
		}
	})
}

func TestSignInAsksForAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	ada, bob := app.signUp("ada@example.com"), app.signUp("bob@example.com")
	into := func(account string) answer {
		return app.post("/auth/sign-in", adding(credentials, `"account_id":"`+account+`"`))
	}
	into(bob.str("account", "id")).want(t, 403, "not_a_member")
	into("acc_x").want(t, 403, "not_a_member")
	team := w.joins(ada, bob, watchword.RoleAdmin)
	if in := into(string(team)).want(t, 200, ""); in.str("account", "role") != "admin" {
		t.Errorf("%s", in.text)
	}
}

// A role that has changed makes the claims stale; the token is not used up, and a
// switch mends it.
func TestStaleClaimsAreMendedByASwitch(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		app := w.app()
		ada, bob := app.signUp("ada@example.com"), app.signUp("bob@example.com")
		team := w.joins(ada, bob, watchword.RoleMember)
		moved := app.post("/auth/switch-account", switchBody(ada, team)).want(t, 200, "")
		w.alter("UPDATE memberships SET role = 'admin' WHERE user_id = $1 AND account_id = $2", ada.str("user", "id"), string(team))
		for range 2 {
			app.post("/auth/refresh", refreshBody(moved)).want(t, 409, "claims_stale")
		}
		fresh := app.post("/auth/switch-account", refreshBody(moved)).want(t, 200, "")
		if fresh.str("account", "id") != string(team) || fresh.str("account", "role") != "admin" {
			t.Errorf("%s", fresh.text)
		}
		app.post("/auth/refresh", refreshBody(fresh)).want(t, 200, "")
	})
}

func TestSwitchByCookieRewritesTheCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page("X-Session-Mode", "cookie")
	page.signUp("ada@example.com")
	csrf := page.csrf()
	got := page.post("/auth/switch-account", "", csrf...).want(t, 200, "")
	if got.carries() != "cookie" {
		t.Errorf("it carries %s", got.carries())
	}
	page.post("/auth/refresh", "", csrf...).want(t, 200, "")
	page.get("/auth/me").want(t, 200, "")
}

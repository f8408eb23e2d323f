package main

import (
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// proven signs somebody up whose address is verified.
func (w *world) proven(email string) answer {
	w.t.Helper()
	in := w.app().signUp(email)
	w.verifies(in)
	return in
}

// verifies verifies every address of somebody.
func (w *world) verifies(who answer) {
	w.t.Helper()
	err := w.store.Tx(w.t.Context(), func(c *store.Conn) error {
		list, err := c.Emails(w.t.Context(), watchword.UserID(who.str("user", "id")))
		if err != nil {
			return err
		}
		for _, e := range list {
			if _, err := c.VerifyEmail(w.t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// as calls in somebody's name.
func (w *world) as(who answer, method, path, body string) answer {
	w.t.Helper()
	return w.app().do(method, path, body, bearerOf(who)...)
}

// account is the path of the account that somebody signed up with.
func (a answer) accountPath() string { return "/accounts/" + a.str("account", "id") }

// memberPath is the path of somebody in another's account.
func (w *world) memberPath(host, who answer) string {
	w.t.Helper()
	m, err := w.store.Read().Membership(w.t.Context(), watchword.UserID(who.str("user", "id")), watchword.AccountID(host.str("account", "id")))
	if err != nil {
		w.t.Fatal(err)
	}
	return host.accountPath() + "/members/" + string(m.ID)
}

func TestAccountsAreMadeListedRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		want := []string{ada.str("account", "id")}
		for _, name := range []string{"First", "Second", "Third"} {
			w.clock.Advance(time.Second)
			made := w.as(ada, "POST", "/accounts", `{"name":"`+name+`"}`).want(t, 201, "")
			if made.str("name") != name || made.str("role") != "owner" || made.str("slug") == "" || made.str("created_at") != w.clock.Now().Format(time.RFC3339) {
				t.Errorf("%s", made.text)
			}
			if got := w.as(ada, "GET", "/accounts/"+made.str("id"), "").want(t, 200, ""); got.text != made.text {
				t.Errorf("got %s, want %s", got.text, made.text)
			}
			want = append([]string{made.str("id")}, want...)
		}
		var seen []string
		for path := "/accounts?limit=3"; path != ""; {
			got := w.as(ada, "GET", path, "").want(t, 200, "")
			seen, path = append(seen, got.ids()...), ""
			if cursor := got.str("next_cursor"); cursor != "" {
				path = "/accounts?limit=3&cursor=" + cursor
			}
		}
		if !slices.Equal(seen, want) {
			t.Errorf("got %v, want %v", seen, want)
		}
		path := "/accounts/" + want[0]
		slug := w.as(ada, "GET", path, "").str("slug")
		if got := w.as(ada, "PATCH", path, `{"name":" Renamed "}`).want(t, 200, ""); got.str("name") != "Renamed" || got.str("slug") != slug {
			t.Errorf("%s", got.text)
		}
		if got := w.as(ada, "PATCH", path, `{}`).want(t, 200, ""); got.str("name") != "Renamed" {
			t.Errorf("%s", got.text)
		}
		w.as(ada, "PATCH", path, `{"name":"  "}`).want(t, 422, "validation_failed")
		w.as(ada, "DELETE", path, "").want(t, 204, "")
		w.as(ada, "GET", path, "").want(t, 404, "account_not_found")
	})
}

func TestMembersSeeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada, bob := w.app().signUp("ada@example.com"), w.app().signUp("bob@example.com")
	w.clock.Advance(time.Second)
	w.joins(bob, ada, watchword.RoleMember)
	first := w.as(bob, "GET", ada.accountPath()+"/members?limit=1", "").want(t, 200, "")
	second := w.as(bob, "GET", ada.accountPath()+"/members?limit=1&cursor="+first.str("next_cursor"), "").want(t, 200, "")
	row := first.body["data"].([]any)[0].(map[string]any)
	user := row["user"].(map[string]any)
	if row["role"] != "member" || user["id"] != bob.str("user", "id") || user["email"] != "bob@example.com" || user["name"] != "Test Person" ||
		len(user) != 3 || len(row) != 4 || second.body["next_cursor"] != nil || len(second.ids()) != 1 {
		t.Errorf("%s %s", first.text, second.text)
	}
}

// What a member may do is what their row says, whatever their token does: it may
// be ten minutes old.
func TestRolesAreReadFromLiveRows(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada, bob := w.proven("ada@example.com"), w.proven("bob@example.com")
		team := w.joins(bob, ada, watchword.RoleMember)
		plain := w.app().post("/auth/switch-account", switchBody(bob, team)).want(t, 200, "")
		rename := func(who answer) answer { return w.as(who, "PATCH", ada.accountPath(), `{"name":"Renamed"}`) }
		rename(plain).want(t, 403, "insufficient_role")
		got := w.as(ada, "PATCH", w.memberPath(ada, bob), `{"role":"admin"}`).want(t, 200, "")
		if got.str("role") != "admin" || got.str("user", "email") != "bob@example.com" {
			t.Errorf("%s", got.text)
		}
		rename(plain).want(t, 200, "") // whose token says member
		// The tokens are refused a refresh and not used up, and a switch mends them.
		w.app().post("/auth/refresh", refreshBody(plain)).want(t, 409, "claims_stale")
		admin := w.app().post("/auth/switch-account", refreshBody(plain)).want(t, 200, "")
		if admin.str("account", "id") != string(team) || admin.str("account", "role") != "admin" {
			t.Errorf("%s", admin.text)
		}
		w.as(ada, "PATCH", w.memberPath(ada, bob), `{"role":"member"}`).want(t, 200, "")
		rename(admin).want(t, 403, "insufficient_role") // whose token says admin
		member := w.app().post("/auth/switch-account", refreshBody(admin)).want(t, 200, "")

		path := w.memberPath(ada, bob)
		w.as(ada, "DELETE", path, "").want(t, 204, "")
		w.as(member, "GET", ada.accountPath(), "").want(t, 404, "account_not_found")
		w.app().post("/auth/refresh", refreshBody(member)).want(t, 409, "claims_stale")
		w.app().post("/auth/switch-account", switchBody(member, team)).want(t, 403, "not_a_member")
		own := w.app().post("/auth/switch-account", refreshBody(member)).want(t, 200, "")
		if own.str("account", "id") != bob.str("account", "id") || own.str("account", "role") != "owner" {
			t.Errorf("%s", own.text)
		}
		w.as(ada, "DELETE", path, "").want(t, 404, "member_not_found")
	})
}

func TestSessionsInADeletedAccountAreStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada, bob := w.app().signUp("ada@example.com"), w.app().signUp("bob@example.com")
	team := w.joins(bob, ada, watchword.RoleAdmin)
	there := w.app().post("/auth/switch-account", switchBody(bob, team)).want(t, 200, "")
	w.as(there, "DELETE", ada.accountPath(), "").want(t, 403, "insufficient_role")
	w.as(ada, "DELETE", ada.accountPath(), "").want(t, 204, "")
	w.app().post("/auth/refresh", refreshBody(there)).want(t, 409, "claims_stale")
	w.app().post("/auth/refresh", refreshBody(ada)).want(t, 409, "claims_stale")
	if got := w.app().post("/auth/switch-account", refreshBody(ada)).want(t, 200, ""); got.body["account"] != nil {
		t.Errorf("%s", got.text)
	}
	if got := w.app().post("/auth/switch-account", refreshBody(there)).want(t, 200, ""); got.str("account", "id") != bob.str("account", "id") {
		t.Errorf("%s", got.text)
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada, bob := w.app().signUp("ada@example.com"), w.app().signUp("bob@example.com")
	w.joins(bob, ada, watchword.RoleAdmin)
	self := w.memberPath(ada, ada)
	w.as(ada, "DELETE", self, "").want(t, 409, "last_owner")
	w.as(ada, "PATCH", self, `{"role":"admin"}`).want(t, 409, "last_owner")
	w.as(ada, "DELETE", "/auth/me", "").want(t, 409, "last_owner")
	w.as(bob, "PATCH", self, `{"role":"admin"}`).want(t, 403, "insufficient_role")
	w.as(bob, "DELETE", self, "").want(t, 403, "insufficient_role")
	w.as(bob, "PATCH", w.memberPath(ada, bob), `{"role":"owner"}`).want(t, 403, "insufficient_role")
	w.as(ada, "PATCH", w.memberPath(ada, bob), `{"role":"owner"}`).want(t, 200, "")
	w.as(ada, "DELETE", self, "").want(t, 204, "") // leaves
	w.as(ada, "GET", ada.accountPath(), "").want(t, 404, "account_not_found")
}

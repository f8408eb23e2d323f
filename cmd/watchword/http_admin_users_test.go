package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// administering is a program with a key of these scopes.
func (w *world) administering(scopes ...watchword.Scope) *browser {
	w.t.Helper()
	return w.app("Authorization", "Bearer "+w.apiKey(scopes...))
}

// field is a field of an answer as JSON tells it.
func (a answer) field(name string) any { return a.body[name] }

// listed is the data of a list.
func (a answer) listed() (rows []map[string]any) {
	data, _ := a.body["data"].([]any)
	for _, row := range data {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}

const usersWrite, usersRead = watchword.ScopeUsersWrite, watchword.ScopeUsersRead

func TestAUserIsAdministeredFromTheBeginningToTheEnd(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, generous)
		admin := w.administering(usersRead, usersWrite)
		made := admin.post("/admin/users", `{"email":"Grace@Example.com","name":"Grace","send_invite":true,"admin_metadata":{"plan":"pro"}}`).want(t, 201, "")
		path := "/admin/users/" + made.str("id")
		if made.str("email") != "grace@example.com" || made.field("email_verified") != false || made.field("has_password") != false ||
			made.field("administrator") != false || made.str("status") != "active" || made.field("last_sign_in_at") != nil || made.field("delete_at") != nil {
			t.Errorf("%s", made.text)
		}
		// They choose a password by the link, and come in.
		l := w.linkIn(made, "grace@example.com")
		w.app().post("/auth/reset-password", `{"token":"`+l.Token()+`","password":"`+testPassword+`"}`).want(t, 200, "")
		in := w.app().post("/auth/sign-in", `{"email":"grace@example.com","password":"`+testPassword+`"}`).want(t, 200, "")
		got := admin.get(path).want(t, 200, "")
		if got.field("email_verified") != true || got.field("has_password") != true || got.field("last_sign_in_at") == nil {
			t.Errorf("%s", got.text)
		}
		// What they see of themselves holds nothing of the administrators'.
		if me := w.as(in, "GET", "/auth/me", "").want(t, 200, ""); strings.Contains(me.text, "admin_metadata") || strings.Contains(me.text, "pro") {
			t.Errorf("%s", me.text)
		}
		changed := admin.do("PATCH", path, `{"name":"Admiral"}`, "If-Match", got.header.Get("ETag")).want(t, 200, "")
		if changed.str("name") != "Admiral" || changed.header.Get("ETag") == got.header.Get("ETag") {
			t.Errorf("%s %s", changed.header.Get("ETag"), changed.text)
		}
		admin.do("PATCH", path, `{"name":"Captain"}`, "If-Match", got.header.Get("ETag")).want(t, 412, "precondition_failed")
		admin.do("PATCH", path, `{"name":"Captain"}`, "If-Match", `W/`+changed.header.Get("ETag")).want(t, 412, "precondition_failed")
		admin.do("PATCH", path, `{"name":"Captain"}`, "If-Match", "Captain").want(t, 422, "validation_failed")
		admin.do("DELETE", path, "", "If-Match", got.header.Get("ETag")).want(t, 412, "precondition_failed")
		if sessions := admin.get("/admin/sessions?user_id="+made.str("id")).want(t, 200, "").listed(); len(sessions) != 1 || sessions[0]["id"] != in.str("session_id") {
			t.Errorf("%v", sessions)
		}
		if n := admin.post(path+"/revoke-sessions", "").want(t, 200, "").field("sessions_revoked"); n != 1.0 {
			t.Errorf("%v revoked", n)
		}
		w.app().post("/auth/refresh", refreshBody(in)).want(t, 401, "session_revoked")

		admin.do("DELETE", path+"?grace=2d", "", "If-Match", changed.header.Get("ETag")).want(t, 204, "")
		gone := admin.get(path).want(t, 200, "")
		if at, err := time.Parse(time.RFC3339, gone.str("delete_at")); err != nil || !at.Equal(w.clock.Now().Add(48*time.Hour)) || gone.str("status") != "disabled" {
			t.Errorf("%s", gone.text)
		}
		if found := admin.get("/admin/users?status=disabled").want(t, 200, "").listed(); len(found) != 1 {
			t.Errorf("%v", found)
		}
		w.app().post("/auth/sign-in", `{"email":"grace@example.com","password":"`+testPassword+`"}`).want(t, 403, "user_disabled")
		admin.post(path+"/enable", "").want(t, 200, "")
		w.app().post("/auth/sign-in", `{"email":"grace@example.com","password":"`+testPassword+`"}`).want(t, 200, "")
		admin.do("DELETE", path+"?grace=0", "").want(t, 204, "")
		admin.get(path).want(t, 404, "user_not_found")
	})
}

func TestUsersAreSearchedAndPaged(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		admin := w.administering(usersRead, usersWrite)
		for _, body := range []string{
			`{"email":"ada@example.com","name":"Ada Lovelace"}`, `{"email":"adam@example.com"}`, `{"name":"Ada without an address"}`, `{"email":"bob@example.com"}`,
		} {
			admin.post("/admin/users", body).want(t, 201, "")
			w.clock.Advance(time.Second) // newest first is by time
		}
		var found []string
		next := ""
		for {
			page := admin.get("/admin/users?limit=1&query=ADA"+next).want(t, 200, "")
			for _, row := range page.listed() {
				email, _ := row["email"].(string)
				found = append(found, email)
			}
			if page.str("next_cursor") == "" {
				break
			}
			next = "&cursor=" + page.str("next_cursor")
		}
		if got := strings.Join(found, " "); got != "ada@example.com adam@example.com " {
			t.Errorf("found %q", got)
		}
		admin.get("/admin/users?limit=1&query=bob"+next).want(t, 422, "validation_failed")
		all := admin.get("/admin/users?limit=3").want(t, 200, "")
		rest := admin.get("/admin/users?limit=3&cursor="+all.str("next_cursor")).want(t, 200, "")
		if len(all.listed()) != 3 || len(rest.listed()) != 1 || rest.field("next_cursor") != nil || all.listed()[0]["email"] != "bob@example.com" {
			t.Errorf("%s\n%s", all.text, rest.text)
		}
	})
}

func TestACallThatIsSentAgainMakesNothingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	admin, key := w.administering(usersRead, usersWrite), []string{"Idempotency-Key", "5e17ec6a"}
	made := admin.post("/admin/users", `{"email":"ada@example.com","password":"`+testPassword+`"}`, key...).want(t, 201, "")
	again := admin.post("/admin/users", `{"password":"`+testPassword+`","email":"ada@example.com"}`, key...).want(t, 201, "")
	if again.str("id") != made.str("id") || again.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("%s\n%s", made.text, again.text)
	}
	admin.post("/admin/users", `{"email":"bob@example.com"}`, key...).want(t, 409, "idempotency_key_reused")
	admin.post("/admin/users/"+made.str("id")+"/identities", `{"provider":"acme","subject":"1"}`, key...).want(t, 409, "idempotency_key_reused")
	w.administering(usersWrite).post("/admin/users", `{"email":"bob@example.com"}`, key...).want(t, 201, "") // another caller's
	secret := []string{"Idempotency-Key", "with-a-password"}
	admin.post("/admin/users", `{"email":"eve@example.com","password":"`+testPassword+`"}`, secret...).want(t, 201, "")
	admin.post("/admin/users", `{"email":"eve@example.com","password":"`+testPassword+`x"}`, secret...).want(t, 409, "idempotency_key_reused")
	admin.post("/admin/users", `{"email":"eve@example.com"}`, secret...).want(t, 409, "idempotency_key_reused")
	admin.post("/admin/users", `{"email":"eve@example.com","password":"`+testPassword+`"}`, secret...).want(t, 201, "")
	admin.post("/admin/users", `{"email":"ada@example.com"}`, "Idempotency-Key", strings.Repeat("k", 128)).want(t, 409, "email_taken")
	for _, row := range w.rows() {
		if strings.HasPrefix(row, "idempotency_keys: ") && strings.Contains(row, key[1]) {
			t.Errorf("the key lies open: %s", row)
		}
	}
}

// Sessions live in the database: no node needs to be told.
func TestWhoIsDisabledIsOutOnEveryNode(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		here := newWorld(t, engine, generous)
		there := newNode(t, engine, here.location, here.clock, generous+"public_url: "+here.url+"\n")
		in := there.app().signUp("ada@example.com")
		there.as(in, "GET", "/auth/me", "").want(t, 200, "") // the token is known there
		here.administering(usersWrite).post("/admin/users/"+in.str("user", "id")+"/disable", "").want(t, 200, "")
		for _, node := range []*world{here, there} {
			node.as(in, "GET", "/auth/me", "").want(t, 401, "session_revoked")
			node.as(in, "GET", "/auth/sessions", "").want(t, 401, "session_revoked")
			node.as(in, "PATCH", "/auth/me", `{"name":"Eve"}`).want(t, 401, "session_revoked")
			node.as(in, "POST", "/accounts", `{"name":"Eve"}`).want(t, 401, "session_revoked")
			node.app().post("/auth/refresh", refreshBody(in)).want(t, 401, "session_revoked")
			node.app().post("/auth/switch-account", refreshBody(in)).want(t, 401, "session_revoked")
			node.app().post("/auth/sign-in", credentials).want(t, 403, "user_disabled")
		}
	})
}

// An administrator's own session does for what is delicate only while it is fresh.
func TestASignedInAdministratorNeedsAFreshSignInForAdministrators(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	root := page.signUp("root@example.com")
	other := w.app().signUp("ada@example.com").str("user", "id")
	err := w.store.Write(t.Context(), func(c *store.Conn) error {
		return c.GrantAdministrator(t.Context(), watchword.UserID(root.str("user", "id")))
	})
	if err != nil {
		t.Fatal(err)
	}
	path := "/admin/users/" + other
	page.do("PATCH", path, `{"administrator":true}`).want(t, 403, "csrf_missing")
	page.do("PATCH", path, `{"administrator":true}`, page.csrf()...).want(t, 200, "")
	w.clock.Advance(10*time.Minute + time.Second)
	page.post("/auth/refresh", "", page.csrf()...).want(t, 200, "") // which is no sign-in
	for _, call := range [][3]string{
		{"PATCH", path, `{"administrator":false}`},
		{"PATCH", path, `{"password":"` + testPassword + `x"}`},
		{"PATCH", path, `{"email":"eve@example.com"}`},
		{"POST", path + "/disable", ""},
		{"DELETE", path, ""},
		{"DELETE", path + "?grace=0&force=true", ""},
		{"POST", path + "/send-password-reset", `{"clear_password":true}`},
	} {
		page.do(call[0], call[1], call[2], page.csrf()...).want(t, 403, "fresh_sign_in_required")
		w.administering(usersWrite).do(call[0], call[1], call[2]).want(t, 403, "insufficient_scope")
	}
	page.do("PATCH", path, `{"name":"Ada"}`, page.csrf()...).want(t, 200, "")
	w.administering(usersWrite, watchword.ScopeAdminsWrite).do("PATCH", path, `{"administrator":false}`).want(t, 200, "")
	page.do("DELETE", path, "", page.csrf()...).want(t, 204, "") // a user like others now
}

// The record names who did it, and to whom.
func TestEveryActOfTheAdministrationIsInTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+acmeProvider)
	admin := w.administering(usersRead, usersWrite, watchword.ScopeAccountsRead, watchword.ScopeAccountsWrite, watchword.ScopeAdminsWrite)
	user := admin.post("/admin/users", `{"email":"ada@example.com","email_verified":true}`).want(t, 201, "")
	path := "/admin/users/" + user.str("id")
	in := w.proven("bob@example.com")
	account := "/admin" + in.accountPath()
	invite := w.as(in, "POST", in.accountPath()+"/invites", `{"email":"new@example.com"}`).want(t, 201, "").str("id")
	var member, identity string
	for _, step := range []struct {
		method, path, body string
		status             int
		event              string
	}{
		{"PATCH", path, `{"name":"Ada"}`, 200, "user.updated"},
		{"PATCH", path, `{"email":"ada@example.org"}`, 200, "email.primary_changed"},
		{"PATCH", path, `{"email_verified":true}`, 200, "email.verified"},
		{"PATCH", path, `{"password":"` + testPassword + `"}`, 200, "password.changed"},
		{"PATCH", path, `{"administrator":true}`, 200, "user.administrator_granted"},
		{"PATCH", path, `{"administrator":false}`, 200, "user.administrator_revoked"},
		{"POST", path + "/send-password-reset", "", 202, "password.reset_requested"},
		{"POST", path + "/disable", "", 200, "user.disabled"},
		{"POST", path + "/enable", "", 200, "user.enabled"},
		{"POST", path + "/identities", `{"provider":"acme","subject":"7"}`, 201, "identity.linked"},
		{"DELETE", "identity", "", 204, "identity.unlinked"},
		{"POST", account + "/members", `{"user_id":"` + user.str("id") + `","role":"member"}`, 201, "member.joined"},
		{"PATCH", "member", `{"role":"admin"}`, 200, "member.role_changed"},
		{"DELETE", "member", "", 204, "member.removed"},
		{"PATCH", account, `{"name":"Engines"}`, 200, "account.updated"},
		{"DELETE", "/admin/invites/" + invite, "", 204, "invite.revoked"},
		{"DELETE", "/admin/sessions/" + in.str("session_id"), "", 204, "session.ended"},
		{"DELETE", path, "", 204, "user.deletion_scheduled"},
		{"DELETE", path + "?grace=0", "", 204, "user.deleted"},
		{"DELETE", account, "", 204, "account.deleted"},
	} {
		switch step.path {
		case "member":
			step.path = account + "/members/" + member
		case "identity":
			step.path = path + "/identities/" + identity
		}
		got := admin.do(step.method, step.path, step.body, "User-Agent", "Admin/1.0").want(t, step.status, "")
		switch {
		case strings.HasSuffix(step.path, "/members"):
			member = got.str("id")
		case strings.HasSuffix(step.path, "/identities"):
			identity = got.str("id")
		}
		var told bool
		for _, e := range w.administering(watchword.ScopeEventsRead).get("/admin/events?type="+step.event).want(t, 200, "").listed() {
			actor, _ := e["actor"].(string)
			if e["request_id"] == got.header.Get("X-Request-Id") && strings.HasPrefix(actor, "key:key_") && e["user_agent"] == "Admin/1.0" && e["ip"] == "127.0.0.1" {
				told = true
			}
		}
		if !told {
			t.Errorf("%s %s: no event %s of the caller's", step.method, step.path, step.event)
		}
	}
}

// acmeProvider is a provider that nobody asks.
const acmeProvider = `
providers:
  - {id: acme, type: oidc, issuer: "https://acme.example", client_id: x, client_secret: y}
`

// The ETag of a user covers their identities, which have none of their own.
func TestAnIdentityIsTakenFromTheUserThatWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+acmeProvider)
	admin := w.administering(usersRead, usersWrite)
	path := "/admin/users/" + w.proven("ada@example.com").str("user", "id")
	identity := path + "/identities/" + admin.post(path+"/identities", `{"provider":"acme","subject":"7"}`).want(t, 201, "").str("id")
	seen := admin.get(path).want(t, 200, "").header.Get("ETag")
	now := admin.do("PATCH", path, `{"name":"Ada"}`).want(t, 200, "").header.Get("ETag")
	admin.do("DELETE", identity, "", "If-Match", seen).want(t, 412, "precondition_failed")
	admin.do("DELETE", identity, "", "If-Match", now).want(t, 204, "")
	admin.do("DELETE", identity, "").want(t, 404, "identity_not_found")
}

func TestAccountsMembersAndInvitesAreAdministered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	admin := w.administering(watchword.ScopeAccountsRead, watchword.ScopeAccountsWrite)
	host, guest := w.proven("ada@example.com"), w.proven("bob@example.com")
	path := "/admin" + host.accountPath()
	seen := admin.get(path).want(t, 200, "")
	renamed := admin.do("PATCH", path, `{"name":"Engines"}`, "If-Match", seen.header.Get("ETag")).want(t, 200, "")
	admin.do("PATCH", path, `{"name":"Mills"}`, "If-Match", seen.header.Get("ETag")).want(t, 412, "precondition_failed")
	if found := admin.get("/admin/accounts?query=engi").want(t, 200, "").listed(); len(found) != 1 || found[0]["id"] != host.str("account", "id") {
		t.Errorf("%v", found)
	}
	member := admin.post(path+"/members", `{"user_id":"`+guest.str("user", "id")+`","role":"member"}`).want(t, 201, "")
	one := admin.get(path+"/members/"+member.str("id")).want(t, 200, "")
	promoted := admin.do("PATCH", path+"/members/"+member.str("id"), `{"role":"owner"}`, "If-Match", one.header.Get("ETag")).want(t, 200, "")
	admin.do("DELETE", path+"/members/"+member.str("id"), "", "If-Match", one.header.Get("ETag")).want(t, 412, "precondition_failed")
	if members := admin.get(path+"/members").want(t, 200, "").listed(); len(members) != 2 {
		t.Errorf("%v", members)
	}
	admin.do("DELETE", path+"/members/"+member.str("id"), "", "If-Match", promoted.header.Get("ETag")).want(t, 204, "")
	w.as(guest, "GET", host.accountPath(), "").want(t, 404, "account_not_found")

	invite := w.as(host, "POST", host.accountPath()+"/invites", `{"email":"new@example.com"}`).want(t, 201, "")
	listed := admin.get("/admin/invites?status=pending&account_id="+host.str("account", "id")).want(t, 200, "").listed()
	if len(listed) != 1 || listed[0]["id"] != invite.str("id") || listed[0]["invited_by"] != host.str("user", "id") || listed[0]["deliver"] != "mail" {
		t.Errorf("%v", listed)
	}
	for _, none := range []string{`"a"`, `""`, `W/"a"`} { // it has no ETag
		admin.do("DELETE", "/admin/invites/"+invite.str("id"), "", "If-Match", none).want(t, 412, "precondition_failed")
		w.administering(usersWrite).do("DELETE", "/admin/sessions/"+guest.str("session_id"), "", "If-Match", none).want(t, 412, "precondition_failed")
	}
	w.administering(usersWrite).do("DELETE", "/admin/sessions/"+guest.str("session_id"), "", "If-Match", "*").want(t, 204, "")
	admin.do("DELETE", "/admin/invites/"+invite.str("id"), "", "If-Match", "*").want(t, 204, "")
	admin.do("DELETE", "/admin/invites/"+invite.str("id"), "").want(t, 409, "invite_not_pending")
	admin.do("DELETE", path, "", "If-Match", renamed.header.Get("ETag")).want(t, 204, "")
	w.app().post("/auth/refresh", refreshBody(host)).want(t, http.StatusConflict, "claims_stale")
}

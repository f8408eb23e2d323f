package main

import (
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
)

// guarded are the calls that change something and that cookies authenticate,
// each so that it does no harm when it succeeds.
var guarded = []struct{ name, method, path, body string }{
	{"refresh", "POST", "/auth/refresh", ""},
	{"switch-account", "POST", "/auth/switch-account", "{}"},
	{"update-me", "PATCH", "/auth/me", `{"name":"Ada"}`},
	{"change-password", "POST", "/auth/password", `{"password":"` + testPassword + `"}`}, // 422: the current one is missing
	{"send-email-verification", "POST", "/auth/send-email-verification", "{}"},
	{"revoke-session", "DELETE", "/auth/sessions/ses_x", ""}, // 404
	{"create-account", "POST", "/accounts", `{"name":" "}`},  // 422
	{"update-account", "PATCH", "/accounts/acc_x", "{}"},     // 404, as the next ones
	{"delete-account", "DELETE", "/accounts/acc_x", ""},
	{"update-member", "PATCH", "/accounts/acc_x/members/mem_x", `{"role":"admin"}`},
	{"remove-member", "DELETE", "/accounts/acc_x/members/mem_x", ""},
	{"create-invite", "POST", "/accounts/acc_x/invites", `{"email":"new@example.com"}`},
	{"resend-invite", "POST", "/accounts/acc_x/invites/inv_x/resend", ""},
	{"revoke-invite", "DELETE", "/accounts/acc_x/invites/inv_x", ""},
	{"add-email", "POST", "/auth/emails", `{"email":"nobody"}`}, // 422
	{"make-email-primary", "PATCH", "/auth/emails/eml_x", `{"primary":true}`},
	{"remove-email", "DELETE", "/auth/emails/eml_x", ""},
	{"link-identity", "POST", "/auth/identities", `{"provider":"nobody"}`}, // 404, as the next one
	{"unlink-identity", "DELETE", "/auth/identities/idn_x", ""},
	{"join-waitlist", "PUT", "/waitlist/search", ""},
	{"join-waitlist-by-post", "POST", "/waitlist/search", ""},
	{"leave-waitlist", "DELETE", "/waitlist/search", ""},
	{"admin-create-feature", "POST", "/admin/waitlist", `{"feature":"search"}`}, // 403, as the next ones
	{"admin-update-feature", "PATCH", "/admin/waitlist/search", "{}"},
	{"admin-delete-feature", "DELETE", "/admin/waitlist/search", ""},
	{"admin-approve-entries", "POST", "/admin/waitlist/search/approve", `{"all":true}`},
	{"admin-create-user", "POST", "/admin/users", "{}"}, // 403: no administrator, as the next ones
	{"admin-update-user", "PATCH", "/admin/users/usr_x", "{}"},
	{"admin-delete-user", "DELETE", "/admin/users/usr_x", ""},
	{"admin-disable-user", "POST", "/admin/users/usr_x/disable", ""},
	{"admin-enable-user", "POST", "/admin/users/usr_x/enable", ""},
	{"admin-revoke-sessions", "POST", "/admin/users/usr_x/revoke-sessions", ""},
	{"admin-send-password-reset", "POST", "/admin/users/usr_x/send-password-reset", ""},
	{"admin-add-identity", "POST", "/admin/users/usr_x/identities", `{"provider":"google","subject":"1"}`},
	{"admin-remove-identity", "DELETE", "/admin/users/usr_x/identities/idn_x", ""},
	{"admin-update-account", "PATCH", "/admin/accounts/acc_x", "{}"},
	{"admin-delete-account", "DELETE", "/admin/accounts/acc_x", ""},
	{"admin-add-member", "POST", "/admin/accounts/acc_x/members", `{"user_id":"usr_x","role":"member"}`},
	{"admin-update-member", "PATCH", "/admin/accounts/acc_x/members/mem_x", `{"role":"admin"}`},
	{"admin-remove-member", "DELETE", "/admin/accounts/acc_x/members/mem_x", ""},
	{"admin-revoke-session", "DELETE", "/admin/sessions/ses_x", ""},
	{"admin-revoke-invite", "DELETE", "/admin/invites/inv_x", ""},
	{"admin-create-client", "POST", "/admin/clients", `{"name":"Shop","type":"public"}`},
	{"admin-update-client", "PATCH", "/admin/clients/cli_x", "{}"},
	{"admin-delete-client", "DELETE", "/admin/clients/cli_x", ""},
	{"admin-rotate-client-secret", "POST", "/admin/clients/cli_x/rotate-secret", ""},
	{"admin-create-api-key", "POST", "/admin/api-keys", `{"name":"ci","scopes":["keys:write"]}`},
	{"admin-revoke-api-key", "DELETE", "/admin/api-keys/key_x", ""},
	{"admin-rotate-signing-keys", "POST", "/admin/signing-keys/rotate", ""},
	{"admin-retry-mail", "POST", "/admin/mail/msg_x/retry", ""},
	{"delete-me", "DELETE", "/auth/me", ""}, // 409: another is in the account
	{"sign-out", "POST", "/auth/sign-out", ""},
}

func TestGuardedCallsAreAllThatCookiesAuthenticate(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, g := range guarded {
		known[g.name] = true
	}
	for _, o := range operations(t) {
		cookies := o.takes("sessionCookie") || o.takes("refreshCookie")
		if unsafe := o.method != "GET"; unsafe && cookies && !known[o.OperationID] {
			t.Errorf("%s takes a cookie and changes something: add it to the table", o.OperationID)
		}
	}
}

func TestCookieNeedsTheCSRFToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page, other := w.page(), w.page()
	w.joins(w.app().signUp("bob@example.com"), page.signUp("ada@example.com"), watchword.RoleMember)
	for _, g := range guarded {
		page.do(g.method, g.path, g.body).want(t, 403, "csrf_missing")
		page.do(g.method, g.path, g.body, "X-CSRF-Token", "").want(t, 403, "csrf_missing")
		page.do(g.method, g.path, g.body, "X-CSRF-Token", "x").want(t, 403, "csrf_session_missing")
	}
	token := page.csrf()
	foreign := other.csrf() // of a browser in which nobody is signed in
	for _, g := range guarded {
		page.do(g.method, g.path, g.body, "X-CSRF-Token", "x").want(t, 403, "csrf_invalid")
		page.do(g.method, g.path, g.body, foreign...).want(t, 403, "csrf_invalid")
		page.do(g.method, g.path, g.body, token[0], token[1]+"x").want(t, 403, "csrf_invalid")
	}
	for _, g := range guarded {
		if got := page.do(g.method, g.path, g.body, token...); strings.HasPrefix(got.str("code"), "csrf") {
			t.Errorf("%s with the right token: %d %s", g.name, got.status, got.text)
		}
	}
	page.get("/auth/me").want(t, 401, "unauthenticated") // the last one was sign-out
}

func TestBearerAndTokenInTheBodyNeedNoCSRFToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	in := page.signUp("ada@example.com")
	bearer := []string{"Authorization", "Bearer " + in.str("access_token")}
	page.do("PATCH", "/auth/me", `{"name":"Ada"}`, bearer...).want(t, 200, "")
	in = page.post("/auth/refresh", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 200, "")
	in = page.post("/auth/switch-account", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 200, "")
	// A bearer is not what authenticates a refresh: the cookie is.
	page.post("/auth/refresh", "", bearer...).want(t, 403, "csrf_missing")
	// Nothing does at sign-in and sign-up, not even in a browser that has cookies.
	page.post("/auth/sign-in", credentials).want(t, 200, "")
	page.signUp("bob@example.com")
	page.post("/auth/sign-out", "", "Authorization", "Bearer "+in.str("access_token")).want(t, 204, "")
}

// A token of before a sign-in or a sign-out is void, and whoever signs in gets one
// that is bound to their session.
func TestCSRFTokenIsBoundToTheSignInSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	out := page.csrf()
	page.signUp("ada@example.com")
	page.post("/auth/refresh", "", out...).want(t, 403, "csrf_invalid")
	first := page.csrf()
	page.post("/auth/refresh", "", first...).want(t, 200, "")
	page.post("/auth/refresh", "", first...).want(t, 200, "") // the same session
	page.post("/auth/sign-in", credentials).want(t, 200, "")
	page.post("/auth/refresh", "", first...).want(t, 403, "csrf_invalid")
	second := page.csrf()
	page.post("/auth/sign-out", "", second...).want(t, 204, "")
	if third := page.csrf(); third[1] == second[1] || third[1] != out[1] {
		t.Error("after sign-out the token is not that of a browser in which nobody is signed in")
	}
}

// A browser that comes back after the access token's end must be able to refresh.
func TestCSRFTokenWorksWithAnExpiredOrMissingAccessCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.signUp("ada@example.com")
	before := page.csrf()
	w.clock.Advance(11 * time.Minute)
	page.get("/auth/me").want(t, 401, "token_expired")
	if after := page.csrf(); after[1] != before[1] {
		t.Error("the token changed when the access token expired")
	}
	page.post("/auth/refresh", "", before...).want(t, 200, "")

	refreshOnly := "refresh_token=" + page.post("/auth/refresh", "", before...).want(t, 200, "").cookie("refresh_token").Value
	begun := w.app().get("/auth/csrf/init").want(t, 200, "").cookie("__Host-csrf_session")
	cookies := refreshOnly + "; " + begun.Name + "=" + begun.Value
	token := w.app().get("/auth/csrf/token", "Cookie", cookies).want(t, 200, "").str("csrf_token")
	w.app().post("/auth/refresh", "", "Cookie", cookies, "X-CSRF-Token", token).want(t, 200, "")
}

func TestCSRFSessionIsKeptWhileItLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.get("/auth/csrf/token").want(t, 403, "csrf_session_missing")
	begun := page.get("/auth/csrf/init").want(t, 200, "")
	c := begun.cookie("__Host-csrf_session")
	if !strings.HasPrefix(begun.header.Get("Content-Type"), "text/javascript") || c == nil ||
		!c.HttpOnly || !c.Secure || c.SameSite != 3 || c.Path != "/" || c.Domain != "" || c.MaxAge != 12*60*60 {
		t.Fatalf("%s %v", begun.header.Get("Content-Type"), c)
	}
	if strings.Contains(begun.text, c.Value) {
		t.Error("the script holds the secret")
	}
	if again := page.get("/auth/csrf/init").want(t, 200, ""); again.cookie("__Host-csrf_session") != nil {
		t.Error("a valid session was replaced")
	}
	token := page.get("/auth/csrf/token").want(t, 200, "")
	if ends := w.clock.Now().Add(12 * time.Hour).Format(time.RFC3339); token.str("expires_at") != ends || token.str("header") != "X-CSRF-Token" {
		t.Errorf("%s", token.text)
	}
	w.clock.Advance(12 * time.Hour)
	page.get("/auth/csrf/token").want(t, 403, "csrf_session_missing")
	if again := page.get("/auth/csrf/init"); again.cookie("__Host-csrf_session") == nil {
		t.Error("an expired session was kept")
	}
}

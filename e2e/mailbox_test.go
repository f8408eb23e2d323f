package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// letter is a mail in the inbox of development.
type letter struct {
	subject, text, code string
	link                *url.URL
}

// letter waits for the newest mail to an address that has this in its subject,
// and empties the inbox.
func (c *caller) letter(to, subject string) (l letter) {
	c.t.Helper()
	eventually(c.t, "a mail about "+subject, func() bool {
		got := c.get("/dev/inbox/messages?to="+url.QueryEscape(to)).want(c.t, 200, "")
		list, _ := got.body["messages"].([]any)
		i := slices.IndexFunc(list, func(m any) bool { return strings.Contains((answer{body: m.(map[string]any)}).str("subject"), subject) })
		if i < 0 {
			return false
		}
		m := answer{body: list[i].(map[string]any)}
		l = letter{subject: m.str("subject"), text: m.str("text"), code: m.str("code")}
		for _, link := range m.body["links"].([]any) {
			if u, err := url.Parse(link.(string)); err == nil && u.Query().Has("token") {
				l.link = u
			}
		}
		return true
	})
	c.do("DELETE", "/dev/inbox/messages", "").want(c.t, 204, "")
	return l
}

// path is the link's, with its token.
func (l letter) path() string { return l.link.RequestURI() }

// A person's whole life with their mailbox, as they would go through it: by what
// arrives there.
func TestEverythingThatGoesThroughAMailbox(t *testing.T) {
	t.Parallel()
	s := devInstall(t, "--rate-limits", "off").start()
	const ada, grace = "ada@example.com", "grace@example.com"

	// A sign-up is verified by the link in the browser that signed up.
	browser := newCaller(t, s.url).withCookies()
	up := browser.post("/auth/sign-up", `{"email":"`+ada+`","password":"`+password+`","name":"Ada"}`).want(t, 201, "")
	welcome := browser.letter(ada, "Confirm")
	stranger := newCaller(t, s.url)
	if got := stranger.get(welcome.path()); got.status != 200 || !strings.Contains(got.text, "<form") || strings.Contains(got.text, ada) {
		t.Errorf("a scanner gets %d %s", got.status, got.text)
	}
	browser.get(welcome.path()).want(t, 200, "")
	if me := browser.get("/auth/me").want(t, 200, ""); me.body["user"].(map[string]any)["email_verified"] != true {
		t.Errorf("not verified: %s", me.text)
	}

	// A magic link with its code, in a tab of its own.
	sent := stranger.post("/auth/send-magic-link", `{"email":"`+ada+`"}`).want(t, 202, "")
	magic := stranger.letter(ada, "Sign in")
	in := stranger.post("/auth/sign-in/token", `{"login_id":"`+sent.str("login_id")+`","code":"`+magic.code+`"}`).want(t, 200, "")
	if in.str("user", "id") != up.str("user", "id") {
		t.Errorf("somebody else is in: %s", in.text)
	}
	stranger.get(magic.path(), "Accept", "application/json").want(t, 410, "token_used")

	// A reset by our own page, and what the owner is told of it.
	stranger.post("/auth/send-password-reset", `{"email":"`+ada+`"}`).want(t, 202, "")
	reset := stranger.letter(ada, "new password")
	stranger.get(reset.path()).want(t, 200, "")
	const next = "copper lantern 93 meadow"
	stranger.post("/auth/reset-password", `{"token":"`+reset.link.Query().Get("token")+`","password":"`+next+`"}`).want(t, 200, "")
	if notice := stranger.letter(ada, "password"); notice.link != nil {
		t.Errorf("the notice holds a token: %s", notice.text)
	}
	browser.get("/auth/me").want(t, 401, "session_revoked")
	in = stranger.post("/auth/sign-in", `{"email":"`+ada+`","password":"`+next+`"}`).want(t, 200, "")

	// An invite, accepted by somebody new.
	invites := "/accounts/" + in.str("account", "id") + "/invites"
	stranger.post(invites, `{"email":"`+grace+`","role":"admin"}`, bearer(in)...).want(t, 201, "")
	invite := stranger.letter(grace, "invite")
	joined := newCaller(t, s.url).get(invite.path(), "Accept", "application/json").want(t, 200, "")
	if joined.str("account", "id") != in.str("account", "id") || joined.str("account", "role") != "admin" || joined.str("next") != "set_password" ||
		joined.body["user"].(map[string]any)["email_verified"] != true {
		t.Errorf("got %s", joined.text)
	}
	stranger.post("/auth/password", `{"password":"`+next+` too"}`, bearer(joined)...).want(t, 204, "")

	// Another address, made the primary one, and the old one told.
	const lovelace = "lovelace@example.com"
	added := stranger.post("/auth/emails", `{"email":"`+lovelace+`"}`, bearer(in)...).want(t, 201, "")
	confirm := stranger.letter(lovelace, "Confirm")
	stranger.post("/auth/verify-email", `{"token":"`+confirm.link.Query().Get("token")+`"}`).want(t, 200, "")
	stranger.do("PATCH", "/auth/emails/"+added.str("id"), `{"primary":true}`, bearer(in)...).want(t, 200, "")
	// The address is written so that no mail program makes a link of it.
	if told := stranger.letter(ada, "address"); !strings.Contains(told.text, "lovelace (at) example") {
		t.Errorf("the old address is told: %s", told.text)
	}
}

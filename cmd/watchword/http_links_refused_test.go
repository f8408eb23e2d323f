package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// broken is a link that does not work, and why.
type broken struct {
	link
	status  int
	code    string
	headers []string // of whoever opens it
	live    bool     // it looks well, and is refused only when it is used
}

// Programs get a problem and people a page, with the same status; neither shows
// the token, and nothing is used up.
func TestLinksThatDoNotWorkSayWhy(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		for name, l := range w.brokenLinks() {
			answers := map[string]answer{}
			if l.path == "/reset-password" {
				answers["posted as JSON"] = w.app().post("/auth/reset-password", adding(l.json(), `"password":"`+testPassword+`"`))
				answers["as a form"] = w.visitor().submit(l.path, l.form()+"&password="+url.QueryEscape(testPassword))
			} else {
				answers["opened as JSON"] = w.app().get(l.query(), append(l.headers, "Accept", "application/json")...)
				answers["posted as JSON"] = w.app().post(l.path, l.json(), l.headers...)
				answers["as a form"] = w.visitor().submit(l.path, l.form(), l.headers...)
			}
			if !l.live {
				answers["opened in a browser"] = w.visitor().get(l.query(), append(l.headers, "Accept", browserAccept)...)
			}
			for how, got := range answers {
				if got.status != l.status || strings.Contains(how, "JSON") && got.str("code") != l.code {
					t.Errorf("%s, %s: %d %s, want %d %s", name, how, got.status, got.text, l.status, l.code)
				}
				if page := strings.HasPrefix(got.header.Get("Content-Type"), "text/html"); page == strings.Contains(how, "JSON") {
					t.Errorf("%s, %s: answered as %s", name, how, got.header.Get("Content-Type"))
				}
				if strings.Contains(got.text, l.Token()) || strings.Contains(got.text, "<form") || len(got.header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s, %s: it shows the token, asks or sets a cookie: %s", name, how, got.text)
				}
				wantAnswerHeaders(t, name+", "+how, got)
			}
			if l.live && !w.unused(l.link) {
				t.Errorf("%s: the refusal has used it up", name)
			}
		}
	})
}

func (w *town) brokenLinks() map[string]broken {
	w.t.Helper()
	ada := w.member("ada@example.com")
	w.member("eve@example.com")
	mailed := func(email string) link { return w.invite(ada, email, watchword.DeliverMail, account.Return{}) }
	handed := func(email string) link { return w.invite(ada, email, watchword.DeliverLink, account.Return{}) }
	signUp := func(email string) link { return w.linkIn(w.app().signUp(email), email) }

	expired := []link{w.magicLink("ada@example.com", ""), signUp("late@example.com"), mailed("late@example.com"), w.resetLink("eve@example.com", "")}
	w.clock.Advance(7 * 24 * time.Hour)
	ada = w.app().post("/auth/sign-in", credentials).want(w.t, 200, "")
	eve := w.app().post("/auth/sign-in", strings.Replace(credentials, "ada@", "eve@", 1)).want(w.t, 200, "")

	list := map[string]broken{}
	add := func(name string, l link, status int, code string, headers ...string) {
		live := status == 401 || status == 403 || status == 409
		list[name] = broken{l, status, code, headers, live}
	}
	for i, kind := range []string{"sign-in", "verification", "invite", "reset"} {
		l := expired[i]
		add(kind+", expired", l, 410, "token_expired")
		for name, token := range map[string]string{
			"made up": "otk_" + strings.Repeat("A", 43), "cut": l.Token()[:40], "with more behind": l.Token() + "=", "no token": "otk_", "mangled": l.Token() + strings.Repeat("&gt;", 9),
		} {
			bad := link{path: l.path}
			bad.Link = "x?token=" + url.QueryEscape(token)
			add(kind+", "+name, bad, 400, "token_invalid")
		}
		other := expired[(i+1)%4]
		other.path = l.path
		add(kind+", for something else", other, 400, "token_invalid")
	}
	magic, verify, invite, reset := w.magicLink("ada@example.com", ""), signUp("new@example.com"), mailed("gus@example.com"), w.resetLink("ada@example.com", "")
	w.app().post(magic.path, magic.json()).want(w.t, 200, "")
	w.app().post(verify.path, adding(verify.json(), `"not_me":true`)).want(w.t, 200, "")
	w.app().post(invite.path, invite.json()).want(w.t, 200, "")
	w.resetLink("ada@example.com", "") // voids the older one
	add("sign-in, used", magic, 410, "token_used")
	add("verification, disowned", verify, 410, "token_used")
	add("invite, used", invite, 410, "token_used")
	add("reset, voided", reset, 410, "token_used")

	revoked := mailed("rex@example.com")
	w.revoke(ada, revoked)
	add("invite, taken back", revoked, 410, "invite_revoked")
	add("invite, for another user", mailed("joe@example.com"), 409, "signed_in_as_other_user", "Cookie", "access_token="+eve.str("access_token"))
	add("invite, to a member", mailed("gus@example.com"), 409, "already_member")
	add("invite, handed over, not signed in", handed("eve@example.com"), 401, "sign_in_required")
	disabled := w.member("dee@example.com")
	add("sign-in, disabled", w.magicLink("dee@example.com", ""), 403, "user_disabled")
	add("reset, disabled", w.resetLink("dee@example.com", ""), 403, "user_disabled")
	add("invite, disabled", mailed("dee@example.com"), 403, "user_disabled")
	w.alter("UPDATE users SET status = 'disabled' WHERE id = '" + disabled.str("user", "id") + "'")
	return list
}

// revoke takes an invite back.
func (w *town) revoke(by answer, l link) {
	w.t.Helper()
	err := w.store.Tx(w.t.Context(), func(c *store.Conn) error {
		return c.RevokeInvite(context.WithoutCancel(w.t.Context()), watchword.AccountID(by.str("account", "id")), w.row(l).InviteID)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestInvitesMakeNoUserWhereSignUpIsClosed(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada := w.member("ada@example.com")
	l := w.invite(ada, "bob@example.com", watchword.DeliverMail, account.Return{})
	closed := w.beside("smtp: " + w.post.URL() + "\n" + unlimited + "\nsign_up: {mode: closed}")
	closed.app().post(l.path, l.json()).want(t, 403, "signup_disabled")
	if got := closed.visitor().submit(l.path, l.form()); got.status != 403 || !strings.Contains(got.text, "New accounts cannot be made here") {
		t.Errorf("%d %s", got.status, got.text)
	}
	if !w.unused(l) {
		t.Error("the refusal has used it up")
	}
	w.beside("smtp: "+w.post.URL()+"\n"+unlimited+"\nsign_up: {mode: invite_only}").app().post(l.path, l.json()).want(t, 200, "")
}

// What is no link at all, or no form.
func TestBodiesOfLinksAreHeldAgainstTheirSchema(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	w.member("ada@example.com")
	l := w.magicLink("ada@example.com", "")
	for form, status := range map[string]int{
		"": 400, "token=": 422, "token=" + l.Token() + "&token=" + l.Token(): 400, l.form() + "&x=1": 422, l.form() + "&login_id=" + l.login: 422,
		l.form() + "&code=" + l.Code: 422, "login_id=" + l.login: 422, "code=" + l.Code: 422, "token=%zz": 400, "token=true": 422, "token=" + strings.Repeat("x", 129): 422,
	} {
		if got := w.visitor().submit(l.path, form); got.status != status || strings.Contains(got.text, l.Token()) {
			t.Errorf("%q: %d %s", form, got.status, got.text)
		}
	}
	for _, contentType := range []string{"text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-16", ""} {
		if got := w.visitor().post(l.path, l.form(), "Content-Type", contentType); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d %s", contentType, got.status, got.text)
		}
	}
	// Elsewhere no form is taken.
	if got := w.visitor().submit("/auth/sign-in", "email=ada@example.com&password=x"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("%d %s", got.status, got.text)
	}
	if !w.unused(l) {
		t.Error("a refusal has used it up")
	}
}

func TestPagesSpeakTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	w.member("ada@example.com")
	l := w.magicLink("ada@example.com", "")
	for accept, want := range map[string]string{
		"": "You are about to sign in", "de-AT,de;q=0.9,en;q=0.8": "Sie melden sich gleich", "fr,de;q=0.5": "Sie melden sich gleich", "fr": "You are about to sign in",
	} {
		if got := w.visitor().get(l.query(), "Accept-Language", accept); !strings.Contains(got.text, want) {
			t.Errorf("%q: %s", accept, got.text)
		}
	}
}

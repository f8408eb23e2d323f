package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/mail/mailtest"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/upstream/upstreamtest"
)

func onEachAbroad(t *testing.T, settings string, test func(t *testing.T, w *abroad)) {
	t.Helper()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(t, newAbroad(t, engine, settings)) })
}

// notice waits for the next mail to an address that has no link.
func (w *town) notice(to string) mailtest.Mail {
	w.t.Helper()
	m := w.post.take(to)
	for m.Link != "" {
		m = w.post.take(to)
	}
	return m
}

func TestATrustedProvidersWordLinksAVerifiedUserWhoIsTold(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		owner := w.member("ada@example.com")
		got := w.in("acme", ada())
		if got.body["is_new_user"] != false || got.str("user", "id") != owner.str("user", "id") || got.str("account", "id") != owner.str("account", "id") ||
			got.body["next"] != nil || got.str("user", "picture") != "" {
			t.Errorf("%s", got.text)
		}
		if m := w.notice("ada@example.com"); !strings.Contains(m.Text, "Acme was linked") {
			t.Errorf("the notice: %s", m.Text)
		}
		w.app().post("/auth/refresh", refreshBody(owner)).want(t, 200, "")
		w.app().post("/auth/sign-in", credentials).want(t, 200, "")
		me := w.me(got)
		identities, _ := me.body["identities"].([]any)
		if len(identities) != 1 || me.body["has_password"] != true {
			t.Fatalf("%s", me.text)
		}
		one, _ := identities[0].(map[string]any)
		want := map[string]any{
			"id": one["id"], "provider": "acme", "issuer": w.at.Issuer(), "email": "ada@example.com", "created_at": one["created_at"],
		}
		if id, _ := one["id"].(string); !cmp.Equal(one, want) || !strings.HasPrefix(id, "idn_") {
			t.Errorf("the identity is %v", one)
		}
		if len(w.told(watchword.EventIdentityLinked)) == 0 {
			t.Error("no event of IdentityLinked")
		}
	})
}

// What a squatter has put there is of no use to them, once the mailbox's owner
// comes by a provider.
func TestATrustedProvidersWordWipesASquatter(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		squatter := w.app().post("/auth/sign-up", signUpBody("ada@example.com", `"name":"Eve"`)).want(t, 201, "")
		theirs := w.linkIn(squatter, "ada@example.com")
		magic := w.magicLink("ada@example.com", "")
		reset := w.resetLink("ada@example.com", "")

		b := w.person()
		got := w.come(b, "acme", nil, ada(), namesJSON...).want(t, 200, "")
		me := w.me(got)
		if got.str("user", "id") != squatter.str("user", "id") || got.body["is_new_user"] != false ||
			!cmp.Equal(me.providersOf(), []string{"acme"}) || me.body["has_password"] != false || me.body["user"].(map[string]any)["email_verified"] != true {
			t.Errorf("%s %s", got.text, me.text)
		}
		w.as(squatter, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		w.app().post("/auth/refresh", refreshBody(squatter)).want(t, 401, "session_revoked")
		w.app().post("/auth/sign-in", credentials).want(t, 401, "invalid_credentials")
		for name, l := range map[string]link{"verification": theirs, "sign-in": magic, "reset": reset} {
			if w.unused(l) {
				t.Errorf("the %s link lives on", name)
			}
		}
		w.app().post("/auth/sign-in/token", `{"login_id":"`+magic.login+`","code":"`+magic.Code+`"}`).want(t, 410, "token_used")
		if len(w.told(watchword.EventUserReclaimed)) == 0 {
			t.Error("no event of UserReclaimed")
		}
	})
}

// Where the same browser holds a live session of that user it is one person.
func TestATrustedProvidersWordInTheUsersOwnBrowserWipesNothing(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		b := w.person()
		up := b.post("/auth/sign-up", signUpBody("ada@example.com", `"name":"Ada"`)).want(t, 201, "")
		w.come(b, "acme", byCookie(), ada()).want(t, 303, "")
		me := b.get("/auth/me").want(t, 200, "")
		if me.str("user", "id") != up.str("user", "id") || me.body["has_password"] != true || me.body["user"].(map[string]any)["email_verified"] != true {
			t.Errorf("%s", me.text)
		}
		w.app().post("/auth/sign-in", credentials).want(t, 200, "")
		if n := len(w.told(watchword.EventUserReclaimed)); n != 0 {
			t.Errorf("%d users were wiped", n)
		}
		// A session of somebody else's, or one that has ended, is none of theirs.
		for name, sign := range map[string]func(b *browser){
			"somebody else's": func(b *browser) { b.signUp("eve@example.com") },
			"an ended one": func(b *browser) {
				up := b.signUp("late@example.com")
				w.as(up, "POST", "/auth/sign-out", "").want(t, 204, "")
			},
		} {
			b := w.person()
			email := map[string]string{"somebody else's": "other@example.com", "an ended one": "late@example.com"}[name]
			sign(b)
			if name == "somebody else's" {
				w.app().signUp(email)
			}
			before := len(w.told(watchword.EventUserReclaimed))
			w.come(b, "acme", byCookie(), as("of "+email, email)).want(t, 303, "")
			if n := len(w.told(watchword.EventUserReclaimed)) - before; n != 1 {
				t.Errorf("%s spares a squatter", name)
			}
		}
	})
}

// Nor does a plain way link whoever happens to be signed in.
func TestAPlainWayWhileSignedInLinksNothing(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		w.member("ada@example.com")
		b := w.person()
		in := b.post("/auth/sign-in", credentials).want(t, 200, "")
		got := w.come(b, "forge", byCookie(), as("9", "eve@example.com")).want(t, 303, "")
		me := b.get("/auth/me").want(t, 200, "")
		if got.carries() != "cookie" || me.str("user", "email") != "eve@example.com" || len(w.me(in).providersOf()) != 0 {
			t.Errorf("%s", me.text)
		}
		before := w.standing()
		wantRefused(t, "with one's own address", w.come(b, "forge", byCookie(), as("10", "ada@example.com"), namesJSON...), 409, "account_link_required")
		if diff := cmp.Diff(before, w.standing()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
	})
}

// linking has a signed-in user's browser begin to link a provider.
func (b *browser) linking(provider, more string) answer {
	b.w.t.Helper()
	body := `{"provider":"` + provider + `"}`
	if more != "" {
		body = adding(body, more)
	}
	return b.post("/auth/identities", body, b.csrf()...)
}

// atHome is a browser in which a verified user has signed in.
func (w *abroad) atHome(email string) *browser {
	w.t.Helper()
	w.member(email)
	b := w.person()
	b.post("/auth/sign-in", strings.Replace(credentials, "ada@example.com", email, 1)).want(w.t, 200, "")
	return b
}

func TestAUserLinksAProviderAndUnlinksIt(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		b := w.atHome("ada@example.com")
		begun := b.linking("forge", leadsToApp+`,"state":"s+1 &2"`).want(t, 200, "")
		wantFlowCookie(t, begun, 600)
		wantUnseen(t, begun)
		if len(begun.body) != 2 || begun.str("expires_at") == "" {
			t.Errorf("%s", begun.text)
		}
		// Another address there: it proves nothing and changes nothing here.
		got := b.get(w.back(begun.str("authorize_url"), as("9", "elsewhere@example.net")))
		to, with := got.led(t)
		if diff := cmp.Diff(url.Values{"state": {"s+1 &2"}}, with); to != appPage || diff != "" || got.carries() != "nothing" {
			t.Errorf("it leads to %s, carries %s\n%s", to, got.carries(), diff)
		}
		wantFlowCookie(t, got, -1)
		me := b.get("/auth/me").want(t, 200, "")
		if me.str("user", "email") != "ada@example.com" || !cmp.Equal(me.providersOf(), []string{"forge"}) || len(me.body["emails"].([]any)) != 1 {
			t.Errorf("%s", me.text)
		}
		if m := w.notice("ada@example.com"); !strings.Contains(m.Text, "Forge was linked") {
			t.Errorf("the notice: %s", m.Text)
		}
		if in := w.in("forge", as("9", "elsewhere@example.net")); in.str("user", "id") != me.str("user", "id") {
			t.Errorf("the link leads to %s", in.text)
		}

		// Without a page of the client's: a page of ours, or the identity.
		page := b.get(w.back(b.linking("acme", "").str("authorize_url"), ada())).want(t, 200, "")
		if !strings.Contains(page.text, "It is linked") || page.carries() != "nothing" {
			t.Errorf("%s", page.text)
		}
		twice := b.get(w.back(b.linking("acme", "").str("authorize_url"), ada()), namesJSON...).want(t, 200, "") // as well
		if twice.str("provider") != "acme" || twice.carries() != "nothing" {
			t.Errorf("%s", twice.text)
		}

		path := "/auth/identities/" + twice.str("id")
		b.do("DELETE", path, "", b.csrf()...).want(t, 204, "")
		if me := b.get("/auth/me").want(t, 200, ""); !cmp.Equal(me.providersOf(), []string{"forge"}) {
			t.Errorf("%s", me.text)
		}
		b.do("DELETE", path, "", b.csrf()...).want(t, 404, "identity_not_found")
		if len(w.told(watchword.EventIdentityLinked)) == 0 {
			t.Error("no event of IdentityLinked")
		}
		if len(w.told(watchword.EventIdentityUnlinked)) == 0 {
			t.Error("no event of IdentityUnlinked")
		}
	})
}

func TestLinkingNeedsAVerifiedUserAFreshSignInAndTheBrowserThatBegan(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		newcomer := w.person()
		newcomer.signUp("new@example.com")
		newcomer.linking("forge", "").want(t, 403, "email_unverified")
		noEmail := w.person()
		w.come(noEmail, "forge", byCookie(), upstreamtest.User{Subject: "11"}).want(t, 303, "")
		noEmail.linking("acme", "").want(t, 409, "no_email")

		b := w.atHome("ada@example.com")
		b.linking("nobody", "").want(t, 404, "provider_not_found")
		b.linking("forge", `"redirect_uri":"https://evil.example.com/in"`).want(t, 400, "redirect_uri_not_allowed")
		b.post("/auth/identities", `{"provider":"forge"}`).want(t, 403, "csrf_missing")
		w.app().post("/auth/identities", `{"provider":"forge"}`).want(t, 401, "unauthenticated")
		sent := b.linking("forge", "").want(t, 200, "").str("authorize_url")
		callback := w.back(sent, as("9", "ada@example.com"))
		before := w.standing()
		wantRefused(t, "in another browser", w.person().get(callback, namesJSON...), 400, "oauth_state_invalid")
		wantRefused(t, "in another user's", newcomer.get(callback, namesJSON...), 400, "oauth_state_invalid")
		if diff := cmp.Diff(before, w.standing()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
		b.get(callback).want(t, 200, "")

		// Somebody else's: it stays theirs.
		eve := w.atHome("eve@example.com")
		before = w.standing()
		wantRefused(t, "another's identity", eve.get(w.back(eve.linking("forge", "").str("authorize_url"), as("9", "eve@example.com")), namesJSON...), 409, "identity_taken")
		page := eve.get(w.back(eve.linking("forge", leadsToApp).str("authorize_url"), as("9", "eve@example.com")))
		wantRefused(t, "another's identity", page, 409, "")
		if diff := cmp.Diff(before, w.standing()); diff != "" || !strings.Contains(page.text, "Linked to another account") || !strings.Contains(page.text, "Back to My app") {
			t.Errorf("%s\n%s", page.text, diff)
		}

		// The session has ended meanwhile.
		sent = eve.linking("forge", "").want(t, 200, "").str("authorize_url")
		eve.post("/auth/sign-out", "", eve.csrf()...).want(t, 204, "")
		before = w.standing()
		wantRefused(t, "signed out", eve.get(w.back(sent, as("12", "eve@example.com")), namesJSON...), 401, "session_revoked")
		if diff := cmp.Diff(before, w.standing()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}

		w.clock.Advance(11 * time.Minute)
		b.post("/auth/refresh", "", b.csrf()...).want(t, 200, "") // is no sign-in
		b.linking("acme", "").want(t, 403, "fresh_sign_in_required")
		id := b.get("/auth/me").want(t, 200, "").body["identities"].([]any)[0].(map[string]any)["id"].(string)
		b.do("DELETE", "/auth/identities/"+id, "", b.csrf()...).want(t, 403, "fresh_sign_in_required")
	})
}

// Whoever has nothing but a provider keeps it.
func TestTheLastWayInStays(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		in := w.in("forge", upstreamtest.User{Subject: "11"})
		if me := w.me(in); me.body["user"].(map[string]any)["email"] != nil || in.body["next"] != nil {
			t.Errorf("%s", me.text)
		}
		unlink := func(in answer) answer {
			id := w.me(in).body["identities"].([]any)[0].(map[string]any)["id"].(string)
			return w.as(in, "DELETE", "/auth/identities/"+id, "")
		}
		unlink(in).want(t, 409, "last_sign_in_method")
		unlink(w.in("forge", as("12", "unproven@example.com"))).want(t, 409, "last_sign_in_method") // nobody mails there
		w.in("forge", upstreamtest.User{Subject: "11"})
		unlink(w.in("acme", ada())).want(t, 204, "") // whose mailbox lets them in
	})
}

// Name, picture and address at the provider are its business: who somebody is
// here, their session and what others see stay.
func TestChangesAtTheProviderChangeNobody(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		first := w.in("acme", ada())
		w.member("eve@example.com")
		w.settled()
		before := w.me(first)
		for _, changed := range []upstreamtest.User{
			{Subject: "7", Email: "eve@example.com", EmailVerified: true, Name: "Eve", Picture: "https://pictures.example/eve.png"},
			{Subject: "7", Email: "new@example.com", EmailVerified: true},
			{Subject: "7"},
		} {
			got := w.in("acme", changed)
			if diff := cmp.Diff(first.body["user"], got.body["user"]); diff != "" || got.body["is_new_user"] != false {
				t.Errorf("as %+v they are somebody else:\n%s", changed, diff)
			}
			after := w.me(first)
			if diff := cmp.Diff(before.body, after.body); diff != "" {
				t.Errorf("as %+v:\n%s", changed, diff)
			}
		}
		// Another subject is another person, with the same name as well.
		if other := w.in("acme", upstreamtest.User{Subject: "8", Name: "Ada Lovelace"}); other.str("user", "id") == first.str("user", "id") {
			t.Errorf("%s", other.text)
		}
	})
}

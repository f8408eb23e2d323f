package main

import (
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

// A POST acts, whoever sends it: as JSON it answers what a program needs.
func TestPostedTokenSignsInTheWayTheCallerAsks(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		ada := w.member("ada@example.com")
		for mode, carries := range map[string]string{"": "both", "both": "both", "token": "token", "cookie": "cookie"} {
			links := map[string]link{
				"sign-in": w.magicLink("ada@example.com", leadsWithPKCE), // of which a program needs nothing
				"invite":  w.invite(ada, "bob-"+mode+"@example.com", watchword.DeliverMail, account.Return{}),
			}
			for name, l := range links {
				got := w.app().post(l.path, l.json(), "X-Session-Mode", mode).want(t, 200, "")
				if got.carries() != carries || len(got.body["amr"].([]any)) != 1 || got.body["amr"].([]any)[0] != "otp" || got.body["is_new_user"] != (name == "invite") {
					t.Errorf("%s, %q: %s by %s", name, mode, got.text, got.carries())
				}
				if name == "invite" && (got.str("next") != "set_password" || got.str("account", "id") != ada.str("account", "id") || got.str("account", "role") != "member") {
					t.Errorf("%s: %s", name, got.text)
				}
				w.app().post(l.path, l.json()).want(t, 410, "token_used")
			}
			byCode := w.magicLink("ada@example.com", "")
			code := `{"login_id":"` + byCode.login + `","code":"` + byCode.Code + `"}`
			if got := w.app().post(byCode.path, code, "X-Session-Mode", mode).want(t, 200, ""); got.carries() != carries {
				t.Errorf("code, %q: by %s", mode, got.carries())
			}
			w.app().post(byCode.path, code).want(t, 410, "token_used")
			w.app().post(byCode.path, byCode.json()).want(t, 410, "token_used")
		}
	})
}

func TestVerificationStartsNoSessionAndARepeatAnswersTheSame(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		up := w.app().signUp("ada@example.com")
		l := w.linkIn(up, "ada@example.com")
		first := w.app().post(l.path, l.json()).want(t, 200, "")
		if first.str("status") != "verified" || first.str("email") != "ada@example.com" || first.str("verified_at") != w.clock.Now().Format(time.RFC3339) ||
			first.carries() != "nothing" || first.header.Get("Set-Cookie") != "" {
			t.Errorf("%s by %s", first.text, first.carries())
		}
		w.clock.Advance(time.Hour)
		for name, again := range map[string]answer{
			"posted": w.app().post(l.path, l.json()), "opened as JSON": w.app().get(l.query(), "Accept", "application/json"),
		} {
			if again.text != first.text {
				t.Errorf("%s again: %s, first %s", name, again.text, first.text)
			}
		}
		for name, again := range map[string]answer{ // people click twice, and want no riddle
			"opened": w.visitor().get(l.query(), "Accept", browserAccept), "as a form": w.visitor().submit(l.path, l.form()),
			"opened ahead of time": w.visitor().get(l.query(), "Accept", browserAccept, "Sec-Purpose", "prefetch"),
		} {
			if again.status != 200 || !strings.Contains(again.text, "is verified") || strings.Contains(again.text, "<form") {
				t.Errorf("%s again: %d %s", name, again.status, again.text)
			}
		}
		fresh := w.app().post("/auth/switch-account", refreshBody(up)).want(t, 200, "")
		w.app().post("/auth/send-email-verification", "", "Authorization", "Bearer "+fresh.str("access_token")).want(t, 409, "email_already_verified")
	})
}

func TestWhoeverDidNotSignUpTakesTheirAddressBack(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		for name, disown := range map[string]func(l link) answer{
			"form": func(l link) answer { return w.visitor().submit(l.path, l.form()+"&not_me=true") },
			"json": func(l link) answer { return w.app().post(l.path, adding(l.json(), `"not_me":true`)) },
		} {
			squatter := w.app().signUp(name + "@example.com")
			l := w.linkIn(squatter, name+"@example.com")
			got := disown(l).want(t, 200, "")
			if name == "json" && got.str("status") != "disowned" || name == "form" && !strings.Contains(got.text, "<h1>It is gone</h1>") {
				t.Errorf("%s: %s", name, got.text)
			}
			w.app().post("/auth/refresh", refreshBody(squatter)).want(t, 401, "session_revoked")
			w.app().post("/auth/sign-in", `{"email":"`+name+`@example.com","password":"`+testPassword+`"}`).want(t, 401, "invalid_credentials")
			disown(l).want(t, 410, "")
			w.app().post(l.path, l.json()).want(t, 410, "token_used")
		}
	})
}

// formSenders are who a form may come from: our own page, however its origin has
// been stripped on the way, and no other.
var formSenders = map[string]struct {
	headers []string
	refused bool
}{
	"no origin":                     {nil, false},
	"null, as no-referrer makes it": {[]string{"Origin", "null"}, false},
	"null, same-origin":             {[]string{"Origin", "null", "Sec-Fetch-Site", "same-origin"}, false},
	"own":                           {[]string{"Origin", "OWN", "Sec-Fetch-Site", "same-origin"}, false},
	"own, old browser":              {[]string{"Origin", "OWN"}, false},
	"foreign":                       {[]string{"Origin", "https://evil.example.com"}, true},
	"foreign, new browser":          {[]string{"Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site"}, true},
	"sandboxed frame":               {[]string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, true},
	"sibling":                       {[]string{"Sec-Fetch-Site", "same-site"}, true},
	"the client's page":             {[]string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"}, true},
	"the client's page, old":        {[]string{"Origin", "https://app.example.com"}, true},
}

func TestFormsActOnlyFromOurOwnPage(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada := w.member("ada@example.com")
	n := 0
	fresh := map[string]func() link{
		"sign-in": func() link { return w.magicLink("ada@example.com", "") },
		"reset":   func() link { return w.resetLink("ada@example.com", "") },
		"invite": func() link {
			n++
			return w.invite(ada, "guest-"+string(rune('a'+n))+"@example.com", watchword.DeliverMail, account.Return{})
		},
		"verification": func() link {
			n++
			email := "new-" + string(rune('a'+n)) + "@example.com"
			return w.linkIn(w.app().signUp(email), email)
		},
	}
	for kind, make := range fresh {
		l := make()
		for name, sender := range formSenders {
			headers := append([]string(nil), sender.headers...)
			for i := range headers {
				headers[i] = strings.Replace(headers[i], "OWN", w.url, 1)
			}
			got := w.visitor().submit(l.path, l.form()+map[string]string{"reset": "&password=" + url.QueryEscape(testPassword)}[kind], headers...)
			if refused := got.status == 403 && got.str("code") == "cross_origin_refused"; refused != sender.refused || !refused && got.status != 200 {
				t.Errorf("%s, %s: %d %s", kind, name, got.status, got.text)
			}
			if w.unused(l) != sender.refused {
				t.Errorf("%s, %s: the link is unused: %t", kind, name, !sender.refused)
			}
			if !sender.refused {
				l = make()
			}
		}
	}
}

// As a form, a link goes back where its client wants it; without such a place it
// ends on a page of ours.
func TestFormsLeadBackWithCookiesOrWithACode(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		ada := w.member("ada@example.com")
		challenge := account.Return{RedirectURI: appPage, State: "s+1 &2", CodeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}
		for name, test := range map[string]struct {
			link
			status  int
			carries string
			query   string // of the way back, with CODE for the code
		}{
			"to our page":         {w.magicLink("ada@example.com", ""), 200, "cookie", ""},
			"back":                {w.magicLink("ada@example.com", leadsToApp), 303, "cookie", ""},
			"back with state":     {w.magicLink("ada@example.com", leadsToApp+`,"state":"s+1 &2"`), 303, "cookie", "state=s%2B1+%262"},
			"back with a code":    {w.magicLink("ada@example.com", leadsWithPKCE), 303, "nothing", "code=CODE&iss=" + url.QueryEscape(w.url) + "&state=s%2B1+%262"},
			"invite":              {w.invite(ada, "bob@example.com", watchword.DeliverMail, account.Return{}), 200, "cookie", ""},
			"invite, back":        {w.invite(ada, "cat@example.com", watchword.DeliverMail, account.Return{RedirectURI: appPage}), 303, "cookie", ""},
			"invite, with a code": {w.invite(ada, "dan@example.com", watchword.DeliverMail, challenge), 303, "nothing", "code=CODE&iss=" + url.QueryEscape(w.url) + "&state=s%2B1+%262"},
		} {
			got := w.visitor().submit(test.path, test.form(), "X-Session-Mode", "token") // a form cannot say so
			if got.status != test.status || got.carries() != test.carries {
				t.Errorf("%s: %d by %s: %s", name, got.status, got.carries(), got.text)
			}
			wantAnswerHeaders(t, name, got)
			if test.status != 303 {
				continue
			}
			u, err := url.Parse(got.header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			query := u.RawQuery
			if code := u.Query().Get("code"); code != "" {
				query = strings.Replace(query, code, "CODE", 1)
			}
			u.RawQuery = ""
			if u.String() != appPage || query != test.query {
				t.Errorf("%s: leads to %s, want query %s", name, got.header.Get("Location"), test.query)
			}
		}
	})
}

// wantAnswerHeaders wants what every answer to a used link says of itself.
func wantAnswerHeaders(t *testing.T, name string, got answer) {
	t.Helper()
	csp := answerCSP
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		csp = pageCSP
	}
	for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Security-Policy": csp} {
		if got.header.Get(header) != want {
			t.Errorf("%s: %s is %q, want %q", name, header, got.header.Get(header), want)
		}
	}
}

// A verification leads back, too, and starts no session there.
func TestVerificationByFormLeadsBackWithoutASession(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	up := w.app().signUp("ada@example.com")
	w.post.take("ada@example.com")
	l := w.verification(up, leadsToApp)
	got := w.visitor().submit(l.path, l.form())
	if got.status != http.StatusSeeOther || got.header.Get("Location") != appPage || got.header.Get("Set-Cookie") != "" {
		t.Errorf("%d to %q with %q", got.status, got.header.Get("Location"), got.header.Get("Set-Cookie"))
	}
	wantAnswerHeaders(t, "verification", got)
}

// A link is its client's.
func TestLinksAreRefusedToOtherClients(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada := w.member("ada@example.com")
	newcomer := w.app().signUp("new@example.com")
	for name, l := range map[string]link{
		"sign-in": w.magicLink("ada@example.com", ""), "invite": w.invite(ada, "bob@example.com", watchword.DeliverMail, account.Return{}),
		"verification": w.linkIn(newcomer, "new@example.com"),
	} {
		calls := map[string]func(client string) answer{
			"opened": func(id string) answer { return w.app().get(l.query(), "Accept", "application/json", "X-Client-Id", id) },
			"posted": func(id string) answer { return w.app().post(l.path, l.json(), "X-Client-Id", id) },
		}
		if l.login != "" {
			calls["by code"] = func(id string) answer {
				return w.app().post(l.path, `{"login_id":"`+l.login+`","code":"`+l.Code+`"}`, "X-Client-Id", id)
			}
		}
		for how, call := range calls {
			if got := call("shop"); got.status != 400 || got.str("code") != "token_invalid" {
				t.Errorf("%s, %s by another client: %d %s", name, how, got.status, got.text)
			}
			if got := call("nobody"); got.status != 404 || got.str("code") != "client_not_found" {
				t.Errorf("%s, %s by no client: %d %s", name, how, got.status, got.text)
			}
		}
		if !w.unused(l) {
			t.Errorf("%s: another client has used it up", name)
		}
		w.app().post(l.path, l.json(), "X-Client-Id", "web").want(t, 200, "")
	}
}

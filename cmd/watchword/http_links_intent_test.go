package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// What may come of opening a link.
type effect string

const (
	asks      effect = "asks on a page"
	acts      effect = "acts, and answers JSON"
	leadsBack effect = "acts, and leads back"
	foreign   effect = "refuses a foreign page"
	another   effect = "refuses who is signed in as somebody else"
)

// Whose cookie a visitor brings.
const (
	noCookie     = "none"
	ownBinding   = "binding cookie of this request"
	otherBinding = "binding cookie of another request"
	theirSession = "session of the user"
	otherSession = "session of another user"
)

// visit is one way to open a link.
type visit struct {
	method  string
	accept  string
	cookie  string
	purpose string // a header that says the visit is ahead of time; empty: none
	fetch   fetch
}

// fetch is what a browser says of who has it fetch.
type fetch struct {
	headers  []string
	topLevel bool // a person has navigated
	foreign  bool // a page that no client lists
}

const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// The accepts; true: JSON is named outright.
var accepts = map[string]bool{
	"": false, "*/*": false, browserAccept: false, "application/json": true, "application/json;q=0, */*": false,
	"application/json, text/plain, */*": true, // axios
}

func fetches() []fetch {
	secFetch := func(site, mode, dest string) []string {
		return []string{"Sec-Fetch-Site", site, "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", dest}
	}
	return []fetch{
		{topLevel: true}, // no browser, or an old one
		{headers: secFetch("none", "navigate", "document"), topLevel: true},
		{headers: secFetch("cross-site", "navigate", "document"), topLevel: true, foreign: true}, // webmail
		{headers: secFetch("cross-site", "navigate", "iframe"), foreign: true},
		{headers: secFetch("cross-site", "no-cors", "image"), foreign: true},
		{headers: secFetch("same-origin", "cors", "empty")},
		{headers: append(secFetch("same-site", "cors", "empty"), "Origin", "https://evil.example.com"), foreign: true},
		{headers: append(secFetch("cross-site", "cors", "empty"), "Origin", "https://app.example.com")},
		{headers: append(secFetch("cross-site", "cors", "empty"), "Origin", "https://shop.example.com"), foreign: true}, // another client's
	}
}

// visits are all ways that are told apart. Those ahead of time are not combined
// with every fetch.
func visits() (list []visit) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for accept := range accepts {
			for _, cookie := range []string{noCookie, ownBinding, otherBinding, theirSession, otherSession} {
				for _, f := range fetches() {
					list = append(list, visit{method, accept, cookie, "", f})
				}
				for _, purpose := range []string{"Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch"} {
					list = append(list, visit{method, accept, cookie, purpose, fetches()[1]})
				}
			}
		}
	}
	return list
}

// want is what the rules say, link by link.
func (v visit) want(kind account.LinkKind) effect {
	means := kind != account.LinkInvite && v.cookie == ownBinding || kind == account.LinkVerify && v.cookie == theirSession
	switch {
	case v.method == http.MethodHead || v.purpose != "":
		return asks
	case accepts[v.accept] && v.fetch.foreign:
		return foreign
	case accepts[v.accept] && kind == account.LinkInvite && v.cookie == otherSession:
		return another
	case accepts[v.accept]:
		return acts
	case means && v.fetch.topLevel:
		return leadsBack
	default:
		return asks
	}
}

// came is what an answer amounts to.
func (a answer) came() effect {
	switch {
	case a.status == 200 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.cookie("access_token") == nil:
		return asks
	case a.status == 200 && a.header.Get("Content-Type") == "application/json":
		return acts
	case a.status == 303 && a.header.Get("Location") == appPage:
		return leadsBack
	case a.status == 403 && a.str("code") == "cross_origin_refused":
		return foreign
	case a.status == 409 && a.str("code") == "signed_in_as_other_user":
		return another
	default:
		return effect(http.StatusText(a.status) + ": " + a.text)
	}
}

// opened is a link with what makes it fresh again after somebody has used it.
type opened struct {
	link
	kind    account.LinkKind
	cookies map[string]string
	renew   func()
}

func TestLinksActForWhoeverMeansItAndAskEverybodyElse(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		for _, l := range w.links() {
			t.Run(string(l.kind), func(t *testing.T) {
				for _, v := range visits() {
					w.pay(t, l, v)
				}
			})
		}
	})
}

// pay pays a link the visit, and looks what came of it.
func (w *town) pay(t *testing.T, l opened, v visit) {
	t.Helper()
	headers := append([]string{"Accept", v.accept, "Cookie", l.cookies[v.cookie]}, v.fetch.headers...)
	if name, value, ok := strings.Cut(v.purpose, ": "); ok {
		headers = append(headers, name, value)
	}
	got, want := w.visitor().do(v.method, l.query(), "", headers...), v.want(l.kind)
	if got.came() != want {
		t.Errorf("%+v: %s; want: %s", v, got.came(), want)
	}
	used := want == acts || want == leadsBack
	if w.unused(l.link) == used {
		t.Errorf("%+v: the link is used: %t", v, !used)
	}
	if cleared := strings.Contains(strings.Join(got.header.Values("Set-Cookie"), " "), "__Host-link_"); cleared != (used && v.cookie == ownBinding && l.kind != account.LinkInvite) {
		t.Errorf("%+v: the binding cookie is cleared: %t", v, cleared)
	}
	if used {
		l.renew()
	}
}

// links are one of each kind. A link that was used is made fresh behind the
// server's back: the table is long.
func (w *town) links() []opened {
	w.t.Helper()
	ada, eve, bob := w.member("ada@example.com"), w.member("eve@example.com"), w.member("bob@example.com")
	newcomer := w.app().signUp("new@example.com")
	w.post.take("new@example.com")
	session := func(a answer) string { return "access_token=" + a.str("access_token") }
	other := w.magicLink("bob@example.com", "").binding
	cookies := func(own string, their answer) map[string]string {
		return map[string]string{ownBinding: own, otherBinding: other, theirSession: session(their), otherSession: session(eve)}
	}
	unuse := func(more ...string) func() {
		return func() {
			w.t.Helper()
			w.alter("UPDATE one_time_tokens SET used_at = NULL, voided_at = NULL, session_id = ''")
			for _, statement := range more {
				w.alter(statement)
			}
		}
	}
	magic, verify := w.magicLink("ada@example.com", leadsToApp), w.verification(newcomer, leadsToApp)
	invited := w.invite(eve, "bob@example.com", watchword.DeliverMail, account.Return{RedirectURI: appPage})
	return []opened{
		{magic, account.LinkSignIn, cookies(magic.binding, ada), unuse()},
		{verify, account.LinkVerify, cookies(verify.binding, newcomer), unuse("UPDATE emails SET verified_at = NULL WHERE address = 'new@example.com'")},
		{invited, account.LinkInvite, cookies("__Host-link_000000000000=x", bob), unuse(
			"UPDATE invites SET accepted_at = NULL, accepted_by = ''",
			"DELETE FROM memberships WHERE account_id = '"+eve.str("account", "id")+"' AND user_id = '"+bob.str("user", "id")+"'",
		)},
	}
}

const (
	pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	answerCSP = "default-src 'none'; frame-ancestors 'none'"
)

// The page that asks: what it shows, and in which headers.
func TestPageThatAsksShowsTheMaskedAddressAndMayLeadToTheClientAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada, newcomer := w.member("ada@example.com"), w.app().signUp("new@example.com")
	w.post.take("new@example.com")
	for name, test := range map[string]struct {
		link
		csp, address string
	}{
		"sign-in":             {w.magicLink("ada@example.com", leadsToApp), pageCSP + " https://app.example.com", "a•••@example.com"},
		"without a way back":  {w.magicLink("ada@example.com", ""), pageCSP, "a•••@example.com"},
		"to an app":           {w.magicLink("ada@example.com", `"redirect_uri":"shop.example:/in"`, "X-Client-Id", "shop"), pageCSP + " shop.example:", "a•••@example.com"},
		"invite":              {w.invite(ada, "bob@example.com", watchword.DeliverMail, account.Return{RedirectURI: appPage}), pageCSP + " https://app.example.com", "b•••@example.com"},
		"invite, handed over": {w.invite(ada, "cat@example.com", watchword.DeliverLink, account.Return{}), pageCSP, "c•••@example.com"},
		"verification":        {w.verification(newcomer, leadsToApp), pageCSP + " https://app.example.com", "n•••@example.com"},
		"reset":               {w.resetLink("ada@example.com", ""), pageCSP, "a•••@example.com"},
	} {
		got := w.visitor().get(test.query(), "Accept", browserAccept)
		if got.status != 200 || !strings.Contains(got.text, test.address) || strings.Contains(got.text, "@example.com") && strings.Contains(got.text, strings.Replace(test.address, "•••", "", 1)) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		if strings.Count(got.text, test.Token()) != 1 || !strings.Contains(got.text, `<input type="hidden" name="token" value="`+test.Token()+`">`) ||
			!strings.Contains(got.text, `<form method="post" action="`+test.path+`">`) || strings.Contains(got.text, "<script") {
			t.Errorf("%s: the form is not a plain one: %s", name, got.text)
		}
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Content-Security-Policy": test.csp, "Referrer-Policy": "same-origin",
			"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Set-Cookie": "",
			"X-Content-Type-Options": "nosniff", "Location": "",
		} {
			if got.header.Get(header) != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got.header.Get(header), want)
			}
		}
		if !w.unused(test.link) {
			t.Errorf("%s: looking has used it up", name)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	w.member("ada@example.com")
	used := w.magicLink("ada@example.com", "")
	w.app().post(used.path, used.json()).want(t, 200, "")
	for name, path := range map[string]string{
		"live": w.magicLink("ada@example.com", leadsToApp).query(), "reset": w.resetLink("ada@example.com", "").query(),
		"used": used.query(), "made up": "/auth/accept-invite?token=x", "none": "/auth/verify-email",
	} {
		get, head := w.visitor().get(path, "Accept", "*/*"), w.visitor().do(http.MethodHead, path, "", "Accept", "*/*")
		if head.text != "" || len(get.text) < 100 {
			t.Errorf("%s: bodies of %d and %d bytes", name, len(head.text), len(get.text))
		}
		head.text, get.text = "", ""
		if diff := cmp.Diff(get.face(), head.face()); diff != "" {
			t.Errorf("%s: GET and HEAD differ:\n%s", name, diff)
		}
	}
}

package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// auth is where browsers see the servers of these tests.
var auth = &url.URL{Scheme: "https", Host: "auth.app.example.com", Path: "/"}

// authJar keeps cookies as if the test's server were there.
type authJar struct{ http.CookieJar }

func (j authJar) SetCookies(_ *url.URL, c []*http.Cookie) { j.CookieJar.SetCookies(auth, c) }
func (j authJar) Cookies(*url.URL) []*http.Cookie         { return j.CookieJar.Cookies(auth) }

// cookieDomains starts a server for each cookies.domain, all on one database.
func cookieDomains(t *testing.T, domains ...string) []*world {
	t.Helper()
	location, clock := storetest.Location(t, store.SQLite), storetest.NewClock()
	nodes := make([]*world, len(domains))
	for i, domain := range domains {
		nodes[i] = newNode(t, store.SQLite, location, clock, generous+"public_url: "+strings.TrimSuffix(auth.String(), "/")+
			"\ncookies: {domain: \""+domain+"\"}\n")
	}
	return nodes
}

// visitor is one browser at each of the servers.
func visitor(nodes []*world) []*browser {
	first := nodes[0].page()
	first.client.Jar = authJar{first.client.Jar.(secureJar).CookieJar}
	pages := []*browser{first}
	for _, node := range nodes[1:] {
		page := node.page()
		page.client.Jar = first.client.Jar
		pages = append(pages, page)
	}
	return pages
}

func (b *browser) holds(names ...string) (values []string) {
	for _, c := range b.client.Jar.Cookies(nil) {
		for _, name := range names {
			if c.Name == name {
				values = append(values, c.Value)
			}
		}
	}
	return values
}

// A browser sends the cookies of the earlier setting beside the new ones.
func TestAChangeOfTheCookieDomainLocksNobodyOut(t *testing.T) {
	t.Parallel()
	for _, test := range [][]string{
		{"", "app.example.com"},
		{"app.example.com", ""},
		{"app.example.com", "example.com"},
		{"example.com", "app.example.com"},
		{"auth.app.example.com", ""},
		{"", "auth.app.example.com"},
	} {
		t.Run(test[0]+" to "+test[1], func(t *testing.T) {
			t.Parallel()
			nodes := cookieDomains(t, test...)
			clock := nodes[0].clock

			again := visitor(nodes) // signs in again
			again[0].signUp("ada@example.com")
			in := again[1].post("/auth/sign-in", credentials).want(t, 200, "")
			if me := again[1].get("/auth/me").want(t, 200, ""); me.str("session", "id") != in.str("session_id") {
				t.Errorf("the browser is in another session: %s", me.text)
			}
			again[1].post("/auth/sign-out", "", again[1].csrf()...).want(t, 204, "")
			if left := again[1].holds("access_token", "refresh_token"); left != nil {
				t.Errorf("a sign-out left %d cookies", len(left))
			}

			leaves := visitor(nodes)
			leaves[0].post("/auth/sign-in", credentials).want(t, 200, "")
			leaves[1].post("/auth/sign-out", "", leaves[1].csrf()...).want(t, 204, "")
			if left := leaves[1].holds("access_token", "refresh_token"); left != nil {
				t.Errorf("a sign-out at once left %d cookies", len(left))
			}

			on := visitor(nodes) // goes on
			was := on[0].post("/auth/sign-in", credentials).want(t, 200, "")
			for range 3 {
				clock.Advance(time.Minute)
				got := on[1].post("/auth/refresh", "", on[1].csrf()...).want(t, 200, "")
				me := on[1].get("/auth/me").want(t, 200, "")
				if id := was.str("session_id"); got.str("session_id") != id || me.str("session", "id") != id {
					t.Errorf("%s, %s: not the session that it was", got.text, me.text)
				}
			}
			if n := len(on[1].holds("refresh_token")); n != 1 {
				t.Errorf("%d refresh cookies are left", n)
			}
			on[1].post("/auth/sign-out", "", on[1].csrf()...).want(t, 204, "")
			if left := on[1].holds("access_token", "refresh_token"); left != nil {
				t.Errorf("a sign-out left %d cookies", len(left))
			}
		})
	}
}

// The names are common ones: a product on a domain above may use them too.
func TestCookiesOfAnotherProductDisturbNobodyAndAreLeftAlone(t *testing.T) {
	t.Parallel()
	page := visitor(cookieDomains(t, ""))[0]
	page.client.Jar.SetCookies(nil, []*http.Cookie{
		{Name: "access_token", Value: "theirs", Domain: "example.com", Path: "/"},
		{Name: "refresh_token", Value: "theirs", Domain: "example.com", Path: "/"},
	})
	in := page.signUp("ada@example.com")
	for range 2 {
		page.w.clock.Advance(time.Minute)
		page.post("/auth/refresh", "", page.csrf()...).want(t, 200, "")
		if me := page.get("/auth/me").want(t, 200, ""); me.str("session", "id") != in.str("session_id") {
			t.Errorf("%s", me.text)
		}
	}
	page.post("/auth/sign-out", "", page.csrf()...).want(t, 204, "")
	if left := strings.Join(page.holds("access_token", "refresh_token"), " "); left != "theirs theirs" {
		t.Errorf("the browser holds %q", left)
	}
}

// A sibling host can set cookies for the domain: its owner's own session must not
// become that of the person in the browser. Signing in again helps.
func TestAPlantedSessionIsNotTaken(t *testing.T) {
	t.Parallel()
	w := cookieDomains(t, "")[0]
	page := visitor([]*world{w})[0]
	page.signUp("ada@example.com")
	eve := w.app().signUp("eve@example.com")
	var planted []*http.Cookie
	for _, name := range []string{"access_token", "refresh_token"} {
		planted = append(planted, &http.Cookie{Name: name, Value: eve.cookie(name).Value, Domain: "example.com", Path: "/"})
	}
	page.client.Jar.SetCookies(nil, planted)
	page.get("/auth/me").want(t, 401, "unauthenticated")
	page.post("/auth/refresh", "", page.csrf()...).want(t, 401, "refresh_token_missing")
	page.post("/auth/sign-in", credentials).want(t, 200, "")
	if me := page.get("/auth/me").want(t, 200, ""); me.str("user", "email") != "ada@example.com" {
		t.Errorf("%s", me.text)
	}
}

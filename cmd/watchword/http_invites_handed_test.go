package main

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// handed is an invite that its maker hands over by themselves.
func (w *town) handed(by answer, email string, headers ...string) link {
	w.t.Helper()
	made := w.app().post(by.accountPath()+"/invites", `{"email":"`+email+`","deliver":"link"}`, append(bearerOf(by), headers...)...).want(w.t, 201, "")
	u, err := url.Parse(made.str("accept_url"))
	if err != nil {
		w.t.Fatal(err)
	}
	l := link{path: u.Path}
	l.Link = made.str("accept_url")
	return l
}

func (w *town) signIn(email string) answer {
	w.t.Helper()
	return w.app().post("/auth/sign-in", strings.Replace(credentials, "ada@example.com", email, 1)).want(w.t, 200, "")
}

// cookies are those of a session, as a browser sends them.
func (a answer) cookies() string {
	return "access_token=" + a.str("access_token") + "; " + a.refreshCookie()
}

func (a answer) refreshCookie() string { return "refresh_token=" + a.str("refresh_token") }

// Such an invite proves nothing: its user must be signed in by what authenticates
// any other call, or a page could have their browser accept it.
func TestAHandedOverInviteNeedsACallThatIsAuthenticated(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		w.member("ada@example.com")
		w.member("bob@example.com")
		old := w.signIn("bob@example.com")
		w.clock.Advance(11 * time.Minute)
		l, bob := w.handed(w.signIn("ada@example.com"), "bob@example.com"), w.signIn("bob@example.com")
		json := func(headers ...string) answer { return w.app().post(l.path, l.json(), headers...) }
		for name, test := range map[string]struct {
			got    answer
			status int
			code   string // empty: a page
		}{
			"nobody":                 {json(), 401, "sign_in_required"},
			"an expired bearer":      {json(bearerOf(old)...), 401, "sign_in_required"},
			"an expired cookie":      {json("Cookie", old.cookies()), 401, "sign_in_required"},
			"a refresh cookie alone": {json("Cookie", bob.refreshCookie()), 401, "sign_in_required"},
			"no CSRF token":          {json("Cookie", bob.cookies()), 403, "csrf_missing"},
			"opened":                 {w.app().get(l.query(), "Accept", "application/json", "Cookie", bob.cookies()), 401, "sign_in_required"},
			"a form of anybody":      {w.visitor().submit(l.path, l.form(), "Cookie", bob.cookies()), 403, ""},
		} {
			if test.got.status != test.status || test.got.str("code") != test.code || test.got.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %s", name, test.got.status, test.got.text)
			}
		}
		// People are told that it is their session that has ended, not the invite.
		page := w.visitor().submit(l.path, l.form(), "Cookie", old.cookies(), "Sec-Fetch-Site", "same-origin")
		if page.status != 401 || !strings.Contains(page.text, "Sign in first") || page.header.Get("Set-Cookie") != "" {
			t.Errorf("an expired cookie, by form: %d %s", page.status, page.text)
		}
		if !w.unused(l) {
			t.Fatal("a refusal has used it up")
		}
		json(bearerOf(bob)...).want(t, 200, "")
	})
}

// A page of one client must not use the cookies of another's session, whichever
// client it names.
func TestACookieAcceptsNoInviteForAPageOfAnotherClient(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada := w.member("ada@example.com")
	w.member("bob@example.com")
	bob := w.page()
	bob.post("/auth/sign-in", strings.Replace(credentials, "ada@example.com", "bob@example.com", 1)).want(t, 200, "") // at web
	l := w.handed(ada, "bob@example.com", "X-Client-Id", "shop")
	named := append(bob.csrf(), "X-Client-Id", "shop")
	bob.post(l.path, l.json(), append(named, "Origin", "https://shop.example.com", "Sec-Fetch-Site", "cross-site")...).want(t, 403, "cross_origin_refused")
	if !w.unused(l) {
		t.Fatal("it was accepted")
	}
	bob.post(l.path, l.json(), append(named, "Origin", w.url, "Sec-Fetch-Site", "same-origin")...).want(t, 200, "")
}

func TestAHandedOverInviteIsAcceptedByWhateverAuthenticates(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	ada := w.member("ada@example.com")
	for name, accept := range map[string]func(l link, in answer) answer{
		"bearer": func(l link, in answer) answer { return w.app().post(l.path, l.json(), bearerOf(in)...) },
		"opened": func(l link, in answer) answer {
			return w.app().get(l.query(), append(bearerOf(in), "Accept", "application/json")...)
		},
		"form": func(l link, in answer) answer {
			return w.visitor().submit(l.path, l.form(), "Cookie", in.cookies(), "Sec-Fetch-Site", "same-origin")
		},
		"old-form": func(l link, in answer) answer {
			return w.visitor().submit(l.path, l.form(), "Cookie", in.cookies(), "Origin", w.url)
		},
		"cookies": func(l link, in answer) answer {
			page := w.page()
			page.post("/auth/sign-in", strings.Replace(credentials, "ada@example.com", in.str("user", "email"), 1)).want(t, 200, "")
			return page.post(l.path, l.json(), page.csrf()...)
		},
	} {
		email := name + "@example.com"
		in := w.member(email)
		l := w.handed(ada, email)
		if got := accept(l, in); got.status != 200 || w.unused(l) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// What let the user in is the session that they hold: else every invite would make
// a stolen session fresh, and longer.
func TestASessionFromAHandedOverInviteIsNoFresherThanTheOneHeld(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, unlimited)
	w.member("bob@example.com")
	l := w.handed(w.member("ada@example.com"), "bob@example.com")
	bob := w.signIn("bob@example.com")
	w.clock.Advance(5 * time.Minute)
	in := w.app().post(l.path, l.json(), bearerOf(bob)...).want(t, 200, "")
	row := func(a answer) watchword.Session {
		s, err := w.store.Read().Session(t.Context(), watchword.SessionID(a.str("session_id")))
		if err != nil {
			t.Fatal(err)
		}
		return s.Session
	}
	held, got := row(bob), row(in)
	if got.ID == held.ID || !got.AuthTime.Equal(held.AuthTime) || !reflect.DeepEqual(got.AMR, held.AMR) || got.Remember != held.Remember || got.ExpiresAt.After(held.ExpiresAt) {
		t.Errorf("got  %+v\nheld %+v", got, held)
	}
}

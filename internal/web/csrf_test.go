package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store/storetest"
)

const (
	sessionA = watchword.SessionID("ses_a")
	sessionB = watchword.SessionID("ses_b")
)

func newCSRF(tb testing.TB, at *storetest.Clock, current, previous string) CSRF {
	return CSRF{Keys: newKeyring(tb, current, previous), Now: at.Now, Random: rand.Reader}
}

// begun is the cookie of a new CSRF session.
func begun(tb testing.TB, c CSRF) string {
	tb.Helper()
	w := httptest.NewRecorder()
	if err := c.Begin(w, withCookies()); err != nil {
		tb.Fatal(err)
	}
	return cookieFrom(tb, w)
}

func withToken(cookie string, tokens ...string) *http.Request {
	r := withCookies(cookie)
	if cookie == "" {
		r = withCookies()
	}
	for _, token := range tokens {
		r.Header.Add(CSRFHeader, token)
	}
	return r
}

func TestCSRFTokenPassesInItsBrowserAndSignIn(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	c := newCSRF(t, at, "a", "")
	cookie := begun(t, c)
	for _, session := range []watchword.SessionID{"", sessionA} {
		token, expires, err := c.Token(withCookies(cookie), session)
		if err != nil || !expires.Equal(at.Now().Add(csrfLife)) {
			t.Fatalf("%v, %v", expires, err)
		}
		if err := c.Check(withToken(cookie, token), session); err != nil {
			t.Errorf("session %q: %v", session, err)
		}
	}
}

func TestCSRFRefusals(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	c := newCSRF(t, at, "a", "")
	mine, theirs := begun(t, c), begun(t, c)
	token, _, err := c.Token(withCookies(mine), sessionA)
	if err != nil {
		t.Fatal(err)
	}
	signedOut, _, _ := c.Token(withCookies(mine), "")
	attackers, _, _ := c.Token(withCookies(theirs), sessionA)
	for name, e := range map[string]struct {
		r       *http.Request
		session watchword.SessionID
		want    error
	}{
		"no header":                      {withToken(mine), sessionA, ErrCSRFMissing},
		"empty header":                   {withToken(mine, ""), sessionA, ErrCSRFMissing},
		"no header, no cookie":           {withToken(""), sessionA, ErrCSRFMissing},
		"no cookie":                      {withToken("", token), sessionA, ErrCSRFSessionMissing},
		"made-up cookie":                 {withToken(csrfCookie+"=x.y.z", token), sessionA, ErrCSRFSessionMissing},
		"cookie shortened":               {withToken(mine[:len(mine)-2], token), sessionA, ErrCSRFSessionMissing},
		"two different cookies":          {withToken(mine+"; "+theirs, token), sessionA, ErrCSRFSessionMissing},
		"the cookie as the token":        {withToken(mine, strings.TrimPrefix(mine, csrfCookie+"=")), sessionA, ErrCSRFInvalid},
		"made-up token":                  {withToken(mine, "x"), sessionA, ErrCSRFInvalid},
		"token of another browser":       {withToken(mine, attackers), sessionA, ErrCSRFInvalid},
		"token of another sign-in":       {withToken(mine, token), sessionB, ErrCSRFInvalid},
		"token from before the sign-in":  {withToken(mine, signedOut), sessionA, ErrCSRFInvalid},
		"token from before the sign-out": {withToken(mine, token), "", ErrCSRFInvalid},
		"two tokens":                     {withToken(mine, token, token), sessionA, ErrCSRFInvalid},
	} {
		if err := c.Check(e.r, e.session); !errors.Is(err, e.want) {
			t.Errorf("%s: %v, want %v", name, err, e.want)
		} else if watchword.KindOf(err) != watchword.KindForbidden {
			t.Errorf("%s: kind %d", name, watchword.KindOf(err))
		}
	}
	if _, _, err := c.Token(withCookies(), sessionA); !errors.Is(err, ErrCSRFSessionMissing) {
		t.Errorf("a token without a session: %v", err)
	}
	at.Advance(csrfLife)
	if err := c.Check(withToken(mine, token), sessionA); !errors.Is(err, ErrCSRFSessionMissing) {
		t.Errorf("after 12 hours: %v", err)
	}
}

func TestCSRFOutlivesAChangeOfTheServerSecret(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	before := newCSRF(t, at, "a", "")
	cookie := begun(t, before)
	token, _, _ := before.Token(withCookies(cookie), sessionA)

	after := newCSRF(t, at, "b", "a")
	if err := after.Check(withToken(cookie, token), sessionA); err != nil {
		t.Errorf("old token: %v", err)
	}
	fresh, _, err := after.Token(withCookies(cookie), sessionA)
	if err != nil || after.Check(withToken(cookie, fresh), sessionA) != nil {
		t.Errorf("new token in the old session: %v", err)
	}
	gone := newCSRF(t, at, "c", "b")
	if err := gone.Check(withToken(cookie, token), sessionA); !errors.Is(err, ErrCSRFSessionMissing) {
		t.Errorf("two changes later: %v", err)
	}
}

func TestCSRFScriptIsServedToAnyPageAndHoldsNoSecret(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	c := newCSRF(t, at, "a", "")
	mux := NewMux(nil)
	mux.HandleFunc("GET /auth/csrf/init", c.ServeScript)
	h := newFixture(t, mux)

	w := send(h, "GET", "/auth/csrf/init", "")
	for name, want := range map[string]string{
		"Content-Type":                 "text/javascript; charset=utf-8",
		"Cache-Control":                "no-store",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"X-Content-Type-Options":       "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	line := w.Header().Get("Set-Cookie")
	for _, attribute := range []string{"__Host-csrf_session=", "; Path=/", "; Max-Age=43200", "; HttpOnly", "; Secure", "; SameSite=Strict"} {
		if !strings.Contains(line, attribute) {
			t.Errorf("%s lacks %s", line, attribute)
		}
	}
	cookie := cookieFrom(t, w)
	again := send(h, "GET", "/auth/csrf/init", "", "Cookie", cookie)
	if again.Body.String() != w.Body.String() {
		t.Error("the script differs between browsers")
	}
	if got := again.Header()["Set-Cookie"]; got != nil {
		t.Errorf("a valid session was not kept: %v", got)
	}
	for _, bad := range []string{cookie + "x", csrfCookie + "=x"} {
		if send(h, "GET", "/auth/csrf/init", "", "Cookie", bad).Header().Get("Set-Cookie") == "" {
			t.Errorf("%s was kept", bad)
		}
	}
	at.Advance(csrfLife)
	if send(h, "GET", "/auth/csrf/init", "", "Cookie", cookie).Header().Get("Set-Cookie") == "" {
		t.Error("an expired session was kept")
	}
}

func BenchmarkCSRFCheck(b *testing.B) {
	c := newCSRF(b, storetest.NewClock(), "a", "")
	cookie := begun(b, c)
	token, _, err := c.Token(withCookies(cookie), sessionA)
	if err != nil {
		b.Fatal(err)
	}
	r := withToken(cookie, token)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(r, sessionA); err != nil {
			b.Fatal(err)
		}
	}
}

package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchword/internal/secret"
)

// browser holds what Bind has set, in the order of RFC 6265: the oldest first.
type browser struct{ cookies []*http.Cookie }

func (b *browser) request() *http.Request {
	r := opened()
	for _, cookie := range b.cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	return r
}

func (b *browser) take(w *httptest.ResponseRecorder) {
	for _, set := range w.Result().Cookies() {
		at := -1
		for i, held := range b.cookies {
			if held.Name == set.Name {
				at = i
			}
		}
		switch {
		case set.MaxAge < 0 && at >= 0:
			b.cookies = append(b.cookies[:at], b.cookies[at+1:]...)
		case set.MaxAge > 0 && at < 0:
			b.cookies = append(b.cookies, set)
		}
	}
}

func (b *browser) bind(value secret.String) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	Bind(w, b.request(), BindingLink, value, 10*time.Minute)
	b.take(w)
	return w
}

func nth(n int) secret.String { return secret.NewString(fmt.Sprintf("the value of binding %d", n)) }

func TestABindingIsForTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	var b browser
	w := b.bind(nth(1))
	set := w.Result().Cookies()
	if len(set) != 1 || !strings.HasPrefix(set[0].Name, "__Host-") || !set[0].Secure || !set[0].HttpOnly || set[0].Path != "/" ||
		set[0].Domain != "" || set[0].SameSite != http.SameSiteLaxMode || set[0].MaxAge != 600 {
		t.Fatalf("set %+v", set)
	}
	digest := secret.Digest(nth(1))
	if !Bound(b.request(), BindingLink, digest) {
		t.Error("the browser that asked is not known again")
	}
	for name, r := range map[string]*http.Request{
		"no cookie":             opened(),
		"another value":         opened("Cookie", set[0].Name+"=guessed"),
		"no value":              opened("Cookie", set[0].Name+"="),
		"the digest itself":     opened("Cookie", set[0].Name+"="+string(digest[:0])+fmt.Sprintf("%x", digest)),
		"the value elsewhere":   opened("Cookie", "__Host-link_000000000000="+set[0].Value),
		"the value and another": opened("Cookie", set[0].Name+"="+set[0].Value+"; "+set[0].Name+"=planted"),
	} {
		if Bound(r, BindingLink, digest) {
			t.Errorf("%s: taken for the browser that asked", name)
		}
	}
	if Bound(b.request(), BindingLink, secret.Digest(nth(2))) {
		t.Error("one binding opens another link")
	}
	for _, none := range [][]byte{nil, {}} { // invites have none
		if Bound(b.request(), BindingLink, none) {
			t.Error("a link without a binding is bound")
		}
	}
}

func TestBindingsDoNotReplaceEachOther(t *testing.T) {
	t.Parallel()
	var b browser
	for n := range maxBindings {
		b.bind(nth(n))
	}
	for n := range maxBindings {
		if !Bound(b.request(), BindingLink, secret.Digest(nth(n))) {
			t.Errorf("binding %d is gone", n)
		}
	}
}

func TestOfManyBindingsTheOldestMakeWay(t *testing.T) {
	t.Parallel()
	var b browser
	const asked = 3 * maxBindings
	for n := range asked {
		b.bind(nth(n))
		if len(b.cookies) > maxBindings {
			t.Fatalf("the browser sends %d cookies along", len(b.cookies))
		}
	}
	for n := range asked {
		if got, want := Bound(b.request(), BindingLink, secret.Digest(nth(n))), n >= asked-maxBindings; got != want {
			t.Errorf("binding %d: %v", n, got)
		}
	}
	// Far more than we ever set, from elsewhere: still all but the newest go.
	for n := range 5 {
		b.cookies = append(b.cookies, &http.Cookie{Name: fmt.Sprintf("%splanted%d", string(BindingLink), n), Value: "x"})
	}
	b.bind(nth(asked))
	if len(b.cookies) != maxBindings || !Bound(b.request(), BindingLink, secret.Digest(nth(asked))) {
		t.Errorf("%d cookies are left", len(b.cookies))
	}
}

func TestAnotherSitesCookiesAreLeftAlone(t *testing.T) {
	t.Parallel()
	b := browser{cookies: []*http.Cookie{{Name: "refresh_token", Value: "x"}, {Name: "link_of_the_app", Value: "x"}}}
	for n := range 2 * maxBindings {
		b.bind(nth(n))
	}
	if b.cookies[0].Name != "refresh_token" || b.cookies[1].Name != "link_of_the_app" {
		t.Errorf("left: %v", b.cookies)
	}
}

func TestABindingEndsWithItsLink(t *testing.T) {
	t.Parallel()
	var b browser
	b.bind(nth(1))
	b.bind(nth(2))
	w := httptest.NewRecorder()
	Unbind(w, b.request(), BindingLink, secret.Digest(nth(1)))
	b.take(w)
	if Bound(b.request(), BindingLink, secret.Digest(nth(1))) || !Bound(b.request(), BindingLink, secret.Digest(nth(2))) {
		t.Error("the wrong one ended")
	}
	w = httptest.NewRecorder()
	Unbind(w, b.request(), BindingLink, secret.Digest(nth(1)))
	Unbind(w, b.request(), BindingLink, nil)
	if len(w.Result().Cookies()) != 0 {
		t.Error("there was nothing to end")
	}
	w = httptest.NewRecorder()
	Bind(w, opened(), BindingLink, nth(3), time.Millisecond)
	if set := w.Result().Cookies(); len(set) != 1 || set[0].MaxAge != 1 {
		t.Errorf("a life of less than a second: %+v", set) // 0 would mean the whole session
	}
}

package web

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store/storetest"
)

var sessionCookies = SessionCookies{AccessName: "access_token", RefreshName: "refresh_token"}

func withCookies(header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Cookie"] = header
	return r
}

func TestSessionCookiesAreOutOfReachOfScriptsAndForeignPages(t *testing.T) {
	t.Parallel()
	tokens := Tokens{
		Access: secret.NewString("at"), Refresh: secret.NewString("rt"),
		Remember: watchword.RememberLong, Life: 7 * 24 * time.Hour,
	}
	w := httptest.NewRecorder()
	SetCookies(w, sessionCookies.Issued(tokens)...)
	want := []string{
		"access_token=at; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
		"refresh_token=rt; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
	}
	for i, got := range w.Header()["Set-Cookie"] {
		if got != want[i] {
			t.Errorf("%s, want %s", got, want[i])
		}
	}
	tokens.Life = time.Millisecond
	for _, cookie := range sessionCookies.Issued(tokens) {
		if cookie.MaxAge != 1 {
			t.Errorf("a session about to end became a browser-session cookie: %v", cookie)
		}
	}
	tokens.Remember = watchword.RememberShort
	for _, cookie := range sessionCookies.Issued(tokens) {
		if cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
			t.Errorf("outlives the browser: %v", cookie)
		}
	}
	tokens.Remember = ""
	for _, cookie := range sessionCookies.Issued(tokens) {
		if cookie.MaxAge != 0 {
			t.Errorf("remembered unasked: %v", cookie)
		}
	}
}

func TestClearedCookiesAreThoseThatWereIssued(t *testing.T) {
	t.Parallel()
	wide := sessionCookies
	wide.Domain = "example.com"
	for _, c := range []SessionCookies{sessionCookies, wide} {
		issued := c.Issued(Tokens{})
		for i, cookie := range c.Cleared() {
			was := issued[i]
			if cookie.Name != was.Name || cookie.Domain != was.Domain || cookie.Path != was.Path || cookie.Value != "" || cookie.MaxAge >= 0 {
				t.Errorf("%v is to end %v", cookie, was)
			}
		}
	}
}

func TestTwinsAreWhatOtherSettingsOfTheDomainLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host, domain string
		reach        TwinReach
		want         []string
	}{
		{"auth.app.example.com", "", TwinsOfHost, nil},
		{"auth.app.example.com", "", TwinsOfDomains, []string{"auth.app.example.com", "app.example.com", "example.com"}},
		{"auth.app.example.com", "app.example.com", TwinsOfHost, []string{""}},
		{"auth.app.example.com", "app.example.com", TwinsOfDomains, []string{"", "auth.app.example.com", "example.com"}},
		{"localhost", "", TwinsOfDomains, nil},
		{"192.0.2.1", "", TwinsOfDomains, nil},
		{"2001:db8::1", "", TwinsOfDomains, nil},
	} {
		c := SessionCookies{AccessName: "a", RefreshName: "r", Host: test.host, Domain: test.domain}
		var got []string
		for _, cookie := range c.Twins("a", test.reach) {
			if cookie.Name != "a" || cookie.MaxAge >= 0 || cookie.Value != "" || cookie.Path != "/" || !cookie.Secure {
				t.Errorf("%v", cookie)
			}
			got = append(got, cookie.Domain)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestAllDifferentCookiesOfANameAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{[]string{"access_token=a"}, "a"},
		{[]string{"x=y; access_token=a; z=w"}, "a"},
		{[]string{"access_token=a; access_token=a"}, "a"},
		{[]string{"access_token=b; access_token=a; access_token=b"}, "b a"},
		{[]string{"access_token=a", "access_token=b"}, "a b"},
		{[]string{"access_token=; access_token=b"}, "b"},
		{[]string{"access_token="}, ""},
		{[]string{"Access_Token=a"}, ""},
		{nil, ""},
	} {
		var got []string
		for _, value := range sessionCookies.Access(withCookies(c.headers...)) {
			got = append(got, value.Reveal())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q", c.headers, got)
		}
	}
	if got := sessionCookies.Refresh(withCookies("refresh_token=rt")); len(got) != 1 || got[0].Reveal() != "rt" {
		t.Error("the refresh cookie was not read")
	}
	if _, ok := readCookie(withCookies("__Host-device=a; __Host-device=b"), deviceCookie); ok {
		t.Error("of two cookies that only this host can set, one was taken")
	}
}

// cookieFrom is the Cookie header that a browser makes of an answer.
func cookieFrom(tb testing.TB, w *httptest.ResponseRecorder) string {
	tb.Helper()
	set := w.Result().Cookies()
	if len(set) != 1 {
		tb.Fatalf("%d cookies set", len(set))
	}
	return set[0].Name + "=" + set[0].Value
}

var owner = watchword.DeviceOwner{Address: "owner@example.com", UserID: "usr_1", PasswordVersion: 7}

func TestDeviceCookieIsOfUseForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	devices := Devices{Keys: newKeyring(t, "a", ""), Now: at.Now, Random: rand.Reader}
	w := httptest.NewRecorder()
	if err := devices.Mark(w, owner); err != nil {
		t.Fatal(err)
	}
	line := w.Header().Get("Set-Cookie")
	for _, attribute := range []string{"__Host-device=", "; Path=/", "; Max-Age=31536000", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(line, attribute) {
			t.Errorf("%s lacks %s", line, attribute)
		}
	}
	if strings.Contains(line, "Domain") {
		t.Error("__Host- cookies have no domain")
	}
	cookie := cookieFrom(t, w)
	key, ok := devices.Key(withCookies(cookie), owner)
	if !ok || key == "" {
		t.Fatal("the owner's device is not known")
	}
	if again, _ := devices.Key(withCookies(cookie), owner); again != key {
		t.Error("the device's counter changed its name")
	}
	for what, change := range map[string]func(*watchword.DeviceOwner){
		"another address":         func(o *watchword.DeviceOwner) { o.Address = "other@example.com" },
		"another user":            func(o *watchword.DeviceOwner) { o.UserID = "usr_2" },
		"a later password":        func(o *watchword.DeviceOwner) { o.PasswordVersion++ },
		"an earlier password":     func(o *watchword.DeviceOwner) { o.PasswordVersion-- },
		"an address of nobody's":  func(o *watchword.DeviceOwner) { o.UserID, o.PasswordVersion = "", 0 },
		"the same bytes, divided": func(o *watchword.DeviceOwner) { o.Address, o.UserID = o.Address+"u", o.UserID[1:] },
	} {
		other := owner
		change(&other)
		if _, ok := devices.Key(withCookies(cookie), other); ok {
			t.Errorf("it passes for %s", what)
		}
	}
	if _, ok := devices.Key(withCookies(), owner); ok {
		t.Error("no cookie passes")
	}
	other := devices
	other.Keys = newKeyring(t, "b", "")
	if _, ok := other.Key(withCookies(cookie), owner); ok {
		t.Error("another server's cookie passes")
	}
	rotated := devices
	rotated.Keys = newKeyring(t, "b", "a")
	if _, ok := rotated.Key(withCookies(cookie), owner); !ok {
		t.Error("it does not outlive a change of the server secret")
	}
	at.Advance(deviceLife)
	if _, ok := devices.Key(withCookies(cookie), owner); ok {
		t.Error("it lives for more than a year")
	}
}

func TestTwoSuccessesAreTwoDevices(t *testing.T) {
	t.Parallel()
	devices := Devices{Keys: newKeyring(t, "a", ""), Now: time.Now, Random: rand.Reader}
	keys := map[string]bool{}
	for range 2 {
		w := httptest.NewRecorder()
		if err := devices.Mark(w, owner); err != nil {
			t.Fatal(err)
		}
		key, _ := devices.Key(withCookies(cookieFrom(t, w)), owner)
		keys[key] = true
	}
	if len(keys) != 2 {
		t.Error("two browsers share a counter")
	}
}

func TestStampsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	keys := newKeyring(t, "a", "")
	stamp, err := makeStamp(keys, secret.PurposeCSRFSession, []byte("payload"), []byte("bound"))
	if err != nil {
		t.Fatal(err)
	}
	if payload, ok := openStamp(keys, secret.PurposeCSRFSession, stamp, []byte("bound")); !ok || string(payload) != "payload" {
		t.Fatalf("%q, %v", payload, ok)
	}
	for i := range len(stamp) {
		changed := []byte(stamp)
		changed[i] ^= 1
		if _, ok := openStamp(keys, secret.PurposeCSRFSession, string(changed), []byte("bound")); ok {
			t.Errorf("passes with byte %d changed", i)
		}
	}
	for _, foreign := range []string{"", ".", "..", stamp + ".", stamp + "A", stamp + "=", " " + stamp, stamp[:len(stamp)-1]} {
		if _, ok := openStamp(keys, secret.PurposeCSRFSession, foreign, []byte("bound")); ok {
			t.Errorf("%q passes", foreign)
		}
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, last := range alphabet { // the last character has bits to spare
		spelling := stamp[:len(stamp)-1] + string(last)
		if _, ok := openStamp(keys, secret.PurposeCSRFSession, spelling, []byte("bound")); ok != (spelling == stamp) {
			t.Errorf("%q: %v", spelling, ok)
		}
	}
	if _, ok := openStamp(keys, secret.PurposeCSRFToken, stamp, []byte("bound")); ok {
		t.Error("passes for another purpose")
	}
	if _, ok := openStamp(keys, secret.PurposeCSRFSession, stamp); ok {
		t.Error("passes unbound")
	}
}

func FuzzOpenStamp(f *testing.F) {
	keys := newKeyring(f, "a", "b")
	stamp, err := makeStamp(keys, secret.PurposeCSRFSession, []byte("payload"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stamp)
	f.Add(keys.CurrentID() + "..")
	f.Fuzz(func(t *testing.T, text string) {
		if _, ok := openStamp(keys, secret.PurposeCSRFSession, text); ok && text != stamp {
			t.Errorf("%q passes", text)
		}
	})
}

package web

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/secret"
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

func TestClearedCookiesEndEveryVariant(t *testing.T) {
	t.Parallel()
	if n := len(sessionCookies.Cleared()); n != 2 {
		t.Errorf("%d cookies without a domain", n)
	}
	wide := sessionCookies
	wide.Domain = "example.com"
	w := httptest.NewRecorder()
	SetCookies(w, wide.Cleared()...)
	all := strings.Join(w.Header()["Set-Cookie"], "\n")
	if strings.Count(all, "Max-Age=0") != 4 || strings.Count(all, "Domain=example.com") != 2 {
		t.Error(all)
	}
}

func TestAmbiguousCookiesCountAsAbsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		want    string
		ok      bool
	}{
		{[]string{"access_token=a"}, "a", true},
		{[]string{"x=y; access_token=a; z=w"}, "a", true},
		{[]string{"access_token=a; access_token=a"}, "a", true},
		{[]string{"access_token=a; access_token=b"}, "", false},
		{[]string{"access_token=a", "access_token=b"}, "", false},
		{[]string{"access_token=; access_token=b"}, "", false},
		{[]string{"access_token="}, "", false},
		{[]string{"Access_Token=a"}, "", false},
		{nil, "", false},
	} {
		got, ok := sessionCookies.Access(withCookies(c.headers...))
		if got.Reveal() != c.want || ok != c.ok {
			t.Errorf("%q: %q, %v", c.headers, got.Reveal(), ok)
		}
	}
	if got, ok := sessionCookies.Refresh(withCookies("refresh_token=rt")); got.Reveal() != "rt" || !ok {
		t.Error("the refresh cookie was not read")
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
	at := newClock()
	devices := Devices{Keys: newKeyring(t, "a", ""), Now: at.now, Random: rand.Reader}
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
	at.advance(deviceLife)
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

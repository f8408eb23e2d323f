package watchword_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
)

func TestWhatMayBeOnAListOfRedirects(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"https://app.example.com/callback":        "",
		"https://app.example.com/callback?keep=1": "",
		"https://app.example.com":                 "",
		"https://xn--bcher-kva.example/callback":  "",
		"http://localhost:3000/callback":          "",
		"http://127.0.0.1/callback":               "",
		"http://[::1]:7000/callback":              "",
		"com.example.app:/callback":               "",
		"com.example.app://host/callback":         "",
		"http://app.example.com/callback":         "in the clear",
		"http://localhost.example.com/callback":   "in the clear",
		"http://127.0.0.1.evil.example/callback":  "in the clear",
		"/callback":                               "absolute",
		"//app.example.com/callback":              "absolute",
		"":                                        "absolute",
		"ftp://app.example.com/":                  "absolute",
		"javascript:alert(1)":                     "absolute",
		"data:text/html,x":                        "absolute",
		"file:///etc/passwd":                      "absolute",
		"https:app.example.com":                   "absolute",
		"https:///callback":                       "name a host",
		"https://app.example.com:0/":              "name a host",
		"https://app.example.com:/":               "name a host",
		"https://bücher.example/":                 "name a host",
		"https://me@app.example.com/":             "user",
		"https://app.example.com/#x":              "fragment",
		"https://app.example.com/#":               "fragment",
		"https://app.example.com/*":               "wildcards",
		"https://*.example.com/":                  "wildcards",
		"https://app.example.com/a b":             "spaces",
		`https://app.example.com/a\b`:             "backslash",
		"com.example.app:/in#x":                   "fragment",
		"com.example.app://me@host/in":            "user",
		"com.example.app:in":                      "ever compared",
		"COM.example.app:/in":                     "ever compared",
		"HTTPS://app.example.com/callback":        "ever compared",
		"https://app.example.com/callback/über":   "ever compared",
	} {
		checkReason(t, uri, watchword.CheckRedirectURI(uri, watchword.PlainHTTPRefused), want)
		if want == "in the clear" {
			want = ""
		}
		checkReason(t, uri, watchword.CheckRedirectURI(uri, watchword.PlainHTTPAllowed), want)
	}
}

// checkReason holds an error against a part of what it should say, and against
// showing what it is about.
func checkReason(t *testing.T, about string, err error, want string) {
	t.Helper()
	switch {
	case err == nil && want != "":
		t.Errorf("%s passes, want: %s", about, want)
	case err != nil && (want == "" || !strings.Contains(err.Error(), want) || len(about) > 8 && strings.Contains(err.Error(), about)):
		t.Errorf("%s: got %q, want %q", about, err, want)
	}
}

func TestWhatMayBeOnAListOfOrigins(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"https://app.example.com":       "",
		"https://app.example.com:8443":  "",
		"http://localhost:3000":         "",
		"http://[::1]:3000":             "",
		"http://app.example.com":        "in its name",
		"https://app.example.com/":      "spelled",
		"https://App.example.com":       "spelled",
		"https://app.example.com:443":   "spelled",
		"http://localhost:80":           "spelled",
		"https://app.example.com/x":     "scheme and host alone",
		"https://app.example.com?x":     "scheme and host alone",
		"https://app.example.com?":      "scheme and host alone",
		"https://*.example.com":         "wildcards",
		"*":                             "absolute",
		"null":                          "absolute",
		"":                              "absolute",
		"com.example.app://host":        "absolute",
		"https://me@app.example.com":    "user",
		"https://app.example.com#":      "fragment",
		"https://-app.example.com":      "name a host",
		"http://[fe80::1%25eth0]":       "name a host",
		"https://app.example.com:99999": "name a host",
	} {
		checkReason(t, origin, watchword.CheckOrigin(origin, watchword.PlainHTTPRefused), want)
		if want == "in its name" {
			want = ""
		}
		checkReason(t, origin, watchword.CheckOrigin(origin, watchword.PlainHTTPAllowed), want)
	}
}

func TestAClientsLifetimesHoldTogetherWithThoseOfAll(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	all := watchword.Lifetimes{
		AccessToken: 10 * time.Minute, RefreshIdle: 7 * day, RefreshAbsolute: 30 * day, RefreshShort: 12 * time.Hour, RefreshGrace: time.Second,
	}
	for name, c := range map[string]struct {
		own  watchword.Lifetimes
		want []watchword.LifetimeFault
	}{
		"none":             {watchword.Lifetimes{}, nil},
		"all within":       {watchword.Lifetimes{AccessToken: time.Second, RefreshIdle: day, RefreshAbsolute: 400 * day, RefreshShort: day}, nil},
		"a moment":         {watchword.Lifetimes{AccessToken: time.Millisecond}, []watchword.LifetimeFault{{"access_token", "must be from 1s to 24h"}}},
		"negative":         {watchword.Lifetimes{RefreshShort: -day}, []watchword.LifetimeFault{{"refresh_short", "must be from 1s to 400d"}}},
		"a long access":    {watchword.Lifetimes{AccessToken: day + 1}, []watchword.LifetimeFault{{"access_token", "must be from 1s to 24h"}}},
		"for ever":         {watchword.Lifetimes{RefreshAbsolute: 400*day + 1}, []watchword.LifetimeFault{{"refresh_absolute", "must be from 1s to 400d"}}},
		"idle beyond":      {watchword.Lifetimes{RefreshIdle: 31 * day}, []watchword.LifetimeFault{{"refresh_idle", "must not be longer than refresh_absolute"}}},
		"absolute below":   {watchword.Lifetimes{RefreshAbsolute: day}, []watchword.LifetimeFault{{"refresh_absolute", "must not be shorter than refresh_idle"}}},
		"short beyond":     {watchword.Lifetimes{RefreshShort: 31 * day}, []watchword.LifetimeFault{{"refresh_short", "must not be longer than refresh_absolute"}}},
		"access beyond":    {watchword.Lifetimes{AccessToken: 2 * time.Hour, RefreshIdle: time.Hour}, []watchword.LifetimeFault{{"access_token", "must not be longer than refresh_idle"}}},
		"idle below":       {watchword.Lifetimes{RefreshIdle: time.Minute}, []watchword.LifetimeFault{{"refresh_idle", "must not be shorter than access_token"}}},
		"both of its own":  {watchword.Lifetimes{RefreshIdle: 2 * day, RefreshAbsolute: day}, []watchword.LifetimeFault{{"refresh_idle", "must not be longer than refresh_absolute"}}},
		"others' disorder": {watchword.Lifetimes{AccessToken: time.Minute}, nil},
	} {
		base := all
		if name == "others' disorder" {
			base.RefreshShort = 40 * day
		}
		if diff := cmp.Diff(c.want, c.own.Faults(base)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := (watchword.Lifetimes{RefreshIdle: day}).Or(all); got.RefreshIdle != day || got.RefreshAbsolute != all.RefreshAbsolute || got.RefreshGrace != all.RefreshGrace {
		t.Errorf("got %+v", got)
	}
}

// Whatever may be listed is let through where it is, and is nothing that a
// browser would run.
func FuzzCheckRedirectURI(f *testing.F) {
	for _, text := range []string{"https://a/b", "com.example:/x", "javascript:alert(1)", "http://[::1]/", "https://a\\@b/", "//a", "a.b:c", "HTTPS://a/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if watchword.CheckRedirectURI(text, watchword.PlainHTTPAllowed) != nil {
			return
		}
		if strings.ContainsAny(text, "#* \\\r\n\x00") {
			t.Errorf("%q was accepted", text)
		}
		scheme, _, _ := strings.Cut(text, ":")
		if !slices.Contains([]string{"http", "https"}, scheme) && !strings.Contains(scheme, ".") {
			t.Errorf("%q was accepted", text)
		}
		if !clientWith(text).AllowsRedirect(text) {
			t.Errorf("%q may be listed and never matches", text)
		}
	})
}

package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
)

// tricks are redirect URIs that look like the one on the list, or that some
// reader would take for it. Each holds the word evil, or leads elsewhere than the
// list says.
var tricks = map[string]string{
	"another host":            "https://evil.example.com/in",
	"a suffix of the host":    "https://app.example.com.evil.example/in",
	"a suffix of the path":    appPage + "evil",
	"a folder below":          appPage + "/evil",
	"a slash more":            appPage + "/",
	"the page above":          appPage + "/../evil",
	"dots around":             "https://app.example.com/evil/../in",
	"encoded dots":            "https://app.example.com/evil/%2e%2e/in",
	"double-encoded dots":     "https://app.example.com/evil/%252e%252e/in",
	"another case":            "https://app.example.com/IN",
	"a host in another case":  "https://APP.example.com/in",
	"another scheme's case":   "HTTPS://app.example.com/in",
	"plain http":              "http://app.example.com/in",
	"the port of https":       "https://app.example.com:443/in",
	"another port":            "https://app.example.com:8443/in",
	"an empty port":           "https://app.example.com:/in",
	"a fragment":              appPage + "#evil",
	"an empty fragment":       appPage + "#",
	"a user":                  "https://evil@app.example.com/in",
	"the host as a user":      "https://app.example.com@evil.example.com/in",
	"the host as a password":  "https://x:app.example.com@evil.example.com/in",
	"an encoded at":           "https://app.example.com%40evil.example.com/in",
	"an encoded slash":        "https://app.example.com%2fevil/in",
	"an encoded slash within": "https://app.example.com/evil%2f..%2fin",
	"an encoded letter":       "https://app.example.com/%69n",
	"an added query":          appPage + "?evil=1",
	"an empty query":          appPage + "?",
	"more of a listed query":  appPage + "?tab=1&evil=1",
	"another listed query":    appPage + "?tab=2",
	"a code beforehand":       appPage + "?code=evil",
	"no scheme":               "//app.example.com/in",
	"no scheme, evil":         "//evil.example.com/in",
	"slash and backslash":     `/\evil.example.com/in`,
	"a path":                  "/in",
	"backslashes":             `https:\\app.example.com\in`,
	"a backslash":             `https://app.example.com\@evil.example.com/in`,
	"a backslash in the path": `https://app.example.com\in`,
	"a tab":                   "https://app.exam\tple.com/in",
	"a tab before":            "\t" + appPage,
	"a line break":            "https://app.example.com/in\r\nSet-Cookie: evil=1",
	"a line break after":      appPage + "\n",
	"a space before":          " " + appPage,
	"a space after":           appPage + " ",
	"a no-break space":        appPage + "\u00a0",
	"a zero-width space":      appPage + "\u200b",
	"a full-width dot":        "https://app．example.com/in",
	"a look-alike":            "https://аpp.example.com/in", // Cyrillic
	"a slash too many":        "https:///app.example.com/in",
	"a slash too few":         "https:/app.example.com/in",
	"no slash":                "https:app.example.com/in",
	"a semicolon":             appPage + ";evil",
	"a script":                "javascript:alert('evil')//https://app.example.com/in",
	"a script in disguise":    "java\tscript:alert('evil')",
	"data":                    "data:text/html,<script>evil</script>",
	"a file":                  "file:///etc/evil",
	"two in one":              appPage + " https://evil.example.com/in",
	"two by comma":            appPage + ",https://evil.example.com/in",
	"another client's":        "https://shop.example.com/in",
	"an app of another":       "shop.example:/in",
	"an empty host":           "https://",
	"a wildcard":              "https://*.example.com/in",
	"nothing but a word":      "evil",
	"a name for the address":  "http://localhost/in",
	"another loopback":        "http://127.0.0.2/in",
	"loopback in numbers":     "http://2130706433/in",
	"loopback, another path":  "http://127.0.0.1:3000/evil",
	"loopback, https":         "https://127.0.0.1/in",
	"loopback, a user":        "http://evil@127.0.0.1/in",
	"long":                    appPage + strings.Repeat("evil", 1000),
}

// An address that is not on the list is never led to, in whatever mode, and not
// shown either.
func TestAnAddressThatIsNotListedIsNeverLedTo(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	before := w.rows()
	for name, trick := range tricks {
		for _, v := range ways {
			for _, query := range []url.Values{byCode(), byCookie(), plus(byCode(), "response_type", "token"), plus(byCode(), "prompt", "none")} {
				query.Set("redirect_uri", trick)
				query.Set("state", "evil")
				for accept, code := range map[string]string{browserAccept: "", "application/json": "redirect_uri_not_allowed"} {
					got := w.person().get(v.to("acme", query), "Accept", accept)
					wantRefused(t, name, got, 400, code)
					if strings.Contains(got.text, "evil") || strings.Contains(got.text, "app.example.com") || strings.Contains(got.text, "href=\"http") || len(got.header.Values("Set-Cookie")) > 0 {
						t.Errorf("%s: %v\n%s", name, got.header, got.text)
					}
				}
			}
		}
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// Which of several counts is nobody's to guess.
func TestSeveralAddressesAreNone(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	evil := url.QueryEscape("https://evil.example.com/in")
	before := w.rows()
	for _, v := range ways {
		for _, more := range []string{"&redirect_uri=" + evil, "&redirect_uri=", "&redirect%5furi=" + evil, "&client_id=shop", "&client_id=", "&state=evil"} {
			for _, query := range []string{v.to("acme", byCode()) + more, strings.Replace(v.to("acme", byCode()), "?", "?"+more[1:]+"&", 1)} {
				for _, accept := range []string{browserAccept, "application/json"} {
					got := w.person().get(query, "Accept", accept)
					if got.status != 400 || got.header.Get("Location") != "" || strings.Contains(got.text, "evil") || len(got.header.Values("Set-Cookie")) > 0 {
						t.Errorf("%s: %d %v\n%s", query, got.status, got.header, got.text)
					}
				}
			}
		}
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// What is listed is led to, to the letter.
func TestAListedAddressIsLedToAsItStands(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	for _, c := range []struct{ client, uri, want string }{
		{"web", appPage, appPage + "?state=st"},
		{"web", appPage + "?tab=1", appPage + "?state=st&tab=1"},
		{"web", "http://127.0.0.1:49152/in", "http://127.0.0.1:49152/in?state=st"}, // any port of one's own machine
		{"shop", "shop.example:/in", "shop.example:/in?state=st"},
	} {
		for _, v := range ways {
			b := w.person()
			sent := b.get(v.to("acme", url.Values{"client_id": {c.client}, "redirect_uri": {c.uri}, "state": {"st"}})).want(t, 303, "").header.Get("Location")
			if got := b.get(v.on("acme", w.back(sent, ada()))).want(t, 303, ""); got.header.Get("Location") != c.want {
				t.Errorf("%s leads to %s", c.uri, got.header.Get("Location"))
			}
		}
	}
}

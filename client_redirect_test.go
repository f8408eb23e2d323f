package watchword_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"watchword"
)

func clientWith(uris ...string) watchword.Client {
	return watchword.Client{ID: "web", Type: watchword.ClientPublic, RedirectURIs: uris}
}

func TestARedirectMustBeListedToTheLetter(t *testing.T) {
	t.Parallel()
	const listed = "https://app.example.com/callback"
	web := clientWith(listed, "https://app.example.com/other?keep=1", "http://app.example.com:8080/plain", "https://app.example.com/several?a=1&b=2")
	for _, uri := range web.RedirectURIs {
		if !web.AllowsRedirect(uri) {
			t.Errorf("%s is listed", uri)
		}
	}
	for name, uri := range map[string]string{
		"nothing":                     "",
		"suffix of the path":          listed + "2",
		"deeper path":                 listed + "/deeper",
		"slash at the end":            listed + "/",
		"suffix of the host":          "https://app.example.com.evil.example/callback",
		"prefix of the host":          "https://evil-app.example.com/callback",
		"trailing dot of a host":      "https://app.example.com./callback",
		"dot segments":                "https://app.example.com/x/../callback",
		"dot segments at the end":     listed + "/..",
		"encoded dots":                "https://app.example.com/%2e%2e/callback",
		"encoded slash":               "https://app.example.com/%2fcallback",
		"encoded letter":              "https://app.example.com/%63allback",
		"double slash":                "https://app.example.com//callback",
		"host in upper case":          "https://APP.example.com/callback",
		"scheme in upper case":        "HTTPS://app.example.com/callback",
		"path in upper case":          "https://app.example.com/Callback",
		"another scheme":              "http://app.example.com/callback",
		"the scheme's own port":       "https://app.example.com:443/callback",
		"another port":                "https://app.example.com:8443/callback",
		"an empty port":               "https://app.example.com:/callback",
		"a port of a plain host":      "http://app.example.com:8081/plain",
		"fragment":                    listed + "#",
		"fragment with text":          listed + "#x",
		"user name":                   "https://user@app.example.com/callback",
		"empty user name":             "https://@app.example.com/callback",
		"listed host as a user":       "https://app.example.com@evil.example/callback",
		"added query":                 listed + "?x=1",
		"empty query":                 listed + "?",
		"longer query":                "https://app.example.com/other?keep=1&x=2",
		"shorter query":               "https://app.example.com/other",
		"parameters in another order": "https://app.example.com/several?b=2&a=1",
		"one parameter of several":    "https://app.example.com/several?a=1",
		"a parameter twice":           "https://app.example.com/several?a=1&b=2&b=2",
		"a parameter by semicolon":    "https://app.example.com/several?a=1&b=2;c=3",
		"an empty parameter":          "https://app.example.com/several?a=1&b=2&",
		"an encoded query":            listed + "%3fx=1",
		"an encoded fragment":         listed + "%23x",
		"encoded slash for a slash":   "https://app.example.com%2fcallback",
		"encoded slash at the end":    listed + "%2f",
		"encoded backslash":           "https://app.example.com/%5ccallback",
		"encoded dot segments":        listed + "/%2e%2e%2fcallback",
		"encoded tab":                 "https://app.example.com/call%09back",
		"encoded line break":          listed + "%0d%0aSet-Cookie:%20a=b",
		"encoded NUL":                 listed + "%00",
		"encoded user name":           "https://user%40app.example.com/callback",
		"password":                    "https://user:password@app.example.com/callback",
		"path parameter":              listed + ";x=1",
		"single dot":                  "https://app.example.com/./callback",
		"three slashes":               "https:///app.example.com/callback",
		"slash and backslash":         `https:/\app.example.com/callback`,
		"backslash and slash":         `https:\/app.example.com/callback`,
		"backslash after the host":    `https://app.example.com\callback`,
		"two on a line":               listed + "," + listed,
		"two by a space":              listed + " " + listed,
		"port in other digits":        "http://app.example.com:08080/plain",
		"letters of full width":       "https://ａpp.example.com/callback",
		"slash of full width":         "https://app.example.com／callback",
		"host as a number":            "https://2130706433/callback",
		"no scheme":                   "//app.example.com/callback",
		"path alone":                  "/callback",
		"backslashes":                 `https:\\app.example.com\callback`,
		"backslash in the path":       `/\app.example.com/callback`,
		"backslash before a host":     `https://evil.example\@app.example.com/callback`,
		"tab":                         "https://app.example.com/call\tback",
		"tab in the scheme":           "ht\ttps://app.example.com/callback",
		"line break":                  "https://app.example.com/callback\r\nSet-Cookie: a=b",
		"space before":                " " + listed,
		"space after":                 listed + " ",
		"NUL":                         listed + "\x00",
		"DEL":                         listed + "\x7f",
		"other letters":               "https://аpp.example.com/callback",
		"no host":                     "https:///callback",
		"opaque":                      "https:app.example.com/callback",
		"script":                      "javascript:alert(1)",
		"script with a host":          "javascript://app.example.com/callback",
		"data":                        "data:text/html,x",
		"file":                        "file:///etc/passwd",
		"loopback, none listed":       "http://127.0.0.1/callback",
		"localhost, none listed":      "http://localhost/callback",
	} {
		if web.AllowsRedirect(uri) {
			t.Errorf("%s: %q is let through", name, uri)
		}
	}
}

func TestNoListMakesAScriptAnAddress(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"javascript:alert(1)", "javascript://app.example.com/%0aalert(1)", "data:text/html,x", "data://x/y", "vbscript://x/y",
		"file:///etc/passwd", "file://host/x", "blob:https://app.example.com/x", "blob://app.example.com/x", "JavaScript://x/y",
		"https://user@app.example.com/", "https://app.example.com/#x", `https://app.example.com\@evil.example/`, "", "/", "//app.example.com/",
	} {
		if clientWith(uri).AllowsRedirect(uri) {
			t.Errorf("%q", uri)
		}
	}
}

// RFC 8252 §7.3: who listens on loopback gets whatever port is free.
func TestThePortOfAListedLoopbackAddressIsFree(t *testing.T) {
	t.Parallel()
	native := clientWith("http://127.0.0.1/callback", "http://[::1]:7000/callback?a=b", "http://localhost:7000/callback", "http://127.0.0.2/callback", "https://127.0.0.1/secure")
	for uri, want := range map[string]bool{
		"http://127.0.0.1/callback":               true,
		"http://127.0.0.1:51004/callback":         true,
		"http://[::1]:51004/callback?a=b":         true,
		"http://[::1]/callback?a=b":               true,
		"http://localhost:7000/callback":          true,
		"http://127.0.0.2/callback":               true,
		"http://127.0.0.1:51004/callback/":        false,
		"http://127.0.0.1:51004/callback?x=1":     false,
		"http://127.0.0.1:51004/":                 false,
		"http://127.0.0.1:51004@evil.example/":    false,
		"http://user@127.0.0.1:51004/callback":    false,
		"http://127.0.0.1.evil.example/callback":  false,
		"http://127.0.0.1:51004/callback#x":       false,
		"http://127.0.0.1:x/callback":             false,
		"http://127.1:51004/callback":             false,
		"http://2130706433:51004/callback":        false,
		"http://0177.0.0.1:51004/callback":        false,
		"http://0.0.0.0:51004/callback":           false,
		"http://[::]:51004/callback?a=b":          false,
		"http://[0:0:0:0:0:0:0:1]/callback?a=b":   false,
		"http://[::ffff:127.0.0.1]/callback":      false,
		"http://[::1%25lo]:51004/callback?a=b":    false,
		"http://[::1]:51004/callback":             false,
		"http://localhost:7001/callback":          false, // a name can lead elsewhere
		"http://127.0.0.2:51004/callback":         false, // only these two addresses
		"https://127.0.0.1:51004/secure":          false,
		"https://127.0.0.1:51004/callback":        false,
		"http://LOCALHOST:7000/callback":          false,
		"http://localhost.evil.example/callback":  false,
		"http://[::1].evil.example:1/callback":    false,
		"http://127.0.0.1:51004//callback":        false,
		"http://127.0.0.1:51004/x/../callback":    false,
		`http://127.0.0.1:51004\@evil.example/cb`: false,
	} {
		if got := native.AllowsRedirect(uri); got != want {
			t.Errorf("%s: %v", uri, got)
		}
	}
	confidential := native
	confidential.Type = watchword.ClientConfidential
	if confidential.AllowsRedirect("http://127.0.0.1:51004/callback") || !confidential.AllowsRedirect("http://127.0.0.1/callback") {
		t.Error("a confidential client gets what it lists, port and all")
	}
}

func TestApplicationsHaveSchemesOfTheirOwn(t *testing.T) {
	t.Parallel()
	app := clientWith("com.example.app:/callback", "com.example.app://host/callback")
	for uri, want := range map[string]bool{
		"com.example.app:/callback":           true,
		"com.example.app://host/callback":     true,
		"com.example.app:/callback2":          false,
		"com.example.app:callback":            false,
		"com.example.app:///callback":         false,
		"com.example.app://callback":          false,
		"com.example.app2:/callback":          false,
		"COM.example.app:/callback":           false,
		"com.example.app://evil.ex/callback":  false,
		"com.example.app:/callback?x":         false,
		"com.example.app:/callback#x":         false,
		"com.example.app:javascript:alert(1)": false,
	} {
		if got := app.AllowsRedirect(uri); got != want {
			t.Errorf("%s: %v", uri, got)
		}
	}
}

func TestDevelopmentLeadsToAnyPortOfThisMachine(t *testing.T) {
	t.Parallel()
	dev := watchword.Client{LoopbackOrigins: true}
	for uri, want := range map[string]bool{
		"http://localhost:3000/callback":      true,
		"http://localhost/":                   true,
		"http://127.0.0.1:5173/x?y=z":         true,
		"https://localhost:3000/":             false,
		"http://localhost.evil.example/":      false,
		"http://localhost@evil.example/":      false,
		"http://evil.example/localhost":       false,
		"http://LOCALHOST/":                   false,
		"http://localhost:3000/#x":            false,
		`http://localhost\@evil.example/`:     false,
		"http://localhost:3000\t/":            false,
		"http://127.0.0.1.evil.example/":      false,
		"http://[::1]:3000/":                  false,
		"com.example.app:/callback":           false,
		"javascript://localhost/%0aalert(1)/": false,
	} {
		if got := dev.AllowsRedirect(uri); got != want {
			t.Errorf("%s: %v", uri, got)
		}
	}
}

// Whatever is let through is on the list but for a loopback port, and browsers
// read it as we do.
func FuzzAllowsRedirect(f *testing.F) {
	client := clientWith("https://app.example.com/callback", "http://127.0.0.1/callback", "http://[::1]/callback", "com.example.app:/callback")
	for _, uri := range client.RedirectURIs {
		f.Add(uri)
	}
	f.Add("http://127.0.0.1:9/callback")
	f.Add("http://[::1]:9/callback")
	f.Add(`https://app.example.com\@evil.example/`)
	f.Fuzz(func(t *testing.T, uri string) {
		if !client.AllowsRedirect(uri) || slices.Contains(client.RedirectURIs, uri) {
			return
		}
		u, err := url.Parse(uri)
		if err != nil {
			t.Fatalf("%q is no URL: %v", uri, err)
		}
		if port := ":" + u.Port(); !slices.Contains(client.RedirectURIs, strings.Replace(uri, port, "", 1)) ||
			u.Scheme != "http" || u.Hostname() != "127.0.0.1" && u.Hostname() != "::1" {
			t.Fatalf("%q is let through", uri)
		}
	})
}

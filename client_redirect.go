package watchword

import (
	"net/url"
	"slices"
	"strings"
)

// AllowsRedirect says whether the client lists this redirect URI: the exact
// string, as RFC 9700 §4.1.3 asks. For public clients the port of a registered
// http://127.0.0.1 or http://[::1] URI is free (RFC 8252 §7.3).
func (c Client) AllowsRedirect(uri string) bool {
	u, ok := redirectTarget(uri)
	if !ok {
		return false
	}
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	if u.Scheme != "http" {
		return false
	}
	if c.LoopbackOrigins && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1") {
		return true
	}
	return c.Type != ClientConfidential && loopbackAddress(u) && slices.ContainsFunc(c.RedirectURIs, func(listed string) bool {
		l, ok := plainURL(listed)
		return ok && l.Scheme == "http" && u.Hostname() == l.Hostname() && withoutPort(u) == withoutPort(l)
	})
}

// redirectTarget reads what could be on a list at all.
func redirectTarget(uri string) (*url.URL, bool) {
	u, ok := plainURL(uri)
	if !ok {
		return nil, false
	}
	switch u.Scheme {
	case "javascript", "data", "vbscript", "file", "blob":
		return nil, false // no list makes a script an address
	}
	return u, true
}

// plainURL refuses what browsers and servers read differently: control
// characters, backslashes, user names, fragments, empty hosts of web addresses.
func plainURL(text string) (*url.URL, bool) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r > 0x7e }) {
		return nil, false
	}
	u, err := url.Parse(text)
	// What a parser would write differently is refused rather than understood.
	if err != nil || u.Scheme == "" || u.Opaque != "" || u.User != nil || strings.Contains(text, "#") || u.String() != text {
		return nil, false
	}
	// Applications register app.example.com:/callback, which has no host.
	if u.Host == "" && !strings.Contains(u.Scheme, ".") {
		return nil, false
	}
	return u, true
}

// loopbackAddress says whether this is an address whose port is free. A name can
// be made to lead elsewhere, so localhost is none (RFC 8252 §8.3).
func loopbackAddress(u *url.URL) bool {
	return u.Hostname() == "127.0.0.1" || u.Host == "[::1]" || strings.HasPrefix(u.Host, "[::1]:")
}

func withoutPort(u *url.URL) string {
	c := *u
	c.Host = u.Hostname()
	return c.String()
}

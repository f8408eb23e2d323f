package watchword

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// AllowsRedirect says whether the client lists this redirect URI: the exact
// string, as RFC 9700 §4.1.3 asks. For public clients the port of a registered
// http://127.0.0.1 or http://[::1] URI is free (RFC 8252 §7.3).
func (c Client) AllowsRedirect(uri string) bool {
	u, ok := plainURL(uri)
	if !ok {
		return false
	}
	switch u.Scheme {
	case "javascript", "data", "vbscript", "file", "blob":
		return false // no list makes a script an address
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
		return ok && l.Scheme == "http" && loopbackAddress(l) && u.Hostname() == l.Hostname() &&
			withoutPort(u) == withoutPort(l)
	})
}

// plainURL refuses what browsers and servers read differently: control
// characters, backslashes, user names, fragments, empty hosts.
func plainURL(text string) (*url.URL, bool) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r > 0x7e }) {
		return nil, false
	}
	u, err := url.Parse(text)
	// What a parser would write differently is refused rather than understood.
	if err != nil || u.Scheme == "" || u.Opaque != "" || u.Host == "" && !ownScheme(u) || u.User != nil || strings.Contains(text, "#") || u.String() != text {
		return nil, false
	}
	return u, true
}

// ownScheme says whether this is of an app on the device, which needs no host:
// com.example.app:/callback (RFC 8252 §7.1).
func ownScheme(u *url.URL) bool {
	return u.Scheme != "http" && u.Scheme != "https" && strings.HasPrefix(u.Path, "/")
}

func loopbackAddress(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

func withoutPort(u *url.URL) string {
	c := *u
	c.Host = u.Hostname()
	return c.String()
}

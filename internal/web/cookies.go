package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/secret"
)

// SessionCookies are the two cookies of a sign-in session.
type SessionCookies struct {
	AccessName  string
	RefreshName string
	Domain      string // empty: for this host alone
	Host        string // of the public URL
}

// Tokens is what the cookies carry.
type Tokens struct {
	Access   secret.String
	Refresh  secret.String
	Remember watchword.Remember
	// Life is how long the session has left. Both cookies live that long: the
	// access cookie, though its token expires sooner, still tells which session
	// a CSRF token is bound to.
	Life time.Duration
}

// Issued are the cookies of a started or refreshed session. They outlive the
// browser only where the user asked to be remembered.
func (c SessionCookies) Issued(t Tokens) []*http.Cookie {
	access, refresh := c.cookie(c.AccessName), c.cookie(c.RefreshName)
	access.Value, refresh.Value = t.Access.Reveal(), t.Refresh.Reveal()
	if t.Remember == watchword.RememberLong {
		seconds := max(int(t.Life/time.Second), 1) // zero would mean a session cookie
		access.MaxAge, refresh.MaxAge = seconds, seconds
	}
	return []*http.Cookie{access, refresh}
}

// Cleared are the cookies that end both.
func (c SessionCookies) Cleared() []*http.Cookie {
	return []*http.Cookie{c.ended(c.AccessName, c.Domain), c.ended(c.RefreshName, c.Domain)}
}

// Twins end the cookies of a name that remain from another setting of the domain,
// for a browser sends all that it has. Those of this host alone nobody else can
// have set. Those of the domains above it may be another product's: with
// TwinsOfHost they are left alone.
func (c SessionCookies) Twins(name string, reach TwinReach) []*http.Cookie {
	var list []*http.Cookie
	if c.Domain != "" {
		list = append(list, c.ended(name, ""))
	}
	if reach == TwinsOfHost || net.ParseIP(c.Host) != nil {
		return list
	}
	for domain, more := c.Host, true; more && strings.Contains(domain, "."); _, domain, more = strings.Cut(domain, ".") {
		if domain != c.Domain {
			list = append(list, c.ended(name, domain))
		}
	}
	return list
}

// TwinReach says which cookies are known to be ours.
type TwinReach string

// The two.
const (
	TwinsOfHost    TwinReach = "host"
	TwinsOfDomains TwinReach = "domains"
)

// Access are the different access tokens in the request's cookies, as sent.
func (c SessionCookies) Access(r *http.Request) []secret.String {
	return secretCookies(r, c.AccessName)
}

// Refresh are the different refresh tokens in the request's cookies, as sent.
func (c SessionCookies) Refresh(r *http.Request) []secret.String {
	return secretCookies(r, c.RefreshName)
}

func (c SessionCookies) cookie(name string) *http.Cookie {
	return &http.Cookie{
		Name: name, Domain: c.Domain, Path: "/",
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}
}

func (c SessionCookies) ended(name, domain string) *http.Cookie {
	cookie := c.cookie(name)
	cookie.Domain, cookie.MaxAge = domain, -1
	return cookie
}

// SetCookies adds the cookies to the answer.
func SetCookies(w http.ResponseWriter, cookies ...*http.Cookie) {
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
}

func secretCookies(r *http.Request, name string) []secret.String {
	var list []secret.String
	for _, cookie := range r.CookiesNamed(name) {
		same := func(s secret.String) bool { return s.Reveal() == cookie.Value }
		if cookie.Value != "" && !slices.ContainsFunc(list, same) {
			list = append(list, secret.NewString(cookie.Value))
		}
	}
	return list
}

// readCookie is the one value of a cookie that only this host can set. Two
// different values under its name, which no browser sends, count as none.
func readCookie(r *http.Request, name string) (value string, ok bool) {
	for _, cookie := range r.CookiesNamed(name) {
		if ok && cookie.Value != value {
			return "", false
		}
		value, ok = cookie.Value, true
	}
	return value, ok && value != ""
}

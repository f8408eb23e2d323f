package web

import (
	"net/http"
	"time"

	"watchword"
	"watchword/internal/secret"
)

// SessionCookies are the two cookies of a sign-in session.
type SessionCookies struct {
	AccessName  string
	RefreshName string
	Domain      string // empty: for this host alone
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

// Cleared are the cookies that end both. With a domain, those of this host alone
// end as well: they remain from a time without one, and would be ambiguous.
func (c SessionCookies) Cleared() []*http.Cookie {
	list := []*http.Cookie{c.cookie(c.AccessName), c.cookie(c.RefreshName)}
	if c.Domain != "" {
		here := SessionCookies{AccessName: c.AccessName, RefreshName: c.RefreshName}
		list = append(list, here.cookie(c.AccessName), here.cookie(c.RefreshName))
	}
	for _, cookie := range list {
		cookie.MaxAge = -1
	}
	return list
}

// Access is the access token in the request's cookie.
func (c SessionCookies) Access(r *http.Request) (secret.String, bool) {
	return secretCookie(r, c.AccessName)
}

// Refresh is the refresh token in the request's cookie.
func (c SessionCookies) Refresh(r *http.Request) (secret.String, bool) {
	return secretCookie(r, c.RefreshName)
}

func (c SessionCookies) cookie(name string) *http.Cookie {
	return &http.Cookie{
		Name: name, Domain: c.Domain, Path: "/",
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}
}

// SetCookies adds the cookies to the answer.
func SetCookies(w http.ResponseWriter, cookies ...*http.Cookie) {
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
}

func secretCookie(r *http.Request, name string) (secret.String, bool) {
	value, ok := readCookie(r, name)
	return secret.NewString(value), ok
}

// readCookie is the one value of a cookie. Two different values under one name
// count as none: a sibling host can plant a second cookie for the whole domain,
// nothing tells which came from us, and to guess would let it sign people in to
// a session of its choosing.
func readCookie(r *http.Request, name string) (value string, ok bool) {
	for _, cookie := range r.CookiesNamed(name) {
		if ok && cookie.Value != value {
			return "", false
		}
		value, ok = cookie.Value, true
	}
	return value, ok && value != ""
}

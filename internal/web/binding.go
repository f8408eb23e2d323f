package web

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"watchword/internal/secret"
)

// Binding says what a cookie ties to a browser. It is the beginning of the
// cookie's name.
type Binding string

// The bindings.
const (
	BindingLink Binding = "__Host-link_" // a mailed link, to the browser that asked for it
	BindingFlow Binding = "__Host-flow_" // a way to a provider and back
)

const (
	// maxBindings bounds what a browser sends along when somebody asks for link
	// after link: the older ones make way.
	maxBindings = 8
)

// Bind sets the cookie that ties something to the browser that asked for it: one
// for each request, so that they do not replace each other. It is Lax, for people
// come from their webmail or from a provider, which are other sites.
func Bind(w http.ResponseWriter, r *http.Request, to Binding, value secret.String, life time.Duration) {
	var held []string
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, string(to)) {
			held = append(held, cookie.Name)
		}
	}
	// Browsers send the oldest first (RFC 6265 §5.4).
	for i := range len(held) - (maxBindings - 1) {
		http.SetCookie(w, binding(held[i], "", -1))
	}
	http.SetCookie(w, binding(to.name(secret.Digest(value)), value.Reveal(), max(int(life/time.Second), 1)))
}

// Bound says whether the browser holds the cookie whose digest was stored with
// what it ties.
func Bound(r *http.Request, to Binding, digest []byte) bool {
	if len(digest) == 0 {
		return false
	}
	value, ok := readCookie(r, to.name(digest))
	return ok && bytes.Equal(secret.Digest(secret.NewString(value)), digest)
}

// Unbind ends the cookie of what was used.
func Unbind(w http.ResponseWriter, r *http.Request, to Binding, digest []byte) {
	if Bound(r, to, digest) {
		http.SetCookie(w, binding(to.name(digest), "", -1))
	}
}

// The name is from the digest, which opens nothing.
func (b Binding) name(digest []byte) string { return string(b) + hex.EncodeToString(digest[:6]) }

func binding(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}
}

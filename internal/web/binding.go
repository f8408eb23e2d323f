package web

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"watchword/internal/secret"
)

const (
	bindingPrefix = "__Host-link_"
	// maxBindings bounds what a browser sends along when somebody asks for link
	// after link: the older ones make way.
	maxBindings = 8
)

// Bind sets the cookie that ties a mailed link to the browser that asked for it:
// one for each request, so that they do not replace each other. It is Lax, for
// people come from their webmail, which is another site.
func Bind(w http.ResponseWriter, r *http.Request, value secret.String, life time.Duration) {
	var held []string
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, bindingPrefix) {
			held = append(held, cookie.Name)
		}
	}
	// Browsers send the oldest first (RFC 6265 §5.4).
	for i := range len(held) - (maxBindings - 1) {
		http.SetCookie(w, binding(held[i], "", -1))
	}
	http.SetCookie(w, binding(bindingName(secret.Digest(value)), value.Reveal(), max(int(life/time.Second), 1)))
}

// Bound says whether the browser holds the cookie whose digest was stored with
// the link.
func Bound(r *http.Request, digest []byte) bool {
	if len(digest) == 0 {
		return false
	}
	value, ok := readCookie(r, bindingName(digest))
	return ok && bytes.Equal(secret.Digest(secret.NewString(value)), digest)
}

// Unbind ends the cookie of a link that was used.
func Unbind(w http.ResponseWriter, r *http.Request, digest []byte) {
	if Bound(r, digest) {
		http.SetCookie(w, binding(bindingName(digest), "", -1))
	}
}

// The name is from the digest, which opens nothing.
func bindingName(digest []byte) string { return bindingPrefix + hex.EncodeToString(digest[:6]) }

func binding(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}
}

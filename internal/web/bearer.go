package web

import (
	"net/http"
	"strings"

	"watchword/internal/secret"
)

const bearerRealm = `Bearer realm="watchword"`

// challenge is the WWW-Authenticate of a 401: RFC 6750 §3 wants no error code
// where the request held no token at all.
func challenge(c *call) string {
	if c != nil && c.bearer {
		return bearerRealm + `, error="invalid_token"`
	}
	return bearerRealm
}

// sentBearer says whether the request holds a bearer token, good or bad.
func sentBearer(h http.Header) bool {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && strings.TrimLeft(token, " ") != ""
}

// Bearer is the token of the Authorization header (RFC 6750 §2.1).
func Bearer(r *http.Request) (secret.String, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return secret.String{}, false
	}
	return secret.NewString(strings.TrimSpace(token)), true
}

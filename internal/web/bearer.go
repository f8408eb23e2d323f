package web

import (
	"net/http"
	"strings"
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

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

// Bearer is the token of the Authorization header (RFC 6750 §2.1), good or bad.
func Bearer(r *http.Request) (secret.String, bool) {
	token := bearerText(r.Header)
	if token == "" {
		return secret.String{}, false
	}
	return secret.NewString(token), true
}

// bearerText is empty where no token was sent.
func bearerText(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

package web

import (
	"net/http"
	"strings"

	"watchword"
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

var errTwoBearers = watchword.NewError(watchword.KindMalformed, "invalid_request",
	"The access token is given twice, or the form around it is none.")

// BearerOrForm is the token of the Authorization header or, in a POST, of the
// form's access_token (RFC 6750 §2.1, §2.2); the body is left to it by [BodyOwn].
// Never of the query: addresses are logged.
func BearerOrForm(r *http.Request) (secret.String, error) {
	header, given := Bearer(r)
	if r.Method != http.MethodPost || !isForm(r.Header) {
		return header, nil
	}
	if err := ParseForm(r); err != nil {
		return secret.String{}, errTwoBearers.Because(err)
	}
	inForm := r.PostForm["access_token"]
	switch {
	case len(inForm) == 0 || len(inForm) == 1 && inForm[0] == "":
		return header, nil
	case given || len(inForm) > 1:
		return secret.String{}, errTwoBearers
	}
	if c := callOf(r.Context()); c != nil {
		c.bearer = true
	}
	return secret.NewString(inForm[0]), nil
}

// WriteBearerProblem answers the request of a bearer with err and says in
// WWW-Authenticate why the token would not do, in the words of RFC 6750 §3.1: where
// it lacks the scope, what it should have.
func WriteBearerProblem(w http.ResponseWriter, r *http.Request, err error, scope string) {
	switch watchword.KindOf(err) {
	case watchword.KindMalformed:
		w.Header().Set("WWW-Authenticate", bearerRealm+`, error="invalid_request"`)
	case watchword.KindForbidden:
		w.Header().Set("WWW-Authenticate", bearerRealm+`, error="insufficient_scope", scope="`+scope+`"`)
	}
	WriteProblem(w, r, err)
}

// bearerText is empty where no token was sent.
func bearerText(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

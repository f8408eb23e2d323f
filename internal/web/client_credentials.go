package web

import (
	"errors"
	"net/http"
	"net/url"

	"watchword"
	"watchword/internal/secret"
)

var errCredentials = errors.New("the credentials in the Authorization header are not form-encoded")

// ClientCredentials are what the Authorization header says of a client: its id and
// its secret, each form-encoded (RFC 6749 §2.3.1). Not ok: there are none.
func ClientCredentials(r *http.Request) (id watchword.ClientID, given secret.String, ok bool, err error) {
	user, password, ok := r.BasicAuth()
	if !ok {
		return "", secret.String{}, false, nil
	}
	name, errName := url.QueryUnescape(user)
	text, errText := url.QueryUnescape(password)
	if errName != nil || errText != nil {
		return "", secret.String{}, true, errCredentials // not their cause: it quotes them
	}
	return watchword.ClientID(name), secret.NewString(text), true, nil
}

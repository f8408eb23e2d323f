package oauth

import (
	"net/http"
	"net/url"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
)

// client is the application that calls (RFC 6749 §2.3): a confidential one by its
// secret, in the Authorization header or in the form and never in both; a public
// one by its name alone.
func (e Endpoints) client(r *http.Request) (watchword.Client, session.ClientAuthentication, error) {
	id, given, err := credentials(r)
	if err != nil {
		return watchword.Client{}, "", err
	}
	client, ok := e.Clients.Find(id)
	if !ok {
		return watchword.Client{}, "", errClient
	}
	if client.Type != watchword.ClientConfidential {
		if !given.IsZero() {
			return watchword.Client{}, "", errClient // it has none: somebody takes it for another
		}
		return client, session.ClientUnauthenticated, nil
	}
	if !e.Clients.Authenticate(id, given) {
		return watchword.Client{}, "", errClient
	}
	return client, session.ClientAuthenticated, nil
}

func credentials(r *http.Request) (watchword.ClientID, secret.String, error) {
	inForm, secretInForm := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	user, password, ok := r.BasicAuth()
	if !ok {
		if r.Header.Get("Authorization") != "" {
			return "", secret.String{}, errClient
		}
		return watchword.ClientID(inForm), secret.NewString(secretInForm), nil
	}
	// RFC 6749 §2.3.1: both parts are form-encoded.
	id, errID := url.QueryUnescape(user)
	text, errText := url.QueryUnescape(password)
	if errID != nil || errText != nil || secretInForm != "" || inForm != "" && inForm != id {
		return "", secret.String{}, errRequest
	}
	return watchword.ClientID(id), secret.NewString(text), nil
}

package oauth

import (
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/web"
)

// client is the application that calls (RFC 6749 §2.3): a confidential one by its
// secret, in the Authorization header or in the form and never in both; a public
// one by its name alone.
func (e Endpoints) client(r *http.Request) (watchword.Client, session.ClientAuthentication, error) {
	id, given, err := credentials(r)
	if err != nil {
		return watchword.Client{}, "", err
	}
	client, ok, err := e.Clients.Lookup(r.Context(), id)
	if err != nil {
		return watchword.Client{}, "", err
	}
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
	id, given, ok, err := web.ClientCredentials(r)
	if err == nil && !ok {
		if r.Header.Get("Authorization") != "" {
			return "", secret.String{}, errClient
		}
		return watchword.ClientID(inForm), secret.NewString(secretInForm), nil
	}
	if err != nil || secretInForm != "" || inForm != "" && inForm != string(id) {
		return "", secret.String{}, errRequest
	}
	return id, given, nil
}

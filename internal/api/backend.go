package api

import (
	"context"
	"net/http"
	"strings"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/web"
)

// errClientAuth says that a backend's own credentials are not right.
var errClientAuth = watchword.NewError(watchword.KindUnauthenticated, "invalid_client",
	"The client's credentials in the Authorization header are not right.")

// userOrigin is where the user is for whom the client calls. A backend that has
// proven who it is, by an API key or by a confidential client's secret, names
// its user's address in X-End-User-IP, or all its users would share one limit.
// From anybody else the header means nothing.
func (a *API) userOrigin(ctx context.Context, client watchword.Client) (watchword.Origin, error) {
	o := origin(ctx, client.ID)
	r := requestOf(ctx)
	ip, err := web.EndUserIP(r)
	if err != nil || ip == "" {
		return o, err
	}
	proven, err := a.provenBackend(ctx, r, client)
	if err == nil && proven {
		o.IP = ip
	}
	return o, err
}

func (a *API) provenBackend(ctx context.Context, r *http.Request, client watchword.Client) (bool, error) {
	if token, ok := web.Bearer(r); ok && strings.HasPrefix(token.Reveal(), apikey.Prefix) {
		key, err := a.APIKeys.Authenticate(ctx, token)
		if err != nil {
			return false, err
		}
		// A key that only reads metrics, say, does not speak for users.
		return true, apikey.Allow(key, watchword.ScopeUsersWrite)
	}
	id, err := a.authenticatedClient(r)
	if err == nil && id != "" && id != client.ID {
		err = errClientAuth
	}
	return id != "", err
}

// authenticatedClient is the confidential client whose credentials the call has;
// empty: it has none.
func (a *API) authenticatedClient(r *http.Request) (watchword.ClientID, error) {
	id, given, ok, err := web.ClientCredentials(r)
	if err == nil && !ok {
		return "", nil
	}
	if err != nil {
		return "", errClientAuth
	}
	if _, _, err := a.Clients.Lookup(r.Context(), id); err != nil {
		return "", err
	}
	if !a.Clients.Authenticate(id, given) {
		return "", errClientAuth
	}
	return id, nil
}

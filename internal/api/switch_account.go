package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
)

type switchAccountInput struct {
	OptionalClientHeader
	ModeHeader
	CSRFHeader
	Body *struct {
		AccountID    string        `json:"account_id,omitempty" maxLength:"64" doc:"Default: the present account, else the last used."`
		RefreshToken secret.String `json:"refresh_token,omitempty" maxLength:"512" example:"rt_…" doc:"Absent: the cookie."`
	} `required:"false"`
}

func (a *API) mountSwitchAccount() {
	register(a, operation{
		id: "switch-account", method: http.MethodPost, path: "/auth/switch-account", tag: "Sessions", security: switching(),
		summary: "Get fresh claims, of this account or another",
		description: "Makes the claims afresh from what is true now, in the context of the named account, and rotates the refresh " +
			"token as a refresh does. An access token alone does not do. A session of a confidential client needs the client's " +
			"credentials besides.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.switchAccount)
}

func (a *API) switchAccount(ctx context.Context, in *switchAccountInput) (*resultOutput, error) {
	var body secret.String
	var account watchword.AccountID
	if in.Body != nil {
		body, account = in.Body.RefreshToken, watchword.AccountID(in.Body.AccountID)
	}
	credential, err := a.refreshToken(ctx, body, in.ClientID)
	if err != nil {
		return nil, err
	}
	if credential.presented, err = a.byClient(ctx, credential.presented); err != nil {
		return nil, err
	}
	grant, err := a.Sessions.Switch(ctx, credential.presented, account)
	if err != nil {
		return nil, err
	}
	return a.continued(ctx, grant, credential, in.asked()), nil
}

// byClient is a refresh token that a confidential client presents, if the call
// has its credentials: whoever stole the token alone gets nothing fresh for it.
func (a *API) byClient(ctx context.Context, p session.Presented) (session.Presented, error) {
	client, err := a.authenticatedClient(requestOf(ctx))
	if err != nil || client == "" {
		return p, err
	}
	if p.ClientID != "" && p.ClientID != client {
		return p, errClientAuth
	}
	p.ClientID, p.Origin.ClientID, p.Client = client, client, session.ClientAuthenticated
	return p, nil
}

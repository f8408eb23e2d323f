package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/secret"
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
		id: "switch-account", method: http.MethodPost, path: "/auth/switch-account", tag: "Sessions", security: refreshing(),
		summary: "Get fresh claims, of this account or another",
		description: "Makes the claims afresh from what is true now, in the context of the named account, and rotates the refresh " +
			"token as a refresh does. An access token alone does not do.",
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
	grant, err := a.Sessions.Switch(ctx, credential.presented, account)
	if err != nil {
		return nil, err
	}
	return a.continued(ctx, grant, credential, in.asked()), nil
}

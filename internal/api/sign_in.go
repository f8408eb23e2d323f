package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/signin"
)

type signInInput struct {
	ClientHeader
	ModeHeader
	UserIPHeader
	Body struct {
		Email     string        `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
		Password  secret.String `json:"password" minLength:"1" maxLength:"1024" example:"correct-horse-battery"`
		Remember  *bool         `json:"remember,omitempty" default:"true" doc:"false: the session ends after 12 hours and the cookies with the browser."`
		AccountID string        `json:"account_id,omitempty" maxLength:"64" doc:"In whose context the tokens shall stand; default: the account last used, else the oldest."`
	}
}

func (a *API) mountSignIn() {
	register(a, operation{
		id: "sign-in", method: http.MethodPost, path: "/auth/sign-in", tag: "Sign in", security: anyone(),
		summary: "Sign in with a password",
		description: "Starts a session. A wrong password and an unknown address are answered alike. From the fifth wrong " +
			"password in a row for one address on, 429 with a Retry-After that doubles up to 15 minutes.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.signIn)
	a.alsoSecondFactor("/auth/sign-in", "200")
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*resultOutput, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	r := requestOf(ctx)
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	result, err := a.SignIn.Password(ctx, signin.ByPassword{
		Email: in.Body.Email, Password: in.Body.Password, AccountID: watchword.AccountID(in.Body.AccountID),
		Client: client, Mode: in.mode(), Remember: remember(in.Body.Remember),
		Device: func(owner watchword.DeviceOwner) string { key, _ := a.Devices.Key(r, owner); return key },
		Origin: from,
	})
	if err != nil {
		return nil, err
	}
	return a.started(ctx, result)
}

func remember(wish *bool) watchword.Remember {
	if wish != nil && !*wish {
		return watchword.RememberShort
	}
	return watchword.RememberLong
}

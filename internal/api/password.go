package api

import (
	"context"
	"net/http"

	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/web"
)

type passwordInput struct {
	CSRFHeader
	Body struct {
		CurrentPassword secret.String `json:"current_password,omitempty" maxLength:"1024" example:"correct-horse-battery" doc:"Needed where there is one."`
		Password        secret.String `json:"password" minLength:"1" maxLength:"1024" example:"violet tambourine harvest" doc:"10 to 128 characters, and hard to guess."`
	}
}

func (a *API) mountPassword() {
	register(a, operation{
		id: "change-password", method: http.MethodPost, path: "/auth/password", tag: "You", security: signedIn(),
		status: http.StatusNoContent, summary: "Change or set your password",
		description: "Ends all your other sessions and tells you by mail, if your address is verified.", errors: []int{http.StatusConflict, http.StatusTooManyRequests},
	}, a.changePassword)
}

func (a *API) changePassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	owner, err := a.Passwords.Change(ctx, account.PasswordChange{
		UserID: who.UserID, Session: who.SessionID, Current: in.Body.CurrentPassword, New: in.Body.Password,
		Origin: origin(ctx, who.ClientID),
	})
	if err != nil || owner.Address == "" {
		return nil, err
	}
	if _, sent := web.Bearer(requestOf(ctx)); sent {
		return nil, nil // no browser of the owner's, or one that keeps no cookies
	}
	return nil, a.Devices.Mark(writerOf(ctx), owner)
}

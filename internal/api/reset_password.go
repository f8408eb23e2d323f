package api

import (
	"context"
	"net/http"

	"watchword/internal/account"
	"watchword/internal/secret"
)

type sendResetInput struct {
	ClientHeader
	AcceptLanguageHeader
	UserIPHeader
	Body struct {
		Email       string `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
		RedirectURI string `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Your page for a new password, on the client's list: the mail leads there with ?token=. Absent: a page of this server."`
	}
}

// ResetSent is the same for every address.
type ResetSent struct {
	Status      string `json:"status" enum:"sent"`
	ResendAfter int64  `json:"resend_after" example:"60" doc:"Seconds after which another mail can be asked for."`
}

type sendResetOutput struct {
	Body ResetSent
}

type resetInput struct {
	Body struct {
		Token    secret.String `json:"token" minLength:"1" maxLength:"128" doc:"From the mail."`
		Password secret.String `json:"password" minLength:"1" maxLength:"1024" example:"violet tambourine harvest" doc:"10 to 128 characters, and hard to guess."`
	}
}

// PasswordChanged is the answer to a reset.
type PasswordChanged struct {
	Status          string `json:"status" enum:"password_changed"`
	SessionsRevoked int64  `json:"sessions_revoked" doc:"How many sessions have ended."`
}

type resetOutput struct {
	Body PasswordChanged
}

func (a *API) mountResetPassword() {
	register(a, operation{
		id: "send-password-reset", method: http.MethodPost, path: "/auth/send-password-reset", tag: "Sign in", security: anyone(),
		status: http.StatusAccepted, summary: "Mail a link to choose a new password",
		description: "The answer is the same for every address. Who has no password is told by mail how they do sign in; where the " +
			"client offers them no other way, they get the link to a first one. A newer link voids the older ones. One mail a minute and five an hour to an address.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.sendReset)
	register(a, operation{
		id: "reset-password", method: http.MethodPost, path: "/auth/reset-password", tag: "Sign in", security: anyone(),
		summary: "Choose a new password with a mailed token",
		description: "Verifies the address and ends every session and every other outstanding token of the user. Starts no " +
			"session. A password that is refused leaves the token as it is.",
		errors: []int{http.StatusGone, http.StatusTooManyRequests},
	}, a.resetPassword)
}

func (a *API) sendReset(ctx context.Context, in *sendResetInput) (*sendResetOutput, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	err = a.Resets.SendReset(ctx, account.ResetRequest{
		Email: in.Body.Email, Client: client, Return: account.Return{RedirectURI: in.Body.RedirectURI},
		Locale: preferredLocale(in.AcceptLanguage), Origin: from,
	})
	if err != nil {
		return nil, err
	}
	return &sendResetOutput{Body: ResetSent{Status: "sent", ResendAfter: resendAfter}}, nil
}

func (a *API) resetPassword(ctx context.Context, in *resetInput) (*resetOutput, error) {
	holder, err := a.Holder(requestOf(ctx))
	if err != nil {
		return nil, err
	}
	ended, err := a.Resets.Reset(ctx, account.Reset{
		Token: in.Body.Token, Password: in.Body.Password, Holder: holder, Origin: origin(ctx, ""),
	})
	if err != nil {
		return nil, err
	}
	return &resetOutput{Body: PasswordChanged{Status: "password_changed", SessionsRevoked: ended}}, nil
}

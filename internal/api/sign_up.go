package api

import (
	"context"
	"errors"
	"net/http"

	"watchword/internal/secret"
	"watchword/internal/signin"
)

type signUpInput struct {
	ClientHeader
	ModeHeader
	UserIPHeader
	AcceptLanguage string `header:"Accept-Language" doc:"Where no locale is given, the user's is the language that is liked best here."`

	Body struct {
		Email       string        `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
		Password    secret.String `json:"password" minLength:"1" maxLength:"1024" example:"correct-horse-battery" doc:"10 to 128 characters, and hard to guess."`
		Name        string        `json:"name,omitempty" maxLength:"200" example:"Ada Lovelace"`
		AccountName string        `json:"account_name,omitempty" maxLength:"200" doc:"Of the account that is made and owned; default: the user's name."`
		InviteToken secret.String `json:"invite_token,omitempty" maxLength:"256"`
		Locale      string        `json:"locale,omitempty" maxLength:"35" example:"en" doc:"Default: the best of Accept-Language, else en."`
	}
}

// signUpOutput is 201 with a result, or 202 with a status under private discovery.
type signUpOutput struct {
	Status int
	Body   any
}

// CheckEmail is the answer to everybody who signs up under private discovery.
type CheckEmail struct {
	Status string `json:"status" enum:"check_email"`
}

func (a *API) mountSignUp() {
	register(a, operation{
		id: "sign-up", method: http.MethodPost, path: "/auth/sign-up", tag: "Sign in", security: anyone(),
		status: http.StatusCreated, summary: "Sign up",
		description: "Makes a user and an account that they own, signs them in, and queues the mail that verifies the address. " +
			"Under private discovery the answer is 202 for every address, known or not, and starts no session.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.signUp)
	a.describeSignUp()
}

func (a *API) signUp(ctx context.Context, in *signUpInput) (*signUpOutput, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	locale := in.Body.Locale
	if locale == "" {
		locale = preferredLocale(in.AcceptLanguage)
	}
	result, err := a.SignIn.SignUp(ctx, signin.SignUp{
		Email: in.Body.Email, Password: in.Body.Password, Name: in.Body.Name, AccountName: in.Body.AccountName,
		InviteToken: in.Body.InviteToken, Locale: locale,
		Client: client, Mode: in.mode(), Origin: from,
	})
	if err == nil || errors.Is(err, signin.ErrCheckEmail) {
		a.bind(ctx, result.Binding, a.Verify.Life)
	}
	if errors.Is(err, signin.ErrCheckEmail) {
		return &signUpOutput{Status: http.StatusAccepted, Body: CheckEmail{Status: "check_email"}}, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := a.started(ctx, result)
	if err != nil {
		return nil, err
	}
	return &signUpOutput{Status: http.StatusCreated, Body: out.Body}, nil
}

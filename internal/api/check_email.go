package api

import (
	"context"
	"net/http"
	"reflect"

	"watchword/internal/signin"
)

type checkEmailInput struct {
	ClientHeader
	UserIPHeader
	NoneMatchHeader
	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
	}
}

// EmailChecked is how whoever has an address comes in.
type EmailChecked struct {
	Exists  *bool        `json:"exists" doc:"Whether a user has the address, by having verified it or signed up with it; null under private discovery."`
	Methods []MethodStep `json:"methods" doc:"The better ones first; may be empty."`
	Next    string       `json:"next" enum:"password,provider,magic_link,sign_up" doc:"The step to offer first."`
}

// MethodStep is one way in.
type MethodStep struct {
	Type     string `json:"type" enum:"password,provider,magic_link"`
	Provider string `json:"provider,omitempty" example:"google" doc:"The id of a provider."`
	URL      string `json:"url" format:"uri" doc:"Where it begins. POST there; to a provider send the browser, with redirect_uri, login_hint and what else you need added."`
}

func (a *API) mountCheckEmail() {
	const path = "/auth/check-email"
	register(a, operation{
		id: "check-email", method: http.MethodPost, path: path, tag: "Sign in", security: anyone(),
		summary: "How whoever has an address comes in",
		description: "Under open discovery: the ways by which the user of an address can come in at this client application; for an address " +
			"that nobody has the ways to sign up with it (where invites are needed, with one), and next is sign_up. methods is empty where the " +
			"user can come in by nothing that the client offers, and where nobody can sign up: next is then what the client offers first, " +
			"as sign_up would be refused. Under private discovery exists is null and the rest is what the client offers, the same for every " +
			"address. " + noteTagged,
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.checkEmail)
	a.describeTagged(path, "How to go on.", a.schemaOf(reflect.TypeFor[EmailChecked]()))
}

func (a *API) checkEmail(ctx context.Context, in *checkEmailInput) (*linkAnswer, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	checked, err := a.SignIn.CheckEmail(ctx, signin.EmailCheck{Email: in.Body.Email, Client: client, Origin: from})
	if err != nil {
		return nil, err
	}
	body := EmailChecked{Methods: make([]MethodStep, len(checked.Ways)), Next: string(checked.Next)}
	if checked.Presence != signin.PresenceUntold {
		held := checked.Presence == signin.PresenceHeld
		body.Exists = &held
	}
	for i, w := range checked.Ways {
		body.Methods[i] = MethodStep{Type: string(w.Step), Provider: w.Provider, URL: w.URL}
	}
	return tagged(ctx, body), nil
}

package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/signin"
	"watchword/internal/web"
)

type linkIdentityInput struct {
	CSRFHeader
	Body struct {
		Provider    string `json:"provider" minLength:"1" maxLength:"64" example:"google"`
		RedirectURI string `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Where the browser is led once it is linked; on the list of the session's client."`
		State       string `json:"state,omitempty" maxLength:"512" doc:"Given back with the redirect."`
	}
}

type authorizeURLOutput struct {
	Body AuthorizeURL
}

// IdentityPath names the identity that an operation is about.
type IdentityPath struct {
	IdentityID string `path:"id" maxLength:"64" example:"idn_…"`
}

func (a *API) mountIdentities() {
	register(a, operation{
		id: "link-identity", method: http.MethodPost, path: "/auth/identities", tag: "You", security: signedIn(),
		summary: "Begin to link a provider",
		description: "Answers where the browser is to go to sign in at the provider; once it is back, the provider signs you in as well. " +
			"Call it from the browser itself, with credentials: \"include\": it gets a cookie that is needed on the way back. " +
			"Your primary address must be verified (403 email_unverified). " + freshSignIn,
		errors:  []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests, http.StatusBadGateway},
		timeout: providerTimeout,
	}, a.linkIdentity)
	register(a, operation{
		id: "unlink-identity", method: http.MethodDelete, path: "/auth/identities/{id}", tag: "You", security: signedIn(),
		status: http.StatusNoContent, summary: "Unlink a provider",
		description: "Never the last way in (409 last_sign_in_method). Sessions that it started go on. " + freshSignIn,
		errors:      []int{http.StatusNotFound, http.StatusConflict},
	}, a.unlinkIdentity)
}

func (a *API) linkIdentity(ctx context.Context, in *linkIdentityInput) (*authorizeURLOutput, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	client, err := a.Clients.Asking(ctx, string(who.ClientID))
	if err != nil {
		return nil, err
	}
	away, err := a.SignIn.BeginLink(ctx, signin.LinkStart{
		Caller: callerOf(ctx, who), Provider: in.Body.Provider, Client: client,
		Return: account.Return{RedirectURI: in.Body.RedirectURI, State: in.Body.State}, Origin: origin(ctx, client.ID),
	})
	if err != nil {
		return nil, err
	}
	web.Bind(writerOf(ctx), requestOf(ctx), web.BindingFlow, away.Binding, away.Life)
	return &authorizeURLOutput{Body: authorizeURLOf(away)}, nil
}

func (a *API) unlinkIdentity(ctx context.Context, in *struct {
	CSRFHeader
	IdentityPath
},
) (*struct{}, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Identities.Unlink(ctx, caller, watchword.IdentityID(in.IdentityID))
}

func identityOf(id watchword.Identity) Identity {
	return Identity{
		ID: string(id.ID), Provider: id.Provider, Issuer: id.Issuer, Email: orNull(id.Email), CreatedAt: seconds(id.CreatedAt),
	}
}

package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// AuthorizeQuery is a client's request for authorization (RFC 6749 §4.1.1, RFC
// 7636 §4.3, OpenID Connect Core §3.1.2.1). What breaks a rule is found out by the
// journey: people get a page.
type AuthorizeQuery struct {
	AcceptLanguageHeader
	ClientID        string        `query:"client_id" example:"web" doc:"Which client application asks; absent: the default one."`
	RedirectURI     string        `query:"redirect_uri" example:"https://app.example.com/callback" doc:"Where the person is led in the end; on the client's list. Needed where a code is asked for."`
	ResponseType    string        `query:"response_type" example:"code" doc:"code: an authorization code, to be exchanged at /oauth2/token. Absent: the session in cookies, unless there is a code_challenge."`
	ResponseMode    string        `query:"response_mode" example:"query" doc:"query, the only one."`
	RequestObject   string        `query:"request" doc:"Refused: request objects are not taken."`
	RequestURI      string        `query:"request_uri" doc:"Refused as well."`
	State           string        `query:"state" doc:"Given back with the redirect."`
	CodeChallenge   string        `query:"code_challenge" doc:"PKCE. Needed where a code is asked for."`
	ChallengeMethod string        `query:"code_challenge_method" example:"S256" doc:"S256, the only one."`
	Scope           string        `query:"scope" example:"openid email profile" doc:"openid: an ID token comes with the access token. Others: email, profile, offline_access."`
	Nonce           string        `query:"nonce" doc:"Given back in the ID token."`
	LoginHint       string        `query:"login_hint" example:"ada@example.com" doc:"Passed on to the provider."`
	Prompt          string        `query:"prompt" example:"select_account" doc:"none, login, consent or select_account; passed on to the provider."`
	InviteToken     secret.String `query:"invite_token" doc:"Accepts this invite along the way. It must be for the address that the provider names."`
}

// ProviderPath names the provider that an operation is about.
type ProviderPath struct {
	Provider string `path:"provider" example:"google"`
}

// AuthorizeURL is where the browser goes next.
type AuthorizeURL struct {
	AuthorizeURL string    `json:"authorize_url" example:"https://accounts.google.com/o/oauth2/v2/auth?…" doc:"At the provider. Only the browser that made this call can come back from there: it has got a cookie."`
	ExpiresAt    time.Time `json:"expires_at" doc:"When the person must be back."`
}

const (
	aboutAuthorize = "For browsers a redirect to the provider; a program that names application/json in Accept gets its address instead. " +
		"With response_type=code or a code_challenge the person comes back to redirect_uri with code=, state= and iss=, to be " +
		"exchanged at /oauth2/token; without either the browser gets the session in cookies and is led to redirect_uri. " +
		"The cookie that this call sets ties the way to the browser: from a page, call it with credentials: \"include\". " +
		"Refusals are never redirected: they are problems for programs, and for browsers pages with the same status."
	providerTimeout = 15 * time.Second // a provider may be slow, and is asked several times
)

// errConnectionRequired is for clients that leave it to us where people sign in.
var errConnectionRequired = watchword.NewError(watchword.KindMalformed, "connection_required",
	"Name the provider in connection. POST /auth/login-methods lists them.")

func (a *API) mountAuthorize() {
	errors := []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusTooManyRequests, http.StatusBadGateway}
	register(a, operation{
		id: "authorize-at-provider", method: http.MethodGet, path: "/auth/{provider}/authorize", tag: "Providers", security: anyone(),
		summary: "Sign in at a provider", description: aboutAuthorize, errors: errors, timeout: providerTimeout,
	}, func(ctx context.Context, in *struct {
		ProviderPath
		AuthorizeQuery
	},
	) (*linkAnswer, error) {
		return a.authorize(ctx, in.Provider, in.AuthorizeQuery)
	})
	register(a, operation{
		id: "authorize", method: http.MethodGet, path: "/oauth2/authorize", tag: tagOAuth, security: anyone(),
		summary:     "The authorization endpoint",
		description: "The same as GET /auth/{provider}/authorize, with the provider in connection. " + aboutAuthorize,
		errors:      errors, timeout: providerTimeout,
	}, func(ctx context.Context, in *struct {
		Connection string `query:"connection" example:"google" doc:"The provider at which the person signs in."`
		AuthorizeQuery
	},
	) (*linkAnswer, error) {
		if in.Connection == "" {
			return a.refusedProvider(ctx, signin.ProviderResult{}, errConnectionRequired)
		}
		return a.authorize(ctx, in.Connection, in.AuthorizeQuery)
	})
	a.describeAuthorize("/auth/{provider}/authorize", "/oauth2/authorize")
}

func (a *API) authorize(ctx context.Context, provider string, in AuthorizeQuery) (*linkAnswer, error) {
	w, r := writerOf(ctx), requestOf(ctx)
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err == nil && web.NamesJSON(r) {
		err = a.CrossOrigin.Check(r, client.ID) // a foreign page can name JSON, too
	}
	if err != nil {
		return a.refusedProvider(ctx, signin.ProviderResult{}, err)
	}
	if r.Method == http.MethodHead {
		return answered(func() {}), nil // whoever looks goes nowhere
	}
	away, err := a.SignIn.BeginProvider(ctx, signin.ProviderStart{
		Provider: provider, Client: client, ResponseType: in.ResponseType, ResponseMode: in.ResponseMode,
		RequestObject: in.RequestObject + in.RequestURI, ChallengeMethod: in.ChallengeMethod,
		Return: account.Return{RedirectURI: in.RedirectURI, State: in.State, CodeChallenge: in.CodeChallenge},
		Scope:  in.Scope, Nonce: in.Nonce, LoginHint: in.LoginHint, Prompt: in.Prompt, InviteToken: in.InviteToken,
		Locale: preferredLocale(in.AcceptLanguage), Origin: origin(ctx, client.ID),
	})
	if err != nil {
		return a.refusedProvider(ctx, signin.ProviderResult{Client: client}, err)
	}
	web.Bind(w, r, web.BindingFlow, away.Binding, away.Life)
	if web.NamesJSON(r) {
		return answered(func() { writeJSON(w, authorizeURLOf(away)) }), nil
	}
	return answered(func() { lead(w, away.AuthorizeURL) }), nil
}

func authorizeURLOf(away signin.Departure) AuthorizeURL {
	return AuthorizeURL{AuthorizeURL: away.AuthorizeURL, ExpiresAt: seconds(away.ExpiresAt)}
}

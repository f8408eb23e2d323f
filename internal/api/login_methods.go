package api

import (
	"context"
	"net/http"
	"reflect"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/signin"
)

type loginMethodsInput struct {
	ClientHeader
	NoneMatchHeader
	Body *struct {
		RedirectURI string        `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Where providers shall lead back to, on the client's list."`
		Email       string        `json:"email,omitempty" maxLength:"320" example:"ada@example.com" doc:"For providers to fill in. Whether anybody here has it is not looked at."`
		InviteToken secret.String `json:"invite_token,omitempty" maxLength:"256" doc:"For whoever comes from a provider to accept."`
	} `required:"false"`
}

// LoginMethods are the ways in that a client application offers. What is not enabled
// has no URLs.
type LoginMethods struct {
	Client    MethodsClient    `json:"client"`
	Password  PasswordMethod   `json:"password"`
	MagicLink MagicLinkMethod  `json:"magic_link"`
	Passkey   PasskeyMethod    `json:"passkey"`
	Providers []ProviderMethod `json:"providers" doc:"In the order of the settings."`
	SignUp    SignUpPolicy     `json:"sign_up"`
}

// MethodsClient is the client application that is told.
type MethodsClient struct {
	ID   string `json:"id" example:"web"`
	Name string `json:"name" example:"My app"`
}

// PasswordMethod is signing in with a password.
type PasswordMethod struct {
	Enabled   bool           `json:"enabled"`
	SubmitURL *string        `json:"submit_url" format:"uri" doc:"POST there to sign in."`
	SignUpURL *string        `json:"sign_up_url" format:"uri" doc:"POST there to sign up; null also where nobody can."`
	ResetURL  *string        `json:"reset_url" format:"uri" doc:"POST there to have a link mailed with which to choose a new one."`
	Policy    PasswordPolicy `json:"policy"`
}

// PasswordPolicy is what new passwords must be.
type PasswordPolicy struct {
	MinLength      int  `json:"min_length" example:"10" doc:"In characters."`
	MaxLength      int  `json:"max_length" example:"128"`
	MinScore       int  `json:"min_score" example:"3" doc:"Of zxcvbn, 0 to 4."`
	RequireClasses bool `json:"require_classes" doc:"Whether it needs a lower-case and an upper-case letter, a digit and another character."`
}

// MagicLinkMethod is signing in by a mailed link or code.
type MagicLinkMethod struct {
	Enabled   bool    `json:"enabled"`
	SubmitURL *string `json:"submit_url" format:"uri" doc:"POST there to have it mailed."`
}

// PasskeyMethod is signing in with a passkey.
type PasskeyMethod struct {
	Enabled bool `json:"enabled"`
}

// ProviderMethod is signing in at another server.
type ProviderMethod struct {
	ID           string `json:"id" example:"google"`
	Name         string `json:"name" example:"Google"`
	Type         string `json:"type" enum:"oidc,oauth2"`
	AuthorizeURL string `json:"authorize_url" format:"uri" doc:"Send the browser there. For a code in place of cookies add state, response_type=code, code_challenge and code_challenge_method=S256."`
	CallbackURL  string `json:"callback_url" format:"uri" doc:"To be registered at the provider."`
}

// SignUpPolicy says who may sign up.
type SignUpPolicy struct {
	Mode string `json:"mode" enum:"open,invite_only,closed"`
}

func (a *API) mountLoginMethods() {
	const path = "/auth/login-methods"
	register(a, operation{
		id: "login-methods", method: http.MethodPost, path: path, tag: "Sign in", security: anyone(),
		summary:     "Which ways in to show",
		description: "What the client application offers, and where each way begins. The answer tells nothing of any user. " + noteTagged,
		errors:      []int{http.StatusNotFound},
	}, a.loginMethods)
	a.describeTagged(path, "What the client application offers.", a.schemaOf(reflect.TypeFor[LoginMethods]()))
}

func (a *API) loginMethods(ctx context.Context, in *loginMethodsInput) (*linkAnswer, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	ask := signin.MethodsRequest{Client: client}
	if in.Body != nil {
		ask.RedirectURI, ask.Email, ask.InviteToken = in.Body.RedirectURI, in.Body.Email, in.Body.InviteToken
	}
	methods, err := a.SignIn.Methods(ask)
	if err != nil {
		return nil, err
	}
	return tagged(ctx, loginMethodsOf(client, methods)), nil
}

func loginMethodsOf(client watchword.Client, m signin.Methods) LoginMethods {
	body := LoginMethods{
		Client: MethodsClient{ID: string(client.ID), Name: client.Name},
		Password: PasswordMethod{
			Enabled: m.SignInURL != "", SubmitURL: orNull(m.SignInURL), SignUpURL: orNull(m.SignUpURL), ResetURL: orNull(m.ResetURL),
			Policy: PasswordPolicy{
				MinLength: m.Policy.MinLength, MaxLength: secret.MaxPasswordLength, MinScore: m.Policy.MinScore,
				RequireClasses: m.Policy.Classes == secret.ClassesRequired,
			},
		},
		MagicLink: MagicLinkMethod{Enabled: m.MagicLinkURL != "", SubmitURL: orNull(m.MagicLinkURL)},
		Providers: make([]ProviderMethod, len(m.Providers)),
		SignUp:    SignUpPolicy{Mode: string(m.SignUp)},
	}
	for i, p := range m.Providers {
		body.Providers[i] = ProviderMethod{
			ID: p.ID, Name: p.Name, Type: string(p.Type), AuthorizeURL: p.AuthorizeURL, CallbackURL: p.CallbackURL,
		}
	}
	return body
}

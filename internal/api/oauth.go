package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"watchword/internal/token"
)

// OAuthHandlers serve what speaks OAuth's own words: they are described and
// mounted here, and made beside this package.
type OAuthHandlers struct {
	Token         http.Handler
	UserInfo      http.Handler
	Configuration http.Handler
}

// TokenRequest is the form of the token endpoint.
type TokenRequest struct {
	GrantType    string `json:"grant_type" enum:"authorization_code,refresh_token"`
	ClientID     string `json:"client_id,omitempty" example:"web" doc:"Needed unless the Authorization header names the client."`
	ClientSecret string `json:"client_secret,omitempty" doc:"Of a confidential client that does not send it in the Authorization header."`
	Code         string `json:"code,omitempty" example:"otk_…" doc:"For authorization_code."`
	RedirectURI  string `json:"redirect_uri,omitempty" example:"https://app.example.com/callback" doc:"For authorization_code: as the code was asked for with."`
	CodeVerifier string `json:"code_verifier,omitempty" example:"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" doc:"For authorization_code: whose S256 hash the code was asked for with (RFC 7636)."`
	RefreshToken string `json:"refresh_token,omitempty" doc:"For refresh_token."`
}

// TokenResponse is RFC 6749's, with an ID token where the scope holds openid.
type TokenResponse struct {
	AccessToken  string `json:"access_token" example:"eyJ…"`
	TokenType    string `json:"token_type" enum:"Bearer"`
	ExpiresIn    int64  `json:"expires_in" example:"600" doc:"Seconds until the access token expires."`
	RefreshToken string `json:"refresh_token" example:"rt_…" doc:"Changes at every use."`
	IDToken      string `json:"id_token,omitempty" example:"eyJ…" doc:"Where the scope holds openid; with the nonce at the exchange of a code."`
	Scope        string `json:"scope,omitempty" example:"openid email" doc:"What was granted; absent where nothing was."`
}

// OAuthError is an error in OAuth's words.
type OAuthError struct {
	Error       string `json:"error" enum:"invalid_request,invalid_client,invalid_grant,unsupported_grant_type,temporarily_unavailable"`
	Description string `json:"error_description"`
}

// UserInfoForm is the form of the userinfo endpoint.
type UserInfoForm struct {
	AccessToken string `json:"access_token,omitempty" doc:"Instead of the Authorization header."`
}

// OpenIDConfiguration is what clients find out by discovery.
type OpenIDConfiguration struct {
	Issuer                string   `json:"issuer" format:"uri"`
	AuthorizationEndpoint string   `json:"authorization_endpoint" format:"uri"`
	TokenEndpoint         string   `json:"token_endpoint" format:"uri"`
	UserInfoEndpoint      string   `json:"userinfo_endpoint" format:"uri"`
	KeySet                string   `json:"jwks_uri" format:"uri"`
	Scopes                []string `json:"scopes_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported" doc:"Of new keys first, then of those that are still published."`
	ClientAuthentication  []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	Claims                []string `json:"claims_supported"`
	IssuerInAnswers       bool     `json:"authorization_response_iss_parameter_supported"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"`
}

const tagOAuth = "OAuth"

func (a *API) mountOAuth() {
	a.mountToken()
	a.mountUserInfo()
	a.mountDiscovery()
}

func (a *API) mountToken() {
	op := a.plain(operation{
		id: "oauth-token", method: http.MethodPost, path: "/oauth2/token", tag: tagOAuth, security: clients(),
		summary: "Exchange a code, or refresh",
		description: "RFC 6749: authorization_code with PKCE, and refresh_token. A confidential client authenticates in the Authorization header " +
			"or in the form; a public one names itself. A failed authentication uses nothing up; a code that is used twice ends the session of its first use.",
	}, "application/json", a.schemaOf(reflect.TypeFor[TokenResponse]()), bounded(a.OAuth.Token))
	op.RequestBody = a.form(reflect.TypeFor[TokenRequest](), formRequired)
	for status, description := range oauthErrors() {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: responsesPrefix + oauthErrorName(status)}
		a.describeOAuthError(status, description)
	}
}

func (a *API) mountUserInfo() {
	info := operation{
		id: "userinfo", method: http.MethodGet, path: "/oauth2/userinfo", tag: tagOAuth, security: bearers(),
		summary: "Who the access token is of",
		description: "OpenID Connect Core §5.3, for tokens of scope openid: the claims of its scope, from live rows. No cookie counts. " +
			"Where the scope is missing, WWW-Authenticate says so.",
		errors: []int{http.StatusForbidden},
	}
	schema := a.schemaOf(reflect.TypeFor[token.UserInfo]())
	a.plain(info, "application/json", schema, bounded(a.OAuth.UserInfo))
	info.id, info.method = "userinfo-by-post", http.MethodPost
	info.summary += ", by POST"
	info.errors = append(info.errors, http.StatusBadRequest)
	op := a.plain(info, "application/json", schema, bounded(a.OAuth.UserInfo))
	op.RequestBody = a.form(reflect.TypeFor[UserInfoForm](), formOptional)
}

func (a *API) mountDiscovery() {
	configuration := operation{
		id: "openid-configuration", method: http.MethodGet, path: "/.well-known/openid-configuration", tag: tagOAuth, security: anyone(),
		summary:     "What OpenID Connect clients need to know",
		description: "OpenID Connect Discovery. Only what works is in it. It answers while the database is away.",
	}
	schema := a.schemaOf(reflect.TypeFor[OpenIDConfiguration]())
	a.plain(configuration, "application/json", schema, a.OAuth.Configuration)
	configuration.id, configuration.path = "oauth-authorization-server", "/.well-known/oauth-authorization-server"
	configuration.summary = "What OAuth clients need to know"
	configuration.description = "The same under the name that RFC 8414 gives it."
	a.plain(configuration, "application/json", schema, a.OAuth.Configuration)
}

// oauthErrors are the errors of the token endpoint (RFC 6749 §5.2).
func oauthErrors() map[int]string {
	return map[int]string{
		http.StatusBadRequest:            "The request is malformed, or the code or refresh token is not valid, has expired, was used, or is of another client.",
		http.StatusUnauthorized:          "The client is not known, or did not authenticate as it must.",
		http.StatusRequestEntityTooLarge: "The form is longer than 64 KiB.",
		http.StatusUnsupportedMediaType:  "The body is not application/x-www-form-urlencoded.",
		http.StatusTooManyRequests:       "Too many refreshes of one session. Retry-After says when to come back.",
		http.StatusServiceUnavailable:    "A fault of the server, or too much to do: keep the token. Retry-After says when to come back.",
	}
}

func oauthErrorName(status int) string { return tagOAuth + problemName(status) }

func (a *API) describeOAuthError(status int, description string) {
	r := success(description, a.schemaOf(reflect.TypeFor[OAuthError]()))
	switch status {
	case http.StatusUnauthorized:
		r.Headers[headerAuthenticate] = &huma.Header{Description: "Basic.", Required: true, Schema: someText()}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		r.Headers[headerRetryAfter] = headerRef(headerRetryAfter)
	}
	a.huma.OpenAPI().Components.Responses[oauthErrorName(status)] = r
}

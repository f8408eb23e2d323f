package oauth

import (
	"encoding/json"
	"net/http"

	"watchword"
)

// What is said of the token endpoint, and done there.
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// configurationAge is how long others may keep the configuration: as long as the
// key set.
const configurationAge = "public, max-age=300"

// configuration is what clients find out by discovery (OpenID Connect Discovery §3,
// RFC 8414 §2, RFC 9207 §3). Only what works is in it; what a reader would take for
// granted and does not work is denied.
type configuration struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	UserInfoEndpoint      string   `json:"userinfo_endpoint"`
	KeySet                string   `json:"jwks_uri"`
	Scopes                []string `json:"scopes_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	ClientAuthentication  []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	Claims                []string `json:"claims_supported"`
	IssuerInAnswers       bool     `json:"authorization_response_iss_parameter_supported"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"` // true where it is left out
}

// Configuration answers discovery. It needs no database.
func (e Endpoints) Configuration(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(e.configuration())
	if err != nil {
		panic(err) // strings and booleans alone: cannot fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", configurationAge)
	_, _ = w.Write(append(body, '\n')) // a caller who left needs no answer
}

func (e Endpoints) configuration() configuration {
	return configuration{
		Issuer:                e.Issuer,
		AuthorizationEndpoint: e.Issuer + "/oauth2/authorize",
		TokenEndpoint:         e.Issuer + "/oauth2/token",
		UserInfoEndpoint:      e.Issuer + "/oauth2/userinfo",
		KeySet:                e.Issuer + "/.well-known/jwks.json",
		Scopes:                scopes(),
		ResponseTypes:         []string{"code"},
		ResponseModes:         []string{"query"},
		GrantTypes:            []string{grantCode, grantRefresh},
		SubjectTypes:          []string{"public"},
		IDTokenAlgorithms:     e.Keys.Algorithms(),
		ClientAuthentication:  []string{"client_secret_basic", "client_secret_post", "none"},
		ChallengeMethods:      []string{"S256"},
		Claims: []string{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "sid",
			"email", "email_verified", "name", "picture", "locale",
		},
		IssuerInAnswers: true,
	}
}

func scopes() []string {
	list := make([]string, len(watchword.OAuthScopes()))
	for i, scope := range watchword.OAuthScopes() {
		list[i] = string(scope)
	}
	return list
}

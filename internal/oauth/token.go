package oauth

import (
	"net/http"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// Endpoints are what clients call.
type Endpoints struct {
	SignIn   *signin.Service
	Sessions *session.Service
	Clients  *client.Registry
	Clock    func() time.Time
}

const patternToken = "POST /oauth2/token"

// Exceptions are the patterns of this package that are guarded otherwise than
// most: pages of any origin may exchange what only they can have.
func Exceptions() map[string]web.Rule {
	return map[string]web.Rule{
		patternToken: {Body: web.BodyForm, Origin: web.OriginAny, CORS: web.CORSPublic},
	}
}

// Mount registers the endpoints.
func (e Endpoints) Mount(mux *web.Mux) {
	mux.HandleFunc(patternToken, e.token)
}

// tokenResponse is a successful answer (RFC 6749 §5.1).
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope,omitempty"`
}

// token answers the token endpoint (RFC 6749 §3.2).
func (e Endpoints) token(w http.ResponseWriter, r *http.Request) {
	if err := web.ParseForm(r); err != nil {
		refuse(w, r, errRequest)
		return
	}
	// RFC 6749 §3.2: no parameter comes twice. Two readers would take two values.
	for _, values := range r.PostForm {
		if len(values) > 1 {
			refuse(w, r, errRequest)
			return
		}
	}
	client, proof, err := e.client(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	grant, err := e.grant(r, client, proof)
	if err != nil {
		refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, tokenResponse{
		AccessToken: grant.AccessToken.Reveal(), TokenType: "Bearer", ExpiresIn: grant.AccessExpiresAt.Unix() - e.Clock().Unix(),
		RefreshToken: grant.RefreshToken.Reveal(), Scope: grant.Session.Scope,
	})
}

func (e Endpoints) grant(r *http.Request, client watchword.Client, proof session.ClientAuthentication) (session.Grant, error) {
	origin := web.OriginFrom(r.Context())
	origin.ClientID = client.ID
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		return e.SignIn.Exchange(r.Context(), signin.CodeExchange{
			Code: secret.NewString(r.PostForm.Get("code")), Verifier: secret.NewString(r.PostForm.Get("code_verifier")),
			RedirectURI: r.PostForm.Get("redirect_uri"), Client: client, Origin: origin,
		})
	case "refresh_token":
		return e.Sessions.Refresh(r.Context(), session.Presented{
			Token: secret.NewString(r.PostForm.Get("refresh_token")), ClientID: client.ID, Client: proof, Origin: origin,
		})
	case "":
		return session.Grant{}, errRequest
	default:
		return session.Grant{}, errGrantType
	}
}

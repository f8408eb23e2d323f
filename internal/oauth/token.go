package oauth

import (
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// tokenResponse is a successful answer (RFC 6749 §5.1, OpenID Connect Core
// §3.1.3.3).
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// Token answers the token endpoint (RFC 6749 §3.2).
func (e Endpoints) Token(w http.ResponseWriter, r *http.Request) {
	if err := web.ParseForm(r); err != nil {
		refuse(w, r, unreadable(err))
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
		RefreshToken: grant.RefreshToken.Reveal(), IDToken: grant.IDToken.Reveal(), Scope: grant.Session.Scope,
	})
}

func (e Endpoints) grant(r *http.Request, client watchword.Client, proof session.ClientAuthentication) (session.Grant, error) {
	origin := web.OriginFrom(r.Context())
	origin.ClientID = client.ID
	switch r.PostForm.Get("grant_type") {
	case grantCode:
		return e.SignIn.Exchange(r.Context(), signin.CodeExchange{
			Code: secret.NewString(r.PostForm.Get("code")), Verifier: secret.NewString(r.PostForm.Get("code_verifier")),
			RedirectURI: r.PostForm.Get("redirect_uri"), Client: client, Origin: origin,
		})
	case grantRefresh:
		return e.Sessions.Refresh(r.Context(), session.Presented{
			Token: secret.NewString(r.PostForm.Get("refresh_token")), ClientID: client.ID, Client: proof, Origin: origin,
		})
	case "":
		return session.Grant{}, errRequest
	default:
		return session.Grant{}, errGrantType
	}
}

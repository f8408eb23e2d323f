package oauth

import (
	"time"

	"watchword/internal/client"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/token"
	"watchword/internal/web"
)

// Endpoints are what clients call.
type Endpoints struct {
	SignIn   *signin.Service
	Sessions *session.Service
	Keys     *token.Keys
	Clients  *client.Registry
	Clock    func() time.Time
	Issuer   string
}

// The patterns that the endpoints are meant for; who describes them mounts them.
const (
	patternToken         = "POST /oauth2/token"
	patternUserInfo      = "GET /oauth2/userinfo"
	patternUserInfoForm  = "POST /oauth2/userinfo"
	patternConfiguration = "GET /.well-known/openid-configuration"
	patternMetadata      = "GET /.well-known/oauth-authorization-server"
)

// Exceptions are the patterns of this package that are guarded otherwise than
// most. Pages of any origin may call: what they send, no browser adds for them.
func Exceptions() map[string]web.Rule {
	form := web.Rule{Body: web.BodyOwn, Origin: web.OriginAny, CORS: web.CORSPublic}
	public := web.Rule{CORS: web.CORSPublic}
	return map[string]web.Rule{
		patternToken:         form,
		patternUserInfo:      public,
		patternUserInfoForm:  form,
		patternConfiguration: public,
		patternMetadata:      public,
	}
}

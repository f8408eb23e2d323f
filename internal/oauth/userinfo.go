package oauth

import (
	"net/http"

	"watchword"
	"watchword/internal/web"
)

// UserInfo answers the userinfo endpoint (OpenID Connect Core §5.3) to the bearer
// of an access token. No cookie counts here: pages of any origin may call.
func (e Endpoints) UserInfo(w http.ResponseWriter, r *http.Request) {
	access, err := web.BearerOrForm(r)
	if err != nil {
		refuseBearer(w, r, err)
		return
	}
	info, err := e.Sessions.UserInfo(r.Context(), access)
	if err != nil {
		refuseBearer(w, r, err)
		return
	}
	answer(w, http.StatusOK, info)
}

func refuseBearer(w http.ResponseWriter, r *http.Request, err error) {
	web.WriteBearerProblem(w, r, err, string(watchword.OAuthOpenID))
}

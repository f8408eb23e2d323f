package api

import (
	"context"
	"net/http"
	"time"

	"watchword/internal/web"
)

type csrfOutput struct {
	Body struct {
		CSRFToken string    `json:"csrf_token" doc:"To be sent in the header that is named here."`
		Header    string    `json:"header" enum:"X-CSRF-Token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (a *API) mountCSRF() {
	a.plain(operation{
		id: "csrf-init", method: http.MethodGet, path: "/auth/csrf/init", tag: "CSRF", security: anyone(),
		summary: "Begin a CSRF session",
		description: "A script that pages load: it sets the CSRF session cookie, fetches the token and adds it to unsafe fetch and " +
			"XMLHttpRequest calls to this server. It holds no secret.",
	}, "text/javascript", someText(), http.HandlerFunc(a.CSRF.ServeScript))
	register(a, operation{
		id: "csrf-token", method: http.MethodGet, path: "/auth/csrf/token", tag: "CSRF", security: anyone(),
		summary:     "The CSRF token of this browser",
		description: "Bound to the CSRF session and to who is signed in: fetch it again after signing in or out.",
		errors:      []int{http.StatusForbidden},
	}, a.csrfToken)
}

func (a *API) csrfToken(ctx context.Context, _ *struct{}) (*csrfOutput, error) {
	r := requestOf(ctx)
	if access, ok := a.accessCookie(r); ok {
		if who, ok := a.Sessions.IdentifyExpired(access); ok {
			// Another client's page must not get the token of this one's session.
			if err := a.CrossOrigin.Check(r, who.ClientID); err != nil {
				return nil, err
			}
		}
	}
	token, expires, err := a.CSRF.Token(r, a.signInSession(r))
	if err != nil {
		return nil, err
	}
	out := &csrfOutput{}
	out.Body.CSRFToken, out.Body.Header, out.Body.ExpiresAt = token, web.CSRFHeader, seconds(expires)
	return out, nil
}

package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
)

type refreshInput struct {
	OptionalClientHeader
	ModeHeader
	CSRFHeader
	Body *struct {
		RefreshToken secret.String `json:"refresh_token,omitempty" maxLength:"512" example:"rt_…" doc:"Absent: the cookie."`
	} `required:"false"`
}

// OptionalClientHeader is for calls whose session already says which client asks.
type OptionalClientHeader struct {
	ClientID string `header:"X-Client-Id" maxLength:"128" doc:"If given, it must be the session's client."`
}

func (a *API) mountRefresh() {
	register(a, operation{
		id: "refresh", method: http.MethodPost, path: "/auth/refresh", tag: "Sessions", security: refreshing(),
		summary: "Refresh the tokens",
		description: "Exchanges a refresh token for its successor and a fresh access token with the same claims. The immediate " +
			"predecessor gets the same successor for 30 seconds, so that two tabs can refresh at once; after that it ends the session.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.refresh)
}

var (
	errRefreshMissing = watchword.NewError(watchword.KindUnauthenticated, "refresh_token_missing",
		"Send the refresh token in the body or as a cookie.")
	errTokenConflict = watchword.NewError(watchword.KindMalformed, "token_conflict",
		"The token in the body and the one in the cookie are of different sessions.")
)

func (a *API) refresh(ctx context.Context, in *refreshInput) (*resultOutput, error) {
	var body secret.String
	if in.Body != nil {
		body = in.Body.RefreshToken
	}
	credential, err := a.refreshToken(ctx, body, in.ClientID)
	if err != nil {
		return nil, err
	}
	grant, err := a.Sessions.Refresh(ctx, credential.presented)
	if err != nil {
		return nil, err
	}
	return a.continued(ctx, grant, credential, in.asked()), nil
}

// refreshCredential is a refresh token, and whether a cookie of its session is
// there to be rewritten.
type refreshCredential struct {
	presented session.Presented
	cookie    cookieState
}

type cookieState string

const (
	cookieAbsent  cookieState = "absent"
	cookiePresent cookieState = "present"
)

// refreshToken finds the refresh token of a call: in the body, else in the
// cookie, which needs the CSRF token. A cookie that is none of ours counts as
// absent. named is the client that X-Client-Id names, if any.
func (a *API) refreshToken(ctx context.Context, body secret.String, named string) (refreshCredential, error) {
	client, err := a.Clients.Named(ctx, named)
	if err != nil {
		return refreshCredential{}, err
	}
	present := func(token secret.String, cookie cookieState) refreshCredential {
		return refreshCredential{session.Presented{Token: token, ClientID: client, Origin: origin(ctx, client)}, cookie}
	}
	r := requestOf(ctx)
	cookie, ok := a.refreshCookie(r)
	var inCookie session.Place
	if ok {
		inCookie, ok = a.Sessions.PlaceOfRefresh(cookie)
	}
	switch {
	case !body.IsZero() && ok:
		// Never mixed: whose tokens would the answer hold?
		if inBody, readable := a.Sessions.PlaceOfRefresh(body); readable && inBody.SessionID != inCookie.SessionID {
			return refreshCredential{}, errTokenConflict
		}
		return present(body, cookiePresent), nil
	case !body.IsZero():
		return present(body, cookieAbsent), nil
	case ok:
		return present(cookie, cookiePresent), a.CSRF.Check(r, a.signInSession(r))
	default:
		return refreshCredential{}, errRefreshMissing
	}
}

// continued is the answer to a call that went on with a session. Cookies are
// rewritten where there were some, or where they are the only way to answer.
func (a *API) continued(ctx context.Context, g session.Grant, c refreshCredential, asked watchword.SessionMode) *resultOutput {
	mode := g.Session.Mode.Narrowed(asked)
	out := &resultOutput{Body: a.resultBody(g, mode)}
	if mode.Cookies() && (c.cookie == cookiePresent || !mode.Body()) {
		if a.severalCookies(requestOf(ctx)) {
			a.endTwins(ctx)
		}
		a.setCookies(ctx, g)
	}
	return out
}

package api

import (
	"context"
	"errors"
	"net/http"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/web"
)

type signOutInput struct {
	CSRFHeader
	Body *struct {
		All bool `json:"all,omitempty" default:"false" doc:"true: end all sessions of the user."`
	} `required:"false"`
}

func (a *API) mountSignOut() {
	register(a, operation{
		id: "sign-out", method: http.MethodPost, path: "/auth/sign-out", tag: "Sessions", security: signingOut(),
		status: http.StatusNoContent, summary: "Sign out", errors: []int{http.StatusTooManyRequests},
		description: "Ends this session, or all sessions of the user, and clears the cookies. A browser whose access token has " +
			"expired signs out by its refresh cookie.",
	}, a.signOut)
}

func (a *API) signOut(ctx context.Context, in *signOutInput) (*struct{}, error) {
	scope := session.SignOutThis
	if in.Body != nil && in.Body.All {
		scope = session.SignOutAll
	}
	who, err := a.caller(ctx)
	if watchword.KindOf(err) == watchword.KindUnauthenticated {
		return nil, a.signOutByCookie(ctx, scope, err)
	}
	if err != nil {
		return nil, err
	}
	if err := a.Sessions.SignOut(ctx, who, scope, origin(ctx, who.ClientID)); err != nil {
		return nil, err
	}
	a.clearCookiesOf(ctx, who)
	return nil, nil
}

// clearCookiesOf clears the cookies of a session that has ended. A bearer of one
// session must not sign the browser out of another.
func (a *API) clearCookiesOf(ctx context.Context, who session.Caller) {
	if inBrowser := a.signInSession(requestOf(ctx)); inBrowser == "" || inBrowser == who.SessionID {
		a.clearCookies(ctx)
	}
}

// signOutByCookie is for a browser that kept its refresh cookie while the access
// token expired. cause is why the access token would not do.
func (a *API) signOutByCookie(ctx context.Context, scope session.SignOutScope, cause error) error {
	if _, sent := web.Bearer(requestOf(ctx)); sent {
		return cause
	}
	credential, err := a.refreshToken(ctx, secret.String{}, "")
	if errors.Is(err, errRefreshMissing) {
		return cause
	}
	if err != nil {
		return err
	}
	if err := a.Sessions.SignOutByRefresh(ctx, credential.presented, scope); err != nil {
		return err
	}
	a.clearCookies(ctx)
	return nil
}

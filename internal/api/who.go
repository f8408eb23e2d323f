package api

import (
	"context"
	"net/http"
	"strings"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/event"
	"watchword/internal/session"
	"watchword/internal/web"
)

func unsafe(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// caller is who is signed in: by bearer, which wins, or by cookie. Where the
// cookie is what authenticates a call that changes something, the CSRF token is
// needed besides.
func (a *API) caller(ctx context.Context) (session.Caller, error) {
	r := requestOf(ctx)
	if token, ok := web.Bearer(r); ok {
		return a.Sessions.Identify(token)
	}
	token, ok := a.accessCookie(r)
	if !ok {
		return session.Caller{}, session.ErrUnauthenticated
	}
	who, err := a.Sessions.Identify(token)
	if err != nil {
		return session.Caller{}, err
	}
	// The chain asked whether the client that the page names lists its origin. The
	// cookie is of one client, and another's pages have no business with it.
	if err := a.CrossOrigin.Check(r, who.ClientID); err != nil {
		return session.Caller{}, err
	}
	if unsafe(r.Method) {
		return who, a.CSRF.Check(r, who.SessionID)
	}
	return who, nil
}

// signInSession is the session that a CSRF token is bound to: that of the access
// cookie, expired or not, else that of the refresh cookie, else none.
func (a *API) signInSession(r *http.Request) watchword.SessionID {
	if token, ok := a.accessCookie(r); ok {
		if who, ok := a.Sessions.IdentifyExpired(token); ok {
			return who.SessionID
		}
	}
	if token, ok := a.refreshCookie(r); ok {
		if place, ok := a.Sessions.PlaceOfRefresh(token); ok {
			return place.SessionID
		}
	}
	return ""
}

// What is refused to those who are signed in: users without the flag, and tokens that
// were made for another API.
var (
	errNotAdministrator = watchword.NewError(watchword.KindForbidden, "not_an_administrator",
		"This is for administrators.")
	errWrongAudience = watchword.NewError(watchword.KindForbidden, "wrong_audience",
		"This access token was made for another API.")
)

// administrator is who administers: the holder of an API key with the scope, or a
// signed-in user with the flag.
func (a *API) administrator(ctx context.Context, scope watchword.Scope) (watchword.Administrator, error) {
	r := requestOf(ctx)
	if token, ok := web.Bearer(r); ok && strings.HasPrefix(token.Reveal(), apikey.Prefix) {
		key, err := a.APIKeys.Authenticate(ctx, token)
		if err != nil {
			return watchword.Administrator{}, err
		}
		return watchword.Administrator{
			Actor: event.ActorKey(key.ID), Scopes: key.Scopes, Expires: key.ExpiresAt, Origin: origin(ctx, ""),
		}, apikey.Allow(key, scope)
	}
	who, err := a.caller(ctx)
	if err != nil {
		return watchword.Administrator{}, err
	}
	live, err := a.Sessions.Live(ctx, who)
	if err != nil {
		return watchword.Administrator{}, err
	}
	// An administrator who uses somebody's app hands its API a token, which must not
	// be worth the administration to whoever runs that.
	if who.Audience != a.PublicURL {
		return watchword.Administrator{}, errWrongAudience
	}
	if !live.User.Administrator {
		return watchword.Administrator{}, errNotAdministrator
	}
	return watchword.Administrator{
		Actor: event.ActorUser(who.UserID), AuthTime: live.AuthTime, Origin: origin(ctx, who.ClientID),
	}, nil
}

// origin is where the call comes from, for events and limits.
func origin(ctx context.Context, client watchword.ClientID) watchword.Origin {
	o := web.OriginFrom(ctx)
	o.ClientID = client
	return o
}

// liveCaller is the caller of an operation that changes something: an access
// token outlives its session by minutes, and must not act for it then.
func (a *API) liveCaller(ctx context.Context) (session.Caller, error) {
	who, err := a.caller(ctx)
	if err != nil {
		return who, err
	}
	_, err = a.Sessions.Live(ctx, who)
	return who, err
}

// mayReadMetrics says whether the caller has an API key with metrics:read.
func (a *API) mayReadMetrics(r *http.Request) error {
	token, ok := web.Bearer(r)
	if !ok {
		return session.ErrUnauthenticated
	}
	// A scrape has no deadline of its own, and a database that hangs never answers.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
	defer cancel()
	key, err := a.APIKeys.Authenticate(ctx, token)
	if err != nil {
		return err
	}
	return apikey.Allow(key, watchword.ScopeMetricsRead)
}

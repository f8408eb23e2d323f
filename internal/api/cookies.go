package api

import (
	"context"
	"net/http"

	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/web"
)

func (a *API) accessCookie(r *http.Request) (secret.String, bool) {
	return chosen(a.Cookies.Access(r), a.Sessions.PlaceOfAccess)
}

func (a *API) refreshCookie(r *http.Request) (secret.String, bool) {
	return chosen(a.Cookies.Refresh(r), a.Sessions.PlaceOfRefresh)
}

// chosen is the token that counts where a browser sends several cookies of one
// name: one for this host and others for domains above it, which remain from
// another setting of the domain, are another product's, or were planted by a
// sibling host. What is not ours counts as absent. Of one session the latest
// counts. Of several sessions none does: nothing tells which of them the person
// began here, and a guess would let a sibling host sign people in to a session of
// its choosing.
func chosen(sent []secret.String, placeOf func(secret.String) (session.Place, bool)) (best secret.String, ok bool) {
	if len(sent) == 1 {
		return sent[0], true // what it is worth is for others to say
	}
	var latest session.Place
	for _, token := range sent {
		place, ours := placeOf(token)
		switch {
		case !ours:
		case ok && place.SessionID != latest.SessionID:
			return secret.String{}, false
		case !ok || place.At > latest.At:
			best, latest, ok = token, place, true
		}
	}
	return best, ok
}

// endTwins ends cookies that would make those which are about to be set
// ambiguous. In domains above this host it does so only where all that the
// browser sent under the name are ours, so that no other product loses one.
func (a *API) endTwins(ctx context.Context) {
	r, w := requestOf(ctx), writerOf(ctx)
	web.SetCookies(w, a.Cookies.Twins(a.Cookies.AccessName, reach(a.Cookies.Access(r), a.Sessions.PlaceOfAccess))...)
	web.SetCookies(w, a.Cookies.Twins(a.Cookies.RefreshName, reach(a.Cookies.Refresh(r), a.Sessions.PlaceOfRefresh))...)
}

func reach(sent []secret.String, placeOf func(secret.String) (session.Place, bool)) web.TwinReach {
	if len(sent) == 0 {
		return web.TwinsOfHost // there are none
	}
	for _, token := range sent {
		if _, ours := placeOf(token); !ours {
			return web.TwinsOfHost
		}
	}
	return web.TwinsOfDomains
}

// severalCookies says whether the browser sent twins.
func (a *API) severalCookies(r *http.Request) bool {
	return len(a.Cookies.Access(r)) > 1 || len(a.Cookies.Refresh(r)) > 1
}

func (a *API) setCookies(ctx context.Context, g session.Grant) {
	web.SetCookies(writerOf(ctx), a.Cookies.Issued(web.Tokens{
		Access: g.AccessToken, Refresh: g.RefreshToken, Remember: g.Session.Remember,
		Life: g.Session.RefreshExpiresAt().Sub(a.Clock()),
	})...)
}

func (a *API) clearCookies(ctx context.Context) {
	a.endTwins(ctx)
	web.SetCookies(writerOf(ctx), a.Cookies.Cleared()...)
}

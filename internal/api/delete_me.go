package api

import (
	"context"
	"net/http"
)

func (a *API) mountDeleteMe() {
	register(a, operation{
		id: "delete-me", method: http.MethodDelete, path: "/auth/me", tag: "You", security: signedIn(),
		status: http.StatusNoContent, summary: "Delete yourself", errors: []int{http.StatusConflict},
		description: "Ends every session at once, clears the cookies, and takes along the accounts that nobody else is in. 409 last_owner " +
			"where others are in an account that you alone own: make one of them an owner, or delete it. " + freshSignIn,
	}, a.deleteMe)
}

func (a *API) deleteMe(ctx context.Context, _ *struct{ CSRFHeader }) (*struct{}, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.Profiles.Delete(ctx, callerOf(ctx, who)); err != nil {
		return nil, err
	}
	a.clearCookiesOf(ctx, who)
	return nil, nil
}

package api

import (
	"context"
	"net/http"

	"watchword/internal/account"
)

type profileInput struct {
	CSRFHeader
	Body struct {
		Name     *string `json:"name,omitempty" maxLength:"200" example:"Ada King"`
		Locale   *string `json:"locale,omitempty" maxLength:"35"`
		Picture  *string `json:"picture,omitempty" maxLength:"2048" doc:"An https URL; empty: none."`
		Metadata Object  `json:"metadata,omitempty" doc:"The user's own JSON object, at most 16 KiB, replaced as a whole."`
	}
}

type profileOutput struct {
	Body struct {
		User MeUser `json:"user"`
	}
}

func (a *API) mountProfile() {
	register(a, operation{
		id: "update-me", method: http.MethodPatch, path: "/auth/me", tag: "You", security: signedIn(),
		summary: "Change your profile", description: "Fields that are left out stay as they are. At most 120 changes an hour.",
		errors: []int{http.StatusTooManyRequests},
	}, a.updateMe)
}

func (a *API) updateMe(ctx context.Context, in *profileInput) (*profileOutput, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	user, err := a.Profiles.Change(ctx, who.UserID, account.ProfileChange{
		Name: in.Body.Name, Locale: in.Body.Locale, Picture: in.Body.Picture, Metadata: in.Body.Metadata,
	}, origin(ctx, who.ClientID))
	if err != nil {
		return nil, err
	}
	out := &profileOutput{}
	out.Body.User = MeUser{User: userOf(user), Metadata: Object(user.Metadata)}
	return out, nil
}

package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/account"
)

type adminAddIdentityInput struct {
	CSRFHeader
	IdempotencyHeader
	UserPath
	Body struct {
		Provider string `json:"provider" minLength:"1" maxLength:"64" example:"google" doc:"The id of a provider that is set up."`
		Subject  string `json:"subject" minLength:"1" maxLength:"255" example:"112233" doc:"Who the user is there."`
		Issuer   string `json:"issuer,omitempty" minLength:"1" maxLength:"2048" doc:"By whom the subject is known; needed only where a provider has several, such as one for each tenant."`
		Email    string `json:"email,omitempty" maxLength:"320" doc:"To be shown with it. It proves nothing."`
	}
}

// UserIdentityPath names the identity of a user that an operation is about.
type UserIdentityPath struct {
	UserPath
	IdentityID string `path:"idn_id" maxLength:"64" example:"idn_…"`
}

func (a *API) mountAdminIdentities() {
	register(a, operation{
		id: "admin-add-identity", method: http.MethodPost, path: "/admin/users/{id}/identities", tag: tagAdministration, status: http.StatusCreated,
		security: administrators(watchword.ScopeUsersWrite), summary: "Link a provider to a user",
		description: "Whoever is the subject there signs in as this user, who is told by mail. One that is linked already, to whomever, is 409 identity_taken. " +
			notePrivileged + " " + noteIdempotent,
		errors: []int{http.StatusNotFound},
	}, a.adminAddIdentity)
	register(a, operation{
		id: "admin-remove-identity", method: http.MethodDelete, path: "/admin/users/{id}/identities/{idn_id}", tag: tagAdministration,
		status: http.StatusNoContent, security: administrators(watchword.ScopeUsersWrite), summary: "Unlink a provider from a user",
		description: "Their last way in, too. Sessions that it started go on, and the user is told by mail. If-Match takes the ETag of the " +
			"user, which covers their identities. " + notePrivileged,
		errors: []int{http.StatusNotFound},
	}, a.adminRemoveIdentity)
}

func (a *API) adminAddIdentity(ctx context.Context, in *adminAddIdentityInput) (*struct{ Body AdminIdentity }, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-add-identity "+in.UserID, in.Body)
	if err != nil {
		return nil, err
	}
	made, err := a.Administration.AddIdentity(ctx, by, in.user(), account.NewIdentity{
		Provider: in.Body.Provider, Issuer: in.Body.Issuer, Subject: in.Body.Subject, Email: in.Body.Email, Call: call,
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body AdminIdentity }{adminIdentityOf(made)}, nil
}

func (a *API) adminRemoveIdentity(ctx context.Context, in *struct {
	CSRFHeader
	IfMatchHeader
	UserIdentityPath
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Administration.RemoveIdentity(ctx, by, in.user(), want, watchword.IdentityID(in.IdentityID))
}

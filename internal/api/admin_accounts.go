package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// AdminAccount is an account as administrators see it.
type AdminAccount struct {
	ID        string    `json:"id" example:"acc_…"`
	Name      string    `json:"name" example:"Analytical Engines"`
	Slug      string    `json:"slug" example:"analytical-engines-k7x2m9qp"`
	CreatedAt time.Time `json:"created_at"`
}

type adminAccountOutput struct {
	RevisionHeader
	Body AdminAccount
}

type adminAccountsOutput struct {
	Body struct {
		Data       []AdminAccount `json:"data"`
		NextCursor *string        `json:"next_cursor"`
	}
}

type adminUpdateAccountInput struct {
	CSRFHeader
	IfMatchHeader
	AccountPath
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"200" example:"Analytical Engines" doc:"The slug stays as it is."`
	}
}

func (a *API) mountAdminAccounts() {
	register(a, operation{
		id: "admin-list-accounts", method: http.MethodGet, path: "/admin/accounts", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsRead), summary: "List and search accounts",
		description: "Newest first. With a query those come that it finds: first by slug, then by name, each in that order.",
	}, a.adminListAccounts)
	register(a, operation{
		id: "admin-get-account", method: http.MethodGet, path: "/admin/accounts/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsRead), summary: "Read any account", errors: []int{http.StatusNotFound},
		description: "The ETag names the state of the account itself, not who is in it.",
	}, a.adminGetAccount)
	register(a, operation{
		id: "admin-update-account", method: http.MethodPatch, path: "/admin/accounts/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsWrite), summary: "Rename any account", description: "The slug stays as it is.", errors: []int{http.StatusNotFound},
	}, a.adminUpdateAccount)
	register(a, operation{
		id: "admin-delete-account", method: http.MethodDelete, path: "/admin/accounts/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeAccountsWrite), summary: "Delete any account", errors: []int{http.StatusNotFound},
		description: "Its memberships, invites and places in waitlists go with it; the users stay. Sessions that stand in it are refused a " +
			"refresh with 409 claims_stale.",
	}, a.adminDeleteAccount)
	a.mountAdminMembers()
}

func (a *API) adminListAccounts(ctx context.Context, in *struct {
	SearchQuery
	Query string `query:"query" maxLength:"320" doc:"An id, or the beginning of a slug or of a name."`
},
) (*adminAccountsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeAccountsRead); err != nil {
		return nil, err
	}
	list, next, err := a.Administration.Accounts(ctx, in.Query, in.page())
	if err != nil {
		return nil, err
	}
	out := &adminAccountsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminAccount, len(list)), orNull(next)
	for i, one := range list {
		out.Body.Data[i] = adminAccountOf(one)
	}
	return out, nil
}

func (a *API) adminGetAccount(ctx context.Context, in *struct{ AccountPath }) (*adminAccountOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeAccountsRead); err != nil {
		return nil, err
	}
	return adminAccountAnswer(a.Administration.Account(ctx, in.account()))
}

func (a *API) adminUpdateAccount(ctx context.Context, in *adminUpdateAccountInput) (*adminAccountOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeAccountsWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return adminAccountAnswer(a.Administration.RenameAccount(ctx, by, in.account(), want, in.Body.Name))
}

func (a *API) adminDeleteAccount(ctx context.Context, in *struct {
	CSRFHeader
	IfMatchHeader
	AccountPath
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeAccountsWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Administration.DeleteAccount(ctx, by, in.account(), want)
}

func adminAccountAnswer(one watchword.Account, err error) (*adminAccountOutput, error) {
	if err != nil {
		return nil, err
	}
	return &adminAccountOutput{RevisionHeader: revisionHeader(one.Revision()), Body: adminAccountOf(one)}, nil
}

func adminAccountOf(one watchword.Account) AdminAccount {
	return AdminAccount{ID: string(one.ID), Name: one.Name, Slug: one.Slug, CreatedAt: seconds(one.CreatedAt)}
}

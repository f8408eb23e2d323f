package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/session"
)

// AccountDetails is an account that the caller is a member of, as the operations
// on accounts tell of it.
type AccountDetails struct {
	ID        string    `json:"id" example:"acc_…"`
	Name      string    `json:"name" example:"Analytical Engines"`
	Slug      string    `json:"slug" example:"analytical-engines-k7x2m9qp"`
	Role      string    `json:"role" enum:"owner,admin,member" doc:"The caller's."`
	CreatedAt time.Time `json:"created_at"`
}

type accountOutput struct {
	Body AccountDetails
}

type accountsOutput struct {
	Body struct {
		Data       []AccountDetails `json:"data"`
		NextCursor *string          `json:"next_cursor"`
	}
}

// AccountPath names the account that an operation is about.
type AccountPath struct {
	AccountID string `path:"id" maxLength:"64" example:"acc_…"`
}

func (p AccountPath) account() watchword.AccountID { return watchword.AccountID(p.AccountID) }

type createAccountInput struct {
	CSRFHeader
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200" example:"Analytical Engines"`
	}
}

type changeAccountInput struct {
	CSRFHeader
	AccountPath
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"200" example:"Analytical Engines" doc:"The slug stays as it is."`
	}
}

func (a *API) mountAccounts() {
	register(a, operation{
		id: "list-accounts", method: http.MethodGet, path: "/accounts", tag: "Accounts", security: signedIn(),
		summary: "List your accounts", description: "Those that you are a member of, newest first.",
	}, a.listAccounts)
	register(a, operation{
		id: "create-account", method: http.MethodPost, path: "/accounts", tag: "Accounts", security: signedIn(),
		status: http.StatusCreated, summary: "Make an account", errors: []int{http.StatusTooManyRequests},
		description: "You are its owner. The tokens stay in the account that they stand in: POST /auth/switch-account changes that. " +
			"At most 20 a day.",
	}, a.createAccount)
	register(a, operation{
		id: "get-account", method: http.MethodGet, path: "/accounts/{id}", tag: "Accounts", security: signedIn(),
		summary: "Read an account", description: "To those who are not in it, it is not there.", errors: []int{http.StatusNotFound},
	}, a.getAccount)
	register(a, operation{
		id: "update-account", method: http.MethodPatch, path: "/accounts/{id}", tag: "Accounts", security: signedIn(),
		summary: "Rename an account", description: "For its owners and admins.", errors: []int{http.StatusNotFound},
	}, a.updateAccount)
	register(a, operation{
		id: "delete-account", method: http.MethodDelete, path: "/accounts/{id}", tag: "Accounts", security: signedIn(),
		status: http.StatusNoContent, summary: "Delete an account", errors: []int{http.StatusNotFound},
		description: "For its owners. Its memberships and invites go with it; the users stay. Sessions that stand in it are refused a " +
			"refresh with 409 claims_stale.",
	}, a.deleteAccount)
}

// acting is the caller of an operation as the journeys of accounts take it.
func (a *API) acting(ctx context.Context) (account.Caller, error) {
	who, err := a.liveCaller(ctx)
	return callerOf(ctx, who), err
}

func callerOf(ctx context.Context, who session.Caller) account.Caller {
	return account.Caller{UserID: who.UserID, Session: who.SessionID, Origin: origin(ctx, who.ClientID)}
}

func (a *API) listAccounts(ctx context.Context, in *struct{ PageQuery }) (*accountsOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.AccountID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Accounts.List(ctx, caller, page)
	if err != nil {
		return nil, err
	}
	out := &accountsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AccountDetails, len(list)), orNull(next)
	for i, m := range list {
		out.Body.Data[i] = accountDetails(m)
	}
	return out, nil
}

func (a *API) createAccount(ctx context.Context, in *createAccountInput) (*accountOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return accountAnswer(a.Accounts.Create(ctx, caller, in.Body.Name))
}

func (a *API) getAccount(ctx context.Context, in *struct{ AccountPath }) (*accountOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return accountAnswer(a.Accounts.Get(ctx, caller, in.account()))
}

func (a *API) updateAccount(ctx context.Context, in *changeAccountInput) (*accountOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return accountAnswer(a.Accounts.Rename(ctx, caller, in.account(), in.Body.Name))
}

func (a *API) deleteAccount(ctx context.Context, in *struct {
	CSRFHeader
	AccountPath
},
) (*struct{}, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Accounts.Delete(ctx, caller, in.account())
}

func accountAnswer(m watchword.Membership, err error) (*accountOutput, error) {
	if err != nil {
		return nil, err
	}
	return &accountOutput{Body: accountDetails(m)}, nil
}

func accountDetails(m watchword.Membership) AccountDetails {
	return AccountDetails{
		ID: string(m.Account.ID), Name: m.Account.Name, Slug: m.Account.Slug, Role: string(m.Role), CreatedAt: seconds(m.Account.CreatedAt),
	}
}

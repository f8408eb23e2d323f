package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/account"
)

type adminMemberOutput struct {
	RevisionHeader
	Body Member
}

type adminAddMemberInput struct {
	CSRFHeader
	IdempotencyHeader
	AccountPath
	Body struct {
		UserID string `json:"user_id" minLength:"1" maxLength:"64" example:"usr_…"`
		Role   string `json:"role" enum:"owner,admin,member" example:"member"`
	}
}

type adminUpdateMemberInput struct {
	CSRFHeader
	IfMatchHeader
	MemberPath
	Body struct {
		Role string `json:"role" enum:"owner,admin,member" example:"admin"`
	}
}

func (a *API) mountAdminMembers() {
	register(a, operation{
		id: "admin-list-members", method: http.MethodGet, path: "/admin/accounts/{id}/members", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsRead), summary: "List the members of any account", description: "Newest first.",
		errors: []int{http.StatusNotFound},
	}, a.adminListMembers)
	register(a, operation{
		id: "admin-add-member", method: http.MethodPost, path: "/admin/accounts/{id}/members", tag: tagAdministration, status: http.StatusCreated,
		security: administrators(watchword.ScopeAccountsWrite), summary: "Let a user into an account",
		description: "Without asking them. Who is in it already is 409 already_member. " + noteIdempotent, errors: []int{http.StatusNotFound},
	}, a.adminAddMember)
	register(a, operation{
		id: "admin-get-member", method: http.MethodGet, path: "/admin/accounts/{id}/members/{mem_id}", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsRead), summary: "Read a member of any account", description: "The ETag names the state of their role: it is another one after each change, back to the same role, too.", errors: []int{http.StatusNotFound},
	}, a.adminGetMember)
	register(a, operation{
		id: "admin-update-member", method: http.MethodPatch, path: "/admin/accounts/{id}/members/{mem_id}", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsWrite), summary: "Give a member of any account another role",
		description: "The last owner stays one (409 last_owner). The member's sessions are refused a refresh with 409 claims_stale, and get the " +
			"new role by a switch.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminUpdateMember)
	register(a, operation{
		id: "admin-remove-member", method: http.MethodDelete, path: "/admin/accounts/{id}/members/{mem_id}", tag: tagAdministration,
		status: http.StatusNoContent, security: administrators(watchword.ScopeAccountsWrite), summary: "Remove a member from any account",
		description: "The last owner stays (409 last_owner): make another one, or delete the account.",
		errors:      []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminRemoveMember)
}

func (a *API) adminListMembers(ctx context.Context, in *struct {
	AccountPath
	PageQuery
},
) (*membersOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeAccountsRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.MembershipID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Administration.Members(ctx, in.account(), page)
	if err != nil {
		return nil, err
	}
	return membersAnswer(list, next), nil
}

func (a *API) adminAddMember(ctx context.Context, in *adminAddMemberInput) (*adminMemberOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeAccountsWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-add-member "+in.AccountID, in.Body)
	if err != nil {
		return nil, err
	}
	return adminMemberAnswer(a.Administration.AddMember(ctx, by, in.account(), account.NewMember{
		UserID: watchword.UserID(in.Body.UserID), Role: watchword.Role(in.Body.Role), Call: call,
	}))
}

func (a *API) adminGetMember(ctx context.Context, in *struct{ MemberPath }) (*adminMemberOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeAccountsRead); err != nil {
		return nil, err
	}
	return adminMemberAnswer(a.Administration.Member(ctx, in.account(), in.member()))
}

func (a *API) adminUpdateMember(ctx context.Context, in *adminUpdateMemberInput) (*adminMemberOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeAccountsWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return adminMemberAnswer(a.Administration.SetMemberRole(ctx, by, in.account(), in.member(), want, watchword.Role(in.Body.Role)))
}

func (a *API) adminRemoveMember(ctx context.Context, in *struct {
	CSRFHeader
	IfMatchHeader
	MemberPath
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
	return nil, a.Administration.RemoveMember(ctx, by, in.account(), in.member(), want)
}

func adminMemberAnswer(m watchword.Member, err error) (*adminMemberOutput, error) {
	if err != nil {
		return nil, err
	}
	return &adminMemberOutput{RevisionHeader: revisionHeader(m.Revision()), Body: memberOf(m)}, nil
}

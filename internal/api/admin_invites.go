package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// AdminInvite is an invite as administrators see it.
type AdminInvite struct {
	Invite
	AccountID string    `json:"account_id" example:"acc_…"`
	InvitedBy string    `json:"invited_by" example:"usr_…"`
	Deliver   string    `json:"deliver" enum:"mail,link"`
	CreatedAt time.Time `json:"created_at"`
}

type adminInvitesOutput struct {
	Body struct {
		Data       []AdminInvite `json:"data"`
		NextCursor *string       `json:"next_cursor"`
	}
}

func (a *API) mountAdminInvites() {
	register(a, operation{
		id: "admin-list-invites", method: http.MethodGet, path: "/admin/invites", tag: tagAdministration,
		security: administrators(watchword.ScopeAccountsRead), summary: "List invites", description: "Of one account or of all, newest first.",
	}, a.adminListInvites)
	register(a, operation{
		id: "admin-revoke-invite", method: http.MethodDelete, path: "/admin/invites/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeAccountsWrite), summary: "Revoke any invite", errors: []int{http.StatusNotFound, http.StatusConflict},
		description: "Its links answer 410 invite_revoked from then on.",
	}, a.adminRevokeInvite)
}

func (a *API) adminListInvites(ctx context.Context, in *struct {
	PageQuery
	AccountID string `query:"account_id" maxLength:"64"`
	Status    string `query:"status" enum:"pending,accepted,revoked,expired"`
},
) (*adminInvitesOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeAccountsRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.InviteID])
	if err != nil {
		return nil, err
	}
	filter := watchword.InviteFilter{AccountID: watchword.AccountID(in.AccountID), Status: watchword.InviteStatus(in.Status)}
	list, next, err := a.Administration.Invites(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	out := &adminInvitesOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminInvite, len(list)), orNull(next)
	for i, one := range list {
		out.Body.Data[i] = AdminInvite{
			Invite: a.inviteOf(one), AccountID: string(one.Account.ID), InvitedBy: string(one.InvitedBy), Deliver: string(one.Delivery),
			CreatedAt: seconds(one.CreatedAt),
		}
	}
	return out, nil
}

func (a *API) adminRevokeInvite(ctx context.Context, in *struct {
	CSRFHeader
	AnyMatchHeader
	ID string `path:"id" maxLength:"64" example:"inv_…"`
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeAccountsWrite)
	if err != nil {
		return nil, err
	}
	if err := ifAny(ctx); err != nil {
		return nil, err
	}
	return nil, a.Administration.RevokeInvite(ctx, by, watchword.InviteID(in.ID))
}

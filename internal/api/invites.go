package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/session"
)

// Invite asks somebody to join an account.
type Invite struct {
	ID        string    `json:"id" example:"inv_…"`
	Email     string    `json:"email" example:"grace@example.com"`
	Role      string    `json:"role" enum:"owner,admin,member"`
	Status    string    `json:"status" enum:"pending,accepted,revoked,expired"`
	ExpiresAt time.Time `json:"expires_at"`
}

// CreatedInvite is an invite with the link that is shown once.
type CreatedInvite struct {
	Invite
	AcceptURL string `json:"accept_url,omitempty" example:"https://auth.example.com/auth/accept-invite?token=otk_…" doc:"With deliver: link. It is not shown again: hand it over."`
}

type invitesOutput struct {
	Body struct {
		Data       []Invite `json:"data"`
		NextCursor *string  `json:"next_cursor"`
	}
}

type inviteOutput struct {
	Body Invite
}

type createdInviteOutput struct {
	Body CreatedInvite
}

// InvitePath names the invite that an operation is about.
type InvitePath struct {
	AccountPath
	InviteID string `path:"inv_id" maxLength:"64" example:"inv_…"`
}

func (p InvitePath) invite() watchword.InviteID { return watchword.InviteID(p.InviteID) }

// InviteClientHeader says whose redirect URIs count.
type InviteClientHeader struct {
	ClientID string `header:"X-Client-Id" maxLength:"128" doc:"For which client application the invite is; absent: the session's."`
}

type createInviteInput struct {
	InviteClientHeader
	CSRFHeader
	AccountPath
	Body struct {
		Email         string `json:"email" minLength:"1" maxLength:"320" example:"grace@example.com"`
		Role          string `json:"role,omitempty" enum:"owner,admin,member" default:"member" doc:"At most the caller's own."`
		Deliver       string `json:"deliver,omitempty" enum:"mail,link" default:"mail" doc:"mail: the server mails it, and accepting it proves the mailbox. link: the answer holds the link once, to be handed over by other means; it proves no mailbox."`
		Locale        string `json:"locale,omitempty" maxLength:"35" example:"en" doc:"Of the mail, where the address is not known; default: the caller's own."`
		RedirectURI   string `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Where accepting leads to; it must be on the client's list."`
		State         string `json:"state,omitempty" maxLength:"1024" doc:"Given back at the redirect_uri."`
		CodeChallenge string `json:"code_challenge,omitempty" maxLength:"128" doc:"PKCE S256: the redirect carries a code instead of cookies."`
	}
}

func (a *API) mountInvites() {
	register(a, operation{
		id: "list-invites", method: http.MethodGet, path: "/accounts/{id}/invites", tag: "Accounts", security: signedIn(),
		summary: "List the invites of an account", description: "For owners and admins, newest first.",
		errors: []int{http.StatusForbidden, http.StatusNotFound},
	}, a.listInvites)
	register(a, operation{
		id: "create-invite", method: http.MethodPost, path: "/accounts/{id}/invites", tag: "Accounts", security: signedIn(),
		status: http.StatusCreated, summary: "Invite somebody",
		description: "For owners and admins with a verified address, to a role that is not above their own. The answer is the same " +
			"whether or not somebody has the address; only the primary address of a member is refused (409 already_member). Several " +
			"invites may be pending for one address. At most 100 a day for each account; mails count under the limits of mails besides.",
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.createInvite)
	register(a, operation{
		id: "resend-invite", method: http.MethodPost, path: "/accounts/{id}/invites/{inv_id}/resend", tag: "Accounts", security: signedIn(),
		status: http.StatusAccepted, summary: "Mail an invite anew",
		description: "One that was handed over as a link or has expired, too. Older links of it are void, and it gets its whole life again.",
		errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.resendInvite)
	register(a, operation{
		id: "revoke-invite", method: http.MethodDelete, path: "/accounts/{id}/invites/{inv_id}", tag: "Accounts", security: signedIn(),
		status: http.StatusNoContent, summary: "Revoke an invite", errors: []int{http.StatusNotFound, http.StatusConflict},
		description: "Its links answer 410 invite_revoked from then on.",
	}, a.revokeInvite)
}

func (a *API) listInvites(ctx context.Context, in *struct {
	AccountPath
	PageQuery
},
) (*invitesOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.InviteID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Invites.List(ctx, caller, in.account(), page)
	if err != nil {
		return nil, err
	}
	out := &invitesOutput{}
	out.Body.Data, out.Body.NextCursor = make([]Invite, len(list)), orNull(next)
	for i, invite := range list {
		out.Body.Data[i] = a.inviteOf(invite)
	}
	return out, nil
}

func (a *API) createInvite(ctx context.Context, in *createInviteInput) (*createdInviteOutput, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	client, err := a.clientOf(ctx, in.ClientID, who)
	if err != nil {
		return nil, err
	}
	invite, link, err := a.Invites.Create(ctx, callerOf(ctx, who), account.NewInvite{
		Account: in.account(), Email: in.Body.Email, Role: watchword.Role(cmp.Or(in.Body.Role, string(watchword.RoleMember))),
		Delivery: watchword.Delivery(cmp.Or(in.Body.Deliver, string(watchword.DeliverMail))), Locale: in.Body.Locale, Client: client,
		Return: account.Return{RedirectURI: in.Body.RedirectURI, State: in.Body.State, CodeChallenge: in.Body.CodeChallenge},
	})
	if err != nil {
		return nil, err
	}
	return &createdInviteOutput{Body: CreatedInvite{Invite: a.inviteOf(invite), AcceptURL: link.Reveal()}}, nil
}

// clientOf is the client application that is named, else the session's.
func (a *API) clientOf(ctx context.Context, named string, who session.Caller) (watchword.Client, error) {
	if named != "" {
		return a.Clients.Asking(ctx, named)
	}
	client, ok, err := a.Clients.Lookup(ctx, who.ClientID)
	if err == nil && !ok {
		err = session.ErrSessionRevoked // the client was removed: it takes its sessions along
	}
	return client, err
}

func (a *API) resendInvite(ctx context.Context, in *struct {
	CSRFHeader
	InvitePath
},
) (*inviteOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	invite, err := a.Invites.Resend(ctx, caller, in.account(), in.invite())
	if err != nil {
		return nil, err
	}
	return &inviteOutput{Body: a.inviteOf(invite)}, nil
}

func (a *API) revokeInvite(ctx context.Context, in *struct {
	CSRFHeader
	InvitePath
},
) (*struct{}, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Invites.Revoke(ctx, caller, in.account(), in.invite())
}

func (a *API) inviteOf(i watchword.Invite) Invite {
	return Invite{
		ID: string(i.ID), Email: i.Address, Role: string(i.Role), Status: string(i.Status(a.Clock())), ExpiresAt: seconds(i.ExpiresAt),
	}
}

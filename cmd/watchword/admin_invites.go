package main

import (
	"context"
	"time"

	"watchword"
)

type invitesCommand struct {
	List   invitesListCommand   `cmd:"" help:"List invites, newest first."`
	Revoke invitesRevokeCommand `cmd:"" help:"Take an invite back."`
}

type invitesListCommand struct {
	listFlags
	Account watchword.AccountID `placeholder:"ACCOUNT_ID" help:"Only into this one (all)."`
	Status  string              `enum:",pending,accepted,revoked,expired" default:"" placeholder:"STATUS" help:"Only those that are pending, accepted, revoked or expired (all)."`
}

// Help has the examples.
func (*invitesListCommand) Help() string {
	return `Examples:

    watchword admin invites list --status pending
    watchword admin invites list --account acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 --json`
}

// shownInvite is an invite in JSON.
type shownInvite struct {
	ID        watchword.InviteID     `json:"id"`
	AccountID watchword.AccountID    `json:"account_id"`
	Email     string                 `json:"email"`
	Role      watchword.Role         `json:"role"`
	Status    watchword.InviteStatus `json:"status"`
	Deliver   watchword.Delivery     `json:"deliver"`
	InvitedBy *string                `json:"invited_by"`
	CreatedAt *time.Time             `json:"created_at"`
	ExpiresAt *time.Time             `json:"expires_at"`
}

// Run lists.
func (c *invitesListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		filter := watchword.InviteFilter{AccountID: c.Account, Status: watchword.InviteStatus(c.Status)}
		return listing[watchword.Invite]{
			head: []string{"ID", "EMAIL", "ROLE", "STATUS", "ACCOUNT", "NAME", "INVITED", "EXPIRES"},
			row: func(i watchword.Invite) []string {
				return []string{
					string(i.ID), i.Address, string(i.Role), string(i.Status(a.clock())), string(i.Account.ID), i.Account.Name,
					when(i.CreatedAt, ""), when(i.ExpiresAt, ""),
				}
			},
			json: func(i watchword.Invite) any {
				return shownInvite{
					i.ID, i.Account.ID, i.Address, i.Role, i.Status(a.clock()), i.Delivery, orNull(string(i.InvitedBy)),
					moment(i.CreatedAt), moment(i.ExpiresAt),
				}
			},
			page: func(page watchword.Page) ([]watchword.Invite, string, error) {
				return a.administration.Invites(ctx, filter, page)
			},
		}.print(a.tool, c.Limit)
	})
}

type invitesRevokeCommand struct {
	ID watchword.InviteID `arg:"" name:"INVITE_ID" help:"As invites list shows it: inv_…"`
}

// Help has the examples.
func (*invitesRevokeCommand) Help() string {
	return `Its link is good no more, also where it lies in a mailbox.

Example:

    watchword admin invites revoke inv_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run revokes.
func (c *invitesRevokeCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		if err := a.administration.RevokeInvite(ctx, a.by, c.ID); err != nil {
			return err
		}
		return a.say(map[string]any{"id": c.ID, "status": watchword.InviteRevoked}, "Invite %s is revoked.", c.ID)
	})
}

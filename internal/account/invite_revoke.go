package account

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// Revoke takes an invite back. Its links stay what they are: whoever opens one is
// told that the invite was taken back, and a mail that waits is not sent.
func (i Invites) Revoke(ctx context.Context, caller Caller, account watchword.AccountID, id watchword.InviteID) error {
	return inAccount(ctx, i.Store, caller, account, watchword.RoleAdmin, func(c *store.Conn, me watchword.Membership) error {
		if _, err := findInvite(ctx, c, me.Role, account, id); err != nil {
			return err
		}
		return revokeInvite(ctx, c, caller, account, id)
	})
}

// revokeInvite takes an invite of an account whose row is held back.
func revokeInvite(ctx context.Context, c *store.Conn, caller Caller, account watchword.AccountID, id watchword.InviteID) error {
	if err := c.RevokeInvite(ctx, account, id); err != nil {
		return notFoundAs(err, ErrInviteNotPending)
	}
	if err := c.EraseInviteMails(ctx, id); err != nil {
		return err
	}
	return caller.record(ctx, c, watchword.Event{
		Type: watchword.EventInviteRevoked, AccountID: account, Data: map[string]string{"invite_id": string(id)},
	})
}

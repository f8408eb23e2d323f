package account

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// Invites is a page of invites, newest first, and the cursor of the next.
func (a Administration) Invites(ctx context.Context, f watchword.InviteFilter, page watchword.Page) (list []watchword.Invite, next string, err error) {
	return a.Store.Read().Invites(ctx, f, page)
}

// RevokeInvite takes an invite back, whoever has made it.
func (a Administration) RevokeInvite(ctx context.Context, by watchword.Administrator, id watchword.InviteID) error {
	seen, err := a.Store.Read().Invite(ctx, id)
	if err != nil {
		return notFoundAs(err, ErrNoInvite)
	}
	return a.Store.Tx(ctx, func(c *store.Conn) error {
		// The account first, as by all who change its invites.
		if err := c.LockAccount(ctx, seen.Account.ID); err != nil {
			return notFoundAs(err, ErrNoInvite)
		}
		return revokeInvite(ctx, c, byAdministrator(by), seen.Account.ID, id)
	})
}

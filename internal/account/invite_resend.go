package account

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// Resend mails an invite anew, one that was handed over as a link, too, and gives
// it its whole life again. Links that are under way for it are void.
//
// Errors: those of Create, ErrInviteNotFound, ErrInviteNotPending.
func (i Invites) Resend(ctx context.Context, caller Caller, account watchword.AccountID, id watchword.InviteID) (watchword.Invite, error) {
	invite, err := i.resendable(ctx, i.Store.Read(), caller, account, id)
	if err != nil {
		return watchword.Invite{}, err
	}
	if err := i.takeMail(ctx, caller, invite); err != nil {
		return watchword.Invite{}, err
	}
	err = inAccount(ctx, i.Store, caller, account, watchword.RoleAdmin, func(c *store.Conn, _ watchword.Membership) error {
		if invite, err = i.resendable(ctx, c, caller, account, id); err != nil {
			return err
		}
		return i.renew(ctx, c, caller, &invite)
	})
	if err != nil {
		return watchword.Invite{}, err
	}
	i.Jobs.Announce()
	return invite, nil
}

func (i Invites) resendable(ctx context.Context, c *store.Conn, caller Caller, account watchword.AccountID, id watchword.InviteID) (watchword.Invite, error) {
	me, err := membership(ctx, c, caller, account, watchword.RoleAdmin)
	if err != nil {
		return watchword.Invite{}, err
	}
	invite, err := findInvite(ctx, c, me.Role, account, id)
	if err != nil {
		return invite, err
	}
	if _, err := mayInvite(ctx, c, caller, account, invite.Role); err != nil {
		return invite, err
	}
	if !invite.AcceptedAt.IsZero() || !invite.RevokedAt.IsZero() {
		return invite, ErrInviteNotPending
	}
	return invite, nil
}

func (i Invites) renew(ctx context.Context, c *store.Conn, caller Caller, invite *watchword.Invite) error {
	invite.ExpiresAt = c.Now().Add(i.Life)
	if err := c.ExtendInvite(ctx, invite.Account.ID, invite.ID, invite.ExpiresAt); err != nil {
		return notFoundAs(err, ErrInviteNotPending) // accepted meanwhile
	}
	if err := c.VoidInviteTokens(ctx, invite.ID); err != nil {
		return err
	}
	if err := c.EraseInviteMails(ctx, invite.ID); err != nil {
		return err
	}
	if _, err := i.issue(ctx, c, *invite, store.ReachMailed); err != nil {
		return err
	}
	return caller.record(ctx, c, watchword.Event{
		Type: watchword.EventInviteResent, AccountID: invite.Account.ID, Data: map[string]string{"invite_id": string(invite.ID)},
	})
}

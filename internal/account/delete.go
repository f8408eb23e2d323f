package account

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store"
)

// Delete deletes the caller, who needs a fresh sign-in, with all that is theirs
// alone: sessions, addresses, identities, and the accounts that nobody else is
// in. ErrLastOwner: others depend on them.
func (p Profiles) Delete(ctx context.Context, caller Caller) error {
	return p.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockUser(ctx, caller.UserID); err != nil {
			return gone(err)
		}
		if _, err := caller.Fresh(ctx, c); err != nil {
			return err
		}
		if err := leaveAll(ctx, c, caller); err != nil {
			return err
		}
		if err := c.EraseUserMails(ctx, caller.UserID); err != nil {
			return err
		}
		if err := c.DeleteUser(ctx, caller.UserID); err != nil {
			return gone(err)
		}
		return caller.record(ctx, c, watchword.Event{Type: watchword.EventUserDeleted})
	})
}

// accountsAtOnce is how many memberships are read at a time.
const accountsAtOnce = 100

// leaveAll takes the caller out of each account, in the order of the list: two
// who leave the same accounts wait for each other in no circle.
func leaveAll(ctx context.Context, c *store.Conn, caller Caller) error {
	page := watchword.Page{Limit: accountsAtOnce}
	for {
		list, err := c.Memberships(ctx, caller.UserID, page)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := leave(ctx, c, caller, m.Account.ID); err != nil {
				return err
			}
		}
		if len(list) < page.Limit {
			return nil
		}
		page.Before = string(list[len(list)-1].Account.ID)
	}
}

func leave(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID) error {
	err := c.LockAccount(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	m, err := c.Membership(ctx, caller.UserID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	_, err = c.OtherMember(ctx, id, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		return deleteAccount(ctx, c, caller, id)
	}
	if err != nil {
		return err
	}
	return takeOut(ctx, c, caller, id, watchword.Member{ID: m.ID, User: watchword.User{ID: m.UserID}, Role: m.Role})
}

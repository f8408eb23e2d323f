package account

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store"
)

// LastOwner says what becomes of an account with other members whose last owner is
// deleted.
type LastOwner string

// The two: nobody is deleted as long as others depend on them, or another member
// takes the account over.
const (
	LastOwnerStays    LastOwner = "stays"
	LastOwnerReplaced LastOwner = "replaced"
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
		return remove(ctx, c, caller, caller.UserID, LastOwnerStays)
	})
}

// remove deletes a user whose row is held.
func remove(ctx context.Context, c *store.Conn, by Caller, id watchword.UserID, owner LastOwner) error {
	if err := leaveAll(ctx, c, by, id, owner); err != nil {
		return err
	}
	if err := c.EraseUserMails(ctx, id); err != nil {
		return err
	}
	if err := c.DeleteUser(ctx, id); err != nil {
		return err
	}
	return by.record(ctx, c, watchword.Event{Type: watchword.EventUserDeleted, UserID: id})
}

// accountsAtOnce is how many memberships are read at a time.
const accountsAtOnce = 100

// leaveAll takes a user out of each account, in the order of the list: two who
// leave the same accounts wait for each other in no circle.
func leaveAll(ctx context.Context, c *store.Conn, by Caller, id watchword.UserID, owner LastOwner) error {
	return eachMembership(ctx, c, id, func(m watchword.Membership) error { return leave(ctx, c, by, m, owner) })
}

// eachMembership calls act for each account that a user is in, newest first. act
// may take them out of it.
func eachMembership(ctx context.Context, c *store.Conn, id watchword.UserID, act func(watchword.Membership) error) error {
	page := watchword.Page{Limit: accountsAtOnce}
	for {
		list, err := c.Memberships(ctx, id, page)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := act(m); err != nil {
				return err
			}
		}
		if len(list) < page.Limit {
			return nil
		}
		page.Before = string(list[len(list)-1].Account.ID)
	}
}

func leave(ctx context.Context, c *store.Conn, by Caller, seen watchword.Membership, owner LastOwner) error {
	id := seen.Account.ID
	err := c.LockAccount(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	m, err := c.Membership(ctx, seen.UserID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	_, err = c.OtherMember(ctx, id, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		return deleteAccount(ctx, c, by, id)
	}
	if err != nil {
		return err
	}
	if owner == LastOwnerReplaced && m.Role == watchword.RoleOwner {
		if err := handOver(ctx, c, by, id, m.ID); err != nil {
			return err
		}
	}
	return takeOut(ctx, c, by, id, watchword.Member{ID: m.ID, User: watchword.User{ID: m.UserID}, Role: m.Role})
}

// handOver makes another member the owner of an account whose row is held, if the
// one who goes is its last.
func handOver(ctx context.Context, c *store.Conn, by Caller, id watchword.AccountID, from watchword.MembershipID) error {
	_, err := c.OtherOwner(ctx, id, from)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	heir, err := c.Heir(ctx, id, from)
	if err != nil {
		return err
	}
	_, err = changeRole(ctx, c, by, id, heir, watchword.RoleOwner)
	return err
}

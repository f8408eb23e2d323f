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
	err := inEachAccount(ctx, c, id, func(m watchword.Membership) error { return leave(ctx, c, by, m, owner) })
	if err != nil {
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

// inEachAccount calls act for each account that a user is in, newest first and with
// its row held; act may take them out of it. The order keeps two who are in the same
// accounts from waiting for each other in a circle.
func inEachAccount(ctx context.Context, c *store.Conn, id watchword.UserID, act func(watchword.Membership) error) error {
	page := watchword.Page{Limit: accountsAtOnce}
	for {
		list, err := c.Memberships(ctx, id, page)
		if err != nil {
			return err
		}
		for _, seen := range list {
			m, err := holdMembership(ctx, c, seen)
			if errors.Is(err, store.ErrNotFound) {
				continue // deleted, or taken out of it, meanwhile
			}
			if err != nil {
				return err
			}
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

func holdMembership(ctx context.Context, c *store.Conn, seen watchword.Membership) (watchword.Membership, error) {
	if err := c.LockAccount(ctx, seen.Account.ID); err != nil {
		return watchword.Membership{}, err
	}
	return c.Membership(ctx, seen.UserID, seen.Account.ID)
}

// leave takes a member out of an account whose row is held, which goes with its
// last.
func leave(ctx context.Context, c *store.Conn, by Caller, m watchword.Membership, owner LastOwner) error {
	id, going := m.Account.ID, watchword.Member{ID: m.ID, User: watchword.User{ID: m.UserID}, Role: m.Role}
	_, err := c.OtherMember(ctx, id, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		return deleteAccount(ctx, c, by, id)
	}
	if err != nil {
		return err
	}
	if owner == LastOwnerStays {
		return takeOut(ctx, c, by, id, going)
	}
	if m.Role == watchword.RoleOwner {
		if err := handOver(ctx, c, by, id, m.ID); err != nil {
			return err
		}
	}
	return removeMember(ctx, c, by, id, going)
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

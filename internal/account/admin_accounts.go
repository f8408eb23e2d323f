package account

import (
	"context"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/store"
)

// Account is an account.
func (a Administration) Account(ctx context.Context, id watchword.AccountID) (watchword.Account, error) {
	one, err := a.Store.Read().Account(ctx, id)
	return one, notFoundAs(err, ErrNoAccount)
}

// RenameAccount gives an account another name; nil leaves it as it is.
func (a Administration) RenameAccount(ctx context.Context, by watchword.Administrator, id watchword.AccountID, want watchword.Precondition, name *string) (after watchword.Account, err error) {
	clean := ""
	if name != nil {
		if clean, err = cleanAccountName(*name); err != nil {
			return watchword.Account{}, err
		}
	}
	err = a.inAccount(ctx, id, func(c *store.Conn) error {
		if after, err = c.Account(ctx, id); err != nil {
			return err
		}
		if err := want.Holds(after.Revision()); err != nil || name == nil || clean == after.Name {
			return err
		}
		if err := renameAccount(ctx, c, byAdministrator(by), id, clean); err != nil {
			return err
		}
		after, err = c.Account(ctx, id)
		return err
	})
	return after, err
}

// DeleteAccount deletes an account with its memberships and invites. The users
// stay, those who are in no other as well.
func (a Administration) DeleteAccount(ctx context.Context, by watchword.Administrator, id watchword.AccountID, want watchword.Precondition) error {
	return a.inAccount(ctx, id, func(c *store.Conn) error {
		one, err := c.Account(ctx, id)
		if err != nil {
			return err
		}
		if err := want.Holds(one.Revision()); err != nil {
			return err
		}
		return deleteAccount(ctx, c, byAdministrator(by), id)
	})
}

// Members is a page of an account's members, newest first, and the cursor of the
// next.
func (a Administration) Members(ctx context.Context, id watchword.AccountID, page watchword.Page) (list []watchword.Member, next string, err error) {
	if _, err := a.Account(ctx, id); err != nil {
		return nil, "", err
	}
	if list, err = a.Store.Read().Members(ctx, id, page.OneMore()); err != nil {
		return nil, "", err
	}
	list, next = watchword.Cut(list, page, func(m watchword.Member) watchword.MembershipID { return m.ID })
	return list, next, nil
}

// Member is a member of an account.
func (a Administration) Member(ctx context.Context, id watchword.AccountID, member watchword.MembershipID) (watchword.Member, error) {
	if _, err := a.Account(ctx, id); err != nil {
		return watchword.Member{}, err
	}
	one, err := a.Store.Read().Member(ctx, id, member)
	return one, notFoundAs(err, ErrMemberNotFound)
}

// ErrIsMember says that a user is in an account already.
var ErrIsMember = watchword.NewError(watchword.KindConflict, "already_member", "The user is a member of this account already.")

// NewMember is who is to be let into an account, as what.
type NewMember struct {
	UserID watchword.UserID
	Role   watchword.Role
	Call   idempotency.Call
}

// AddMember lets a user into an account without asking them.
func (a Administration) AddMember(ctx context.Context, by watchword.Administrator, id watchword.AccountID, in NewMember) (watchword.Member, error) {
	if _, err := a.Account(ctx, id); err != nil {
		return watchword.Member{}, err
	}
	read := func(made idempotency.Made) (watchword.Member, error) {
		return a.Member(ctx, id, watchword.MembershipID(made.Resource))
	}
	return idempotency.Once(ctx, a.Store, a.Keyring, in.Call, read, func(c *store.Conn) (watchword.Member, idempotency.Made, error) {
		made, err := addMember(ctx, c, byAdministrator(by), id, in)
		return made, idempotency.Made{Resource: string(made.ID)}, err
	})
}

func addMember(ctx context.Context, c *store.Conn, by Caller, id watchword.AccountID, in NewMember) (watchword.Member, error) {
	// The user first and the account after, as everywhere.
	if err := c.LockUser(ctx, in.UserID); err != nil {
		return watchword.Member{}, notFound(err)
	}
	if err := c.LockAccount(ctx, id); err != nil {
		return watchword.Member{}, notFoundAs(err, ErrNoAccount)
	}
	if _, err := c.Membership(ctx, in.UserID, id); err == nil {
		return watchword.Member{}, ErrIsMember
	} else if watchword.KindOf(err) != watchword.KindNotFound {
		return watchword.Member{}, err
	}
	if err := c.InsertMembership(ctx, id, in.UserID, in.Role); err != nil {
		return watchword.Member{}, err
	}
	m, err := c.Membership(ctx, in.UserID, id)
	if err != nil {
		return watchword.Member{}, err
	}
	made, err := c.Member(ctx, id, m.ID)
	if err != nil {
		return made, err
	}
	return made, by.record(ctx, c, watchword.Event{
		Type: watchword.EventMemberJoined, UserID: in.UserID, AccountID: id,
		Data: map[string]string{"member_id": string(made.ID), "role": string(in.Role)},
	})
}

// SetMemberRole gives a member another role. ErrLastOwner: an account has an owner,
// always.
func (a Administration) SetMemberRole(ctx context.Context, by watchword.Administrator, id watchword.AccountID, member watchword.MembershipID, want watchword.Precondition, role watchword.Role) (after watchword.Member, err error) {
	err = a.withMember(ctx, id, member, want, func(c *store.Conn, target watchword.Member) error {
		after, err = changeRole(ctx, c, byAdministrator(by), id, target, role)
		return err
	})
	return after, err
}

// RemoveMember takes a member out of an account. ErrLastOwner as SetMemberRole.
func (a Administration) RemoveMember(ctx context.Context, by watchword.Administrator, id watchword.AccountID, member watchword.MembershipID, want watchword.Precondition) error {
	return a.withMember(ctx, id, member, want, func(c *store.Conn, target watchword.Member) error {
		return takeOut(ctx, c, byAdministrator(by), id, target)
	})
}

// inAccount runs act with an account's row held.
func (a Administration) inAccount(ctx context.Context, id watchword.AccountID, act func(*store.Conn) error) error {
	return a.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockAccount(ctx, id); err != nil {
			return notFoundAs(err, ErrNoAccount)
		}
		return act(c)
	})
}

// withMember runs act on a member of an account whose row is held, who is in a
// wanted state.
func (a Administration) withMember(ctx context.Context, id watchword.AccountID, member watchword.MembershipID, want watchword.Precondition, act func(*store.Conn, watchword.Member) error) error {
	return a.inAccount(ctx, id, func(c *store.Conn) error {
		target, err := c.Member(ctx, id, member)
		if err != nil {
			return notFoundAs(err, ErrMemberNotFound)
		}
		if err := want.Holds(target.Revision()); err != nil {
			return err
		}
		return act(c, target)
	})
}

package account

import (
	"context"
	"io"
	"time"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/store"
)

// Accounts are what users belong to, and who belongs to them. What a caller may
// do there is read from live rows, never from what their token says.
type Accounts struct {
	Store   *store.Store
	Limiter *limit.Limiter
	Random  io.Reader
}

// What can be refused in an account.
var (
	// To strangers an account that they are not in is none at all.
	ErrAccountNotFound = watchword.NewError(watchword.KindNotFound, "account_not_found",
		"You have no such account.")
	ErrMemberNotFound = watchword.NewError(watchword.KindNotFound, "member_not_found",
		"This account has no such member.")
	ErrInsufficientRole = watchword.NewError(watchword.KindForbidden, "insufficient_role",
		"Your role in this account does not allow that.")
	ErrLastOwner = watchword.NewError(watchword.KindConflict, "last_owner",
		"An account needs an owner, and this is its last. Make another member an owner first.")
)

// createLimit bounds the accounts that one user makes.
var createLimit = limit.Rule{Name: "account_create", Count: 20, Per: 24 * time.Hour}

// List is a page of the caller's memberships, newest account first, and the
// cursor of the next.
func (a Accounts) List(ctx context.Context, caller Caller, page watchword.Page) (list []watchword.Membership, next string, err error) {
	list, err = a.Store.Read().Memberships(ctx, caller.UserID, page.OneMore())
	if err != nil {
		return nil, "", err
	}
	list, next = watchword.Cut(list, page, func(m watchword.Membership) watchword.AccountID { return m.Account.ID })
	return list, next, nil
}

// Get is the caller's membership in an account.
func (a Accounts) Get(ctx context.Context, caller Caller, id watchword.AccountID) (watchword.Membership, error) {
	return membership(ctx, a.Store.Read(), caller, id, watchword.RoleMember)
}

// Members is a page of an account's members, newest first, and the cursor of the
// next.
func (a Accounts) Members(ctx context.Context, caller Caller, id watchword.AccountID, page watchword.Page) (list []watchword.Member, next string, err error) {
	if _, err := membership(ctx, a.Store.Read(), caller, id, watchword.RoleMember); err != nil {
		return nil, "", err
	}
	list, err = a.Store.Read().Members(ctx, id, page.OneMore())
	if err != nil {
		return nil, "", err
	}
	list, next = watchword.Cut(list, page, func(m watchword.Member) watchword.MembershipID { return m.ID })
	return list, next, nil
}

// Create makes an account that the caller owns.
func (a Accounts) Create(ctx context.Context, caller Caller, name string) (watchword.Membership, error) {
	name, err := cleanAccountName(name)
	if err != nil {
		return watchword.Membership{}, err
	}
	if err := a.Limiter.Take(ctx, createLimit, string(caller.UserID), caller.Origin); err != nil {
		return watchword.Membership{}, err
	}
	var made watchword.Membership
	err = a.Store.Tx(ctx, func(c *store.Conn) error {
		// Held, or a user who is being deleted would leave an account of nobody's.
		if err := c.LockUser(ctx, caller.UserID); err != nil {
			return gone(err)
		}
		row := watchword.Account{ID: c.NewAccountID(), Name: name, CreatedAt: c.Now()}
		if row.Slug, err = insertAccount(ctx, c, a.Random, row); err != nil {
			return err
		}
		if err := c.InsertMembership(ctx, row.ID, caller.UserID, watchword.RoleOwner); err != nil {
			return err
		}
		if made, err = c.Membership(ctx, caller.UserID, row.ID); err != nil {
			return err
		}
		return caller.record(ctx, c, watchword.Event{Type: watchword.EventAccountCreated, AccountID: row.ID})
	})
	return made, err
}

// Rename gives an account another name; nil leaves it as it is.
func (a Accounts) Rename(ctx context.Context, caller Caller, id watchword.AccountID, name *string) (watchword.Membership, error) {
	var clean string
	if name != nil {
		var err error
		if clean, err = cleanAccountName(*name); err != nil {
			return watchword.Membership{}, err
		}
	}
	var after watchword.Membership
	err := inAccount(ctx, a.Store, caller, id, watchword.RoleAdmin, func(c *store.Conn, me watchword.Membership) error {
		after = me
		if name == nil || clean == me.Account.Name {
			return nil
		}
		after.Account.Name = clean
		return renameAccount(ctx, c, caller, id, clean)
	})
	return after, err
}

// Delete deletes an account with its memberships and invites. Sessions that stand
// in it find their claims stale.
func (a Accounts) Delete(ctx context.Context, caller Caller, id watchword.AccountID) error {
	return inAccount(ctx, a.Store, caller, id, watchword.RoleOwner, func(c *store.Conn, _ watchword.Membership) error {
		return deleteAccount(ctx, c, caller, id)
	})
}

func renameAccount(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, name string) error {
	if err := c.RenameAccount(ctx, id, name); err != nil {
		return err
	}
	return caller.record(ctx, c, watchword.Event{Type: watchword.EventAccountUpdated, AccountID: id})
}

func deleteAccount(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID) error {
	if err := c.EraseAccountMails(ctx, id); err != nil {
		return err
	}
	if err := c.DeleteAccount(ctx, id); err != nil {
		return err
	}
	return caller.record(ctx, c, watchword.Event{Type: watchword.EventAccountDeleted, AccountID: id})
}

// inAccount runs act in a transaction in which nobody else changes who is in the
// account and what they may do there, for a caller whose role is at least this.
func inAccount(ctx context.Context, s *store.Store, caller Caller, id watchword.AccountID, least watchword.Role,
	act func(*store.Conn, watchword.Membership) error,
) error {
	return s.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockAccount(ctx, id); err != nil {
			return notFoundAs(err, ErrAccountNotFound)
		}
		me, err := membership(ctx, c, caller, id, least)
		if err != nil {
			return err
		}
		return act(c, me)
	})
}

// membership is the caller's in an account, where it is at least of this role.
func membership(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, least watchword.Role) (watchword.Membership, error) {
	m, err := c.Membership(ctx, caller.UserID, id)
	if err != nil {
		return m, notFoundAs(err, ErrAccountNotFound)
	}
	if !m.Role.AtLeast(least) {
		return m, ErrInsufficientRole
	}
	return m, nil
}

// cleanAccountName is CleanName for a name that must be there.
func cleanAccountName(text string) (string, error) {
	name, err := CleanName("name", text)
	if err == nil && name == "" {
		err = watchword.InvalidField("name", "too_short", "This must not be empty.")
	}
	return name, err
}

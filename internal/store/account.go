package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// NewAccountID is for an account whose id is needed before it is inserted.
func (c *Conn) NewAccountID() watchword.AccountID {
	return watchword.NewID[watchword.AccountID](c.now, c.random)
}

// InsertAccount makes an account. ErrDuplicate: the slug is taken; the
// transaction can go on.
func (c *Conn) InsertAccount(ctx context.Context, a watchword.Account) error {
	n, err := c.q.InsertAccount(c.bound(ctx), sqlgen.InsertAccountParams{
		ID: string(a.ID), Name: a.Name, NameKey: NameKey(a.Name), Slug: a.Slug, Now: micros(c.now),
	})
	return inserted("insert account", n, err)
}

// LockAccount holds the account's row until the transaction ends. Whoever lets
// somebody into an account, out of it, or changes a role holds it first.
func (c *Conn) LockAccount(ctx context.Context, id watchword.AccountID) error {
	_, err := c.q.LockAccount(c.bound(ctx), string(id))
	return translate("lock account", err)
}

// Account reads an account.
func (c *Conn) Account(ctx context.Context, id watchword.AccountID) (watchword.Account, error) {
	row, err := c.q.GetAccount(c.bound(ctx), string(id))
	if err != nil {
		return watchword.Account{}, translate("read account", err)
	}
	return account(row), nil
}

// Accounts lists all accounts, newest first.
func (c *Conn) Accounts(ctx context.Context, page watchword.Page) ([]watchword.Account, error) {
	rows, err := c.lists.ListAccounts(c.bound(ctx), before(page), limit(page))
	if err != nil {
		return nil, translate("list accounts", err)
	}
	list := make([]watchword.Account, len(rows))
	for i, row := range rows {
		list[i] = account(row)
	}
	return list, nil
}

func account(row sqlgen.Account) watchword.Account {
	return watchword.Account{
		ID: watchword.AccountID(row.ID), Name: row.Name, Slug: row.Slug, CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt),
	}
}

// RenameAccount gives an account another name; its slug stays.
func (c *Conn) RenameAccount(ctx context.Context, id watchword.AccountID, name string) error {
	n, err := c.q.RenameAccount(c.bound(ctx), sqlgen.RenameAccountParams{
		Name: name, NameKey: NameKey(name), Now: micros(c.now), ID: string(id),
	})
	return affected("rename account", n, err)
}

// DeleteAccount deletes an account with its memberships and invites. The mails
// that wait for its invites must have been erased before.
func (c *Conn) DeleteAccount(ctx context.Context, id watchword.AccountID) error {
	n, err := c.q.DeleteAccount(c.bound(ctx), string(id))
	return affected("delete account", n, err)
}

// InsertMembership lets a user into an account. ErrDuplicate: they are in.
func (c *Conn) InsertMembership(ctx context.Context, account watchword.AccountID, user watchword.UserID, role watchword.Role) error {
	err := c.q.InsertMembership(c.bound(ctx), sqlgen.InsertMembershipParams{
		ID:        string(watchword.NewID[watchword.MembershipID](c.now, c.random)),
		AccountID: string(account), UserID: string(user), Role: string(role), Now: micros(c.now),
	})
	return translate("insert membership", err)
}

// Membership is the user's membership in the account.
func (c *Conn) Membership(ctx context.Context, user watchword.UserID, account watchword.AccountID) (watchword.Membership, error) {
	row, err := c.q.GetMembership(c.bound(ctx), string(user), string(account))
	if err != nil {
		return watchword.Membership{}, translate("read membership", err)
	}
	return membership(user, sqlgen.GetDefaultMembershipRow(row)), nil
}

// DefaultMembership is the one of the account last used while it lasts, else the
// oldest; ErrNotFound where there is none.
func (c *Conn) DefaultMembership(ctx context.Context, user watchword.UserID, last watchword.AccountID) (watchword.Membership, error) {
	row, err := c.q.GetDefaultMembership(c.bound(ctx), string(user), string(last))
	if err != nil {
		return watchword.Membership{}, translate("read default membership", err)
	}
	return membership(user, row), nil
}

// Memberships lists a user's memberships by account, newest first.
func (c *Conn) Memberships(ctx context.Context, user watchword.UserID, page watchword.Page) ([]watchword.Membership, error) {
	rows, err := c.q.ListMemberships(c.bound(ctx), string(user), before(page), limit(page))
	if err != nil {
		return nil, translate("list memberships", err)
	}
	list := make([]watchword.Membership, len(rows))
	for i, row := range rows {
		list[i] = membership(user, sqlgen.GetDefaultMembershipRow(row))
	}
	return list, nil
}

func membership(user watchword.UserID, row sqlgen.GetDefaultMembershipRow) watchword.Membership {
	return watchword.Membership{
		ID: watchword.MembershipID(row.ID), UserID: user, Role: watchword.Role(row.Role), JoinedAt: at(row.JoinedAt),
		Account: watchword.Account{
			ID: watchword.AccountID(row.AccountID), Name: row.Name, Slug: row.Slug, CreatedAt: at(row.CreatedAt),
		},
	}
}

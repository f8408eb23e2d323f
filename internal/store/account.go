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
		ID: string(a.ID), Name: a.Name, Slug: a.Slug, Now: micros(c.now),
	})
	return inserted("insert account", n, err)
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

func membership(user watchword.UserID, row sqlgen.GetDefaultMembershipRow) watchword.Membership {
	return watchword.Membership{
		ID: watchword.MembershipID(row.ID), UserID: user, Role: watchword.Role(row.Role), JoinedAt: at(row.JoinedAt),
		Account: watchword.Account{
			ID: watchword.AccountID(row.AccountID), Name: row.Name, Slug: row.Slug, CreatedAt: at(row.CreatedAt),
		},
	}
}

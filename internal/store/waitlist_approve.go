package store

import (
	"cmp"
	"context"
	"slices"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Approved is an entry that has just been approved, and whether its user may come
// in and has proven the address that they would be told at.
type Approved struct {
	ID        watchword.WaitlistEntryID
	UserID    watchword.UserID
	AccountID watchword.AccountID
	Reachable bool
}

// EveryEntry stands behind all entries.
const EveryEntry = watchword.WaitlistEntryID(idCeiling)

// ApproveFirst approves the first n who wait for a feature, up to one of them. Of
// all approvals each entry is in one: whoever does not wait any more is passed by.
func (c *Conn) ApproveFirst(ctx context.Context, feature watchword.FeatureName, through watchword.WaitlistEntryID, n int64) ([]Approved, error) {
	rows, err := c.q.ApproveFirst(c.bound(ctx), sqlgen.ApproveFirstParams{
		Now: nullMicros(c.now), Feature: string(feature), Through: string(through), N: n,
	})
	return approved(rows, err)
}

// ApproveAccount approves the first n who wait for a feature in an account, up to
// one of them.
func (c *Conn) ApproveAccount(ctx context.Context, feature watchword.FeatureName, account watchword.AccountID, through watchword.WaitlistEntryID, n int64) ([]Approved, error) {
	rows, err := c.q.ApproveAccount(c.bound(ctx), sqlgen.ApproveAccountParams{
		Now: nullMicros(c.now), AccountID: string(account), Feature: string(feature), Through: string(through), N: n,
	})
	return approved(rows, err)
}

// ApproveUser approves a user in all accounts in which they wait for a feature.
func (c *Conn) ApproveUser(ctx context.Context, feature watchword.FeatureName, user watchword.UserID) ([]Approved, error) {
	rows, err := c.q.ApproveUser(c.bound(ctx), nullMicros(c.now), string(user), string(feature))
	return approved(rows, err)
}

// ApproveAddress is ApproveUser for whoever has the address.
func (c *Conn) ApproveAddress(ctx context.Context, feature watchword.FeatureName, address string) ([]Approved, error) {
	rows, err := c.q.ApproveAddress(c.bound(ctx), nullMicros(c.now), address, string(feature))
	return approved(rows, err)
}

// approved are the rows in the order of the queue; engines return them in any.
func approved[Row ~struct {
	ID        string
	UserID    string
	AccountID string
	Reachable bool
}](rows []Row, err error,
) ([]Approved, error) {
	if err != nil {
		return nil, translate("approve entries", err)
	}
	list := make([]Approved, len(rows))
	for i, row := range rows {
		r := sqlgen.ApproveFirstRow(row)
		list[i] = Approved{
			ID: watchword.WaitlistEntryID(r.ID), UserID: watchword.UserID(r.UserID), AccountID: watchword.AccountID(r.AccountID), Reachable: r.Reachable,
		}
	}
	slices.SortFunc(list, func(a, b Approved) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

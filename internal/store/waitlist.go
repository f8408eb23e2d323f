package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Standing is what a member of an account has to do with a feature.
type Standing struct {
	Feature watchword.Feature       // name and whether it is closed; without a name where there is none
	Entry   watchword.WaitlistEntry // without an id where they have not joined
}

// Standing reads what a user has to do with a feature in an account. ErrNotFound:
// they are not in the account.
func (c *Conn) Standing(ctx context.Context, user watchword.UserID, account watchword.AccountID, feature watchword.FeatureName) (Standing, error) {
	row, err := c.q.GetStanding(c.bound(ctx), string(feature), string(user), string(account))
	if err != nil {
		return Standing{}, translate("read standing", err)
	}
	s := Standing{Feature: watchword.Feature{Name: watchword.FeatureName(row.Feature), ClosedAt: at(row.ClosedAt)}}
	if row.EntryID != "" {
		s.Entry = watchword.WaitlistEntry{
			ID: watchword.WaitlistEntryID(row.EntryID), Feature: feature, AccountID: account, User: watchword.User{ID: user},
			Status: watchword.WaitlistStatus(row.Status), JoinedAt: at(row.JoinedAt),
		}
	}
	return s, nil
}

// LockPlaces holds a user's membership of an account until the transaction ends, and
// counts their places in it. ErrNotFound: they are not in the account.
func (c *Conn) LockPlaces(ctx context.Context, user watchword.UserID, account watchword.AccountID) (int64, error) {
	if _, err := c.q.LockMembership(c.bound(ctx), string(user), string(account)); err != nil {
		return 0, translate("lock membership", err)
	}
	n, err := c.q.CountOwnEntries(c.bound(ctx), string(user), string(account))
	return n, translate("count own entries", err)
}

// InsertWaitlistEntry lets a user wait in an account. ErrDuplicate: nothing was
// written, for they wait already, are not in the account, or the feature is closed
// or gone. ErrNotFound: feature or membership went at that moment.
func (c *Conn) InsertWaitlistEntry(ctx context.Context, user watchword.UserID, account watchword.AccountID, feature watchword.FeatureName) (watchword.WaitlistEntry, error) {
	e := watchword.WaitlistEntry{
		ID: watchword.NewID[watchword.WaitlistEntryID](c.now, c.random), Feature: feature, AccountID: account,
		User: watchword.User{ID: user}, Status: watchword.WaitlistWaiting, JoinedAt: c.now,
	}
	n, err := c.q.InsertWaitlistEntry(c.bound(ctx), sqlgen.InsertWaitlistEntryParams{
		ID: string(e.ID), Now: micros(c.now), Feature: string(feature), UserID: string(user), AccountID: string(account),
	})
	return e, inserted("insert waitlist entry", n, err)
}

// DeleteWaitlistEntry takes a user off a waitlist in an account. ErrNotFound: they
// were not on it.
func (c *Conn) DeleteWaitlistEntry(ctx context.Context, user watchword.UserID, account watchword.AccountID, feature watchword.FeatureName) error {
	n, err := c.q.DeleteWaitlistEntry(c.bound(ctx), string(user), string(account), string(feature))
	return affected("delete waitlist entry", n, err)
}

// OwnEntries lists a user's places in an account, newest first.
func (c *Conn) OwnEntries(ctx context.Context, user watchword.UserID, account watchword.AccountID, page watchword.Page) ([]watchword.WaitlistEntry, error) {
	rows, err := c.lists.ListOwnEntries(c.bound(ctx), sqlgen.ListOwnEntriesParams{
		UserID: string(user), AccountID: string(account), Before: before(page), N: limit(page),
	})
	if err != nil {
		return nil, translate("list own entries", err)
	}
	list := make([]watchword.WaitlistEntry, len(rows))
	for i, row := range rows {
		list[i] = watchword.WaitlistEntry{
			ID: watchword.WaitlistEntryID(row.ID), Feature: watchword.FeatureName(row.Feature), AccountID: account,
			User: watchword.User{ID: user}, Status: watchword.WaitlistStatus(row.Status), JoinedAt: at(row.JoinedAt),
		}
	}
	return list, nil
}

// Entries is a page of who is on a waitlist, in the order of the queue, and the
// cursor of the next; page.Before is the last entry of the page before.
func (c *Conn) Entries(ctx context.Context, feature watchword.FeatureName, f watchword.WaitlistFilter, page watchword.Page) (list []watchword.WaitlistEntry, next string, err error) {
	ctx = c.bound(ctx)
	n, stopped := limit(page.OneMore()), ""
	switch {
	case f.AccountID != "" && f.Status != "":
		var rows []sqlgen.SiftEntriesOfAccountRow
		rows, stopped, err = c.siftedEntries(ctx, feature, f).rows(page.Before, n)
		list = entries(rows)
	case f.AccountID != "":
		var rows []sqlgen.ListEntriesOfAccountRow
		rows, err = c.lists.ListEntriesOfAccount(ctx, sqlgen.ListEntriesOfAccountParams{
			AccountID: string(f.AccountID), Feature: string(feature), After: page.Before, N: n,
		})
		list = entries(rows)
	case f.Status != "":
		var rows []sqlgen.ListEntriesOfStatusRow
		rows, err = c.lists.ListEntriesOfStatus(ctx, sqlgen.ListEntriesOfStatusParams{
			Feature: string(feature), Status: string(f.Status), After: page.Before, N: n,
		})
		list = entries(rows)
	default:
		var rows []sqlgen.ListEntriesRow
		rows, err = c.lists.ListEntries(ctx, string(feature), page.Before, n)
		list = entries(rows)
	}
	if err != nil {
		return nil, "", translate("list entries", err)
	}
	if list, next = watchword.Cut(list, page, func(e watchword.WaitlistEntry) watchword.WaitlistEntryID { return e.ID }); next == "" {
		next = stopped
	}
	return list, next, nil
}

func (c *Conn) siftedEntries(ctx context.Context, feature watchword.FeatureName, f watchword.WaitlistFilter) sift[sqlgen.SiftEntriesOfAccountRow, string] {
	return sift[sqlgen.SiftEntriesOfAccountRow, string]{
		end: idCeiling,
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipEntriesOfAccount(ctx, sqlgen.SkipEntriesOfAccountParams{
				AccountID: string(f.AccountID), Feature: string(feature), After: from, N: entries,
			})
		},
		read: func(from, to string, n int64) ([]sqlgen.SiftEntriesOfAccountRow, error) {
			return c.lists.SiftEntriesOfAccount(ctx, sqlgen.SiftEntriesOfAccountParams{
				AccountID: string(f.AccountID), Feature: string(feature), After: from, Until: to, Status: string(f.Status), N: n,
			})
		},
	}
}

func entries[R sqlgen.ListEntriesRow | sqlgen.ListEntriesOfAccountRow | sqlgen.ListEntriesOfStatusRow | sqlgen.SiftEntriesOfAccountRow](rows []R) []watchword.WaitlistEntry {
	list := make([]watchword.WaitlistEntry, len(rows))
	for i, row := range rows {
		list[i] = entry(sqlgen.ListEntriesRow(row))
	}
	return list
}

func entry(row sqlgen.ListEntriesRow) watchword.WaitlistEntry {
	return watchword.WaitlistEntry{
		ID: watchword.WaitlistEntryID(row.ID), Feature: watchword.FeatureName(row.Feature), AccountID: watchword.AccountID(row.AccountID),
		User:   watchword.User{ID: watchword.UserID(row.UserID), Name: row.UserName, Email: row.Address},
		Status: watchword.WaitlistStatus(row.Status), JoinedAt: at(row.JoinedAt), ApprovedAt: atNull(row.ApprovedAt),
	}
}

// CountWaiting is how many wait for a feature.
func (c *Conn) CountWaiting(ctx context.Context, feature watchword.FeatureName) (int64, error) {
	n, err := c.q.CountWaiting(c.bound(ctx), string(feature))
	return n, translate("count waiting", err)
}

// WaitingOfAccount is how many wait for a feature in an account, up to one of them,
// and who is the last; empty where nobody does.
func (c *Conn) WaitingOfAccount(ctx context.Context, feature watchword.FeatureName, account watchword.AccountID, through watchword.WaitlistEntryID) (n int64, last watchword.WaitlistEntryID, err error) {
	row, err := c.q.CountWaitingOfAccount(c.bound(ctx), string(account), string(feature), string(through))
	return row.Waiting, watchword.WaitlistEntryID(row.Last), translate("count waiting of account", err)
}

// FirstWaiting is how many the first so many are who wait for a feature, up to one
// of them, and who is the last; empty where nobody does.
func (c *Conn) FirstWaiting(ctx context.Context, feature watchword.FeatureName, through watchword.WaitlistEntryID, most int64) (n int64, last watchword.WaitlistEntryID, err error) {
	row, err := c.q.FindFirstWaiting(c.bound(ctx), string(feature), string(through), most)
	return row.Waiting, watchword.WaitlistEntryID(row.Last), translate("find the first who wait", err)
}

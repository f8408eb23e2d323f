package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store/internal/sqlgen"
)

// UserIDs is a page of users, newest first, and the cursor of the next; an empty
// status is any.
func (c *Conn) UserIDs(ctx context.Context, status watchword.UserStatus, page watchword.Page) (list []watchword.UserID, next string, err error) {
	ctx = c.bound(ctx)
	var rows []string
	switch n := limit(page.OneMore()); status {
	case "":
		rows, err = c.lists.ListUserIDs(ctx, before(page), n)
	case watchword.UserDisabled:
		rows, err = c.lists.ListDisabledUserIDs(ctx, before(page), n)
	case watchword.UserActive:
		list, next, err = siftPage(c.siftedUsers(ctx, status), page, func(id watchword.UserID) watchword.UserID { return id })
		return list, next, translate("list users", err)
	}
	if err != nil {
		return nil, "", translate("list users", err)
	}
	list, next = watchword.Cut(userIDs(rows), page, func(id watchword.UserID) watchword.UserID { return id })
	return list, next, nil
}

// siftedUsers are those of a status that most have, and after an import of people
// who are to be let in later few.
func (c *Conn) siftedUsers(ctx context.Context, status watchword.UserStatus) sift[watchword.UserID, string] {
	return sift[watchword.UserID, string]{
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipUserIDs(ctx, from, entries)
		},
		read: func(from, to string, n int64) ([]watchword.UserID, error) {
			rows, err := c.lists.SiftUserIDs(ctx, sqlgen.SiftUserIDsParams{Before: from, Since: to, Status: string(status), N: n})
			return userIDs(rows), err
		},
	}
}

// UsersToDelete lists users whose time to go has come, the longest overdue first.
func (c *Conn) UsersToDelete(ctx context.Context, n int) ([]watchword.UserID, error) {
	rows, err := c.q.ListUsersToDelete(c.bound(ctx), nullMicros(c.now), int64(n))
	return userIDs(rows), translate("list users to delete", err)
}

func userIDs(rows []string) []watchword.UserID {
	list := make([]watchword.UserID, len(rows))
	for i, id := range rows {
		list[i] = watchword.UserID(id)
	}
	return list
}

// UserRecord reads all that administrators see of a user.
func (c *Conn) UserRecord(ctx context.Context, id watchword.UserID) (watchword.UserRecord, error) {
	list, err := c.UserRecords(ctx, []watchword.UserID{id})
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return watchword.UserRecord{}, err
	}
	return list[0], nil
}

// UserRecords reads all that administrators see of users, in the order of their
// ids here. Who is gone is left out. The rows with the revisions are read first: a
// change in between makes a revision too old, which is found out, never too new.
func (c *Conn) UserRecords(ctx context.Context, ids []watchword.UserID) ([]watchword.UserRecord, error) {
	ctx, all := c.bound(ctx), listOf(ids)
	users, err := c.q.ListUsersByID(ctx, all)
	if err != nil {
		return nil, translate("read users", err)
	}
	records := make(map[watchword.UserID]*watchword.UserRecord, len(users))
	for _, row := range users {
		records[watchword.UserID(row.ID)] = &watchword.UserRecord{User: userOf(row)}
	}
	for _, step := range []func() error{
		func() error { return c.addEmails(ctx, all, records) },
		func() error { return c.addMemberships(ctx, all, records) },
		func() error { return c.addIdentities(ctx, all, records) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	list := make([]watchword.UserRecord, 0, len(ids))
	for _, id := range ids {
		if record := records[id]; record != nil {
			list = append(list, *record)
		}
	}
	return list, nil
}

func (c *Conn) addEmails(ctx context.Context, ids string, records map[watchword.UserID]*watchword.UserRecord) error {
	rows, err := c.q.ListEmailsByUser(ctx, ids)
	if err != nil {
		return translate("read the addresses of users", err)
	}
	slices.SortFunc(rows, func(a, b sqlgen.Email) int { return strings.Compare(a.ID, b.ID) })
	for _, row := range rows {
		e := email(row)
		if record := records[e.UserID]; record != nil {
			record.Emails = append(record.Emails, e)
			if e.Primary {
				record.Email, record.EmailVerified = e.Address, e.Verified()
			}
		}
	}
	return nil
}

func (c *Conn) addMemberships(ctx context.Context, ids string, records map[watchword.UserID]*watchword.UserRecord) error {
	rows, err := c.q.ListMembershipsByUser(ctx, ids)
	if err != nil {
		return translate("read the memberships of users", err)
	}
	slices.SortFunc(rows, func(a, b sqlgen.ListMembershipsByUserRow) int { return strings.Compare(a.AccountID, b.AccountID) })
	for _, row := range rows {
		id := watchword.UserID(row.UserID)
		if record := records[id]; record != nil {
			record.Memberships = append(record.Memberships, membership(id, sqlgen.GetDefaultMembershipRow{
				ID: row.ID, Role: row.Role, JoinedAt: row.JoinedAt, AccountID: row.AccountID, Name: row.Name, Slug: row.Slug, CreatedAt: row.CreatedAt,
			}))
		}
	}
	return nil
}

func (c *Conn) addIdentities(ctx context.Context, ids string, records map[watchword.UserID]*watchword.UserRecord) error {
	rows, err := c.q.ListIdentitiesByUser(ctx, ids)
	if err != nil {
		return translate("read the identities of users", err)
	}
	slices.SortFunc(rows, func(a, b sqlgen.Identity) int { return strings.Compare(a.ID, b.ID) })
	for _, row := range rows {
		if record := records[watchword.UserID(row.UserID)]; record != nil {
			record.Identities = append(record.Identities, identity(row))
		}
	}
	return nil
}

func userOf(row sqlgen.ListUsersByIDRow) watchword.User {
	return watchword.User{
		ID: watchword.UserID(row.ID), Status: watchword.UserStatus(row.Status), Name: row.Name, Picture: row.Picture, Locale: row.Locale,
		Metadata: row.Metadata, AdminMetadata: row.AdminMetadata, Administrator: row.Administrator, HasPassword: row.HasPassword != 0,
		CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt), LastSignInAt: atNull(row.LastSignInAt), DeleteAt: atNull(row.DeleteAt),
	}
}

// SaveUser writes what administrators change of users, whatever their status: what
// SaveProfile writes, and the metadata of the administrators.
func (c *Conn) SaveUser(ctx context.Context, u watchword.User) error {
	n, err := c.q.UpdateUser(c.bound(ctx), sqlgen.UpdateUserParams{
		Name: u.Name, NameKey: NameKey(u.Name), Picture: u.Picture, Locale: u.Locale, Metadata: u.Metadata, AdminMetadata: u.AdminMetadata,
		Now: micros(c.now), ID: string(u.ID),
	})
	return affected("save user", n, err)
}

// ReplacePassword gives a user a new password, whatever the old one was and
// whatever their status; every sign-in under way fails.
func (c *Conn) ReplacePassword(ctx context.Context, id watchword.UserID, hash secret.Hash) error {
	n, err := c.q.ReplacePassword(c.bound(ctx), hash.Reveal(), micros(c.now), string(id))
	return affected("replace password", n, err)
}

// ScheduleDeletion disables a user, who is to go for good at that time.
func (c *Conn) ScheduleDeletion(ctx context.Context, id watchword.UserID, when time.Time) error {
	n, err := c.q.ScheduleDeletion(c.bound(ctx), nullMicros(when), micros(c.now), string(id))
	return affected("schedule deletion", n, err)
}

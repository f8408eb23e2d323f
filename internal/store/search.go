package store

import (
	"context"
	"database/sql"
	"strings"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Search asks for what begins with a text, in the order of what it was found by.
type Search struct {
	Text  string // as keys are written: see NameKey
	After Hit    // the last one of the page before; zero: from the start
	Limit int
}

// Hit is something that a search has found.
type Hit struct {
	Key string // that it was found by
	ID  string // of the row with that key
}

// after is the place to go on behind. Without one it is before all that begins
// with the text: no id is empty.
func (s Search) after() Hit {
	if s.After.Key == "" {
		return Hit{Key: s.Text}
	}
	return s.After
}

// end is a place behind all that begins with the text.
func (s Search) end() Hit { return Hit{Key: endOf(s.Text)} }

// FoundUser is a user whom a search has found.
type FoundUser struct {
	Hit
	UserID watchword.UserID
}

// UsersByAddress finds users by the beginning of an address that is theirs alone.
// Like the other ways to search it answers at the most so many as were asked for;
// where fewer, stopped says how far it has looked, unless that was the end.
func (c *Conn) UsersByAddress(ctx context.Context, s Search, status watchword.UserStatus) (list []FoundUser, stopped Hit, err error) {
	ctx = c.bound(ctx)
	all := sift[sqlgen.SearchUsersByAddressRow, Hit]{
		end: s.end(),
		skip: func(from Hit, entries int64) (Hit, error) {
			row, err := c.lists.SkipAddresses(ctx, sqlgen.SkipAddressesParams{
				After: from.Key, AfterID: from.ID, Until: s.end().Key, UntilID: s.end().ID, N: entries,
			})
			return Hit{row.Address, row.ID}, err
		},
		read: func(from, to Hit, n int64) ([]sqlgen.SearchUsersByAddressRow, error) {
			return c.lists.SearchUsersByAddress(ctx, sqlgen.SearchUsersByAddressParams{
				After: from.Key, AfterID: from.ID, Until: to.Key, UntilID: to.ID, Floor: s.Text, Status: string(status), N: n,
			})
		},
	}
	if status == "" { // nearly all are found: nothing to be sifted
		all.skip = func(Hit, int64) (Hit, error) { return Hit{}, sql.ErrNoRows }
	}
	rows, stopped, err := all.rows(s.after(), int64(s.Limit))
	return foundUsers(rows, stopped, err)
}

// UsersByClaim finds users by the beginning of an address that they claim, except
// those whom UsersByAddress finds.
func (c *Conn) UsersByClaim(ctx context.Context, s Search, status watchword.UserStatus) (list []FoundUser, stopped Hit, err error) {
	ctx = c.bound(ctx)
	rows, stopped, err := sift[sqlgen.SearchUsersByAddressRow, Hit]{
		end: s.end(),
		skip: func(from Hit, entries int64) (Hit, error) {
			row, err := c.lists.SkipClaims(ctx, sqlgen.SkipClaimsParams{
				After: from.Key, AfterID: from.ID, Until: s.end().Key, UntilID: s.end().ID, N: entries,
			})
			return Hit{row.Address, row.ID}, err
		},
		read: func(from, to Hit, n int64) ([]sqlgen.SearchUsersByAddressRow, error) {
			found, err := c.lists.SearchUsersByClaim(ctx, sqlgen.SearchUsersByClaimParams{
				After: from.Key, AfterID: from.ID, Until: to.Key, UntilID: to.ID, Floor: s.Text, Ceiling: s.end().Key,
				Status: string(status), N: n,
			})
			rows := make([]sqlgen.SearchUsersByAddressRow, len(found))
			for i, row := range found {
				rows[i] = sqlgen.SearchUsersByAddressRow(row)
			}
			return rows, err
		},
	}.rows(s.after(), int64(s.Limit))
	return foundUsers(rows, stopped, err)
}

func foundUsers(rows []sqlgen.SearchUsersByAddressRow, stopped Hit, err error) ([]FoundUser, Hit, error) {
	if err != nil {
		return nil, Hit{}, translate("search users by address", err)
	}
	list := make([]FoundUser, len(rows))
	for i, row := range rows {
		list[i] = FoundUser{Hit{row.Address, row.ID}, watchword.UserID(row.UserID)}
	}
	return list, stopped, nil
}

// UsersByName finds users by the beginning of their name, except those whom the
// others find by address.
func (c *Conn) UsersByName(ctx context.Context, s Search, address string, status watchword.UserStatus) (list []FoundUser, stopped Hit, err error) {
	ctx = c.bound(ctx)
	rows, stopped, err := sift[sqlgen.SearchUsersByNameRow, Hit]{
		end: s.end(),
		skip: func(from Hit, entries int64) (Hit, error) {
			row, err := c.lists.SkipUserNames(ctx, sqlgen.SkipUserNamesParams{
				After: from.Key, AfterID: from.ID, Until: s.end().Key, UntilID: s.end().ID, N: entries,
			})
			return Hit{row.NameKey, row.ID}, err
		},
		read: func(from, to Hit, n int64) ([]sqlgen.SearchUsersByNameRow, error) {
			return c.lists.SearchUsersByName(ctx, sqlgen.SearchUsersByNameParams{
				After: from.Key, AfterID: from.ID, Until: to.Key, UntilID: to.ID,
				AddressFloor: address, AddressCeiling: endOf(address), Status: string(status), N: n,
			})
		},
	}.rows(s.after(), int64(s.Limit))
	if err != nil {
		return nil, Hit{}, translate("search users by name", err)
	}
	list = make([]FoundUser, len(rows))
	for i, row := range rows {
		list[i] = FoundUser{Hit{row.NameKey, row.ID}, watchword.UserID(row.ID)}
	}
	return list, stopped, nil
}

// FoundAccount is an account that a search has found.
type FoundAccount struct {
	Hit
	Account watchword.Account
}

// AccountsBySlug finds accounts by the beginning of their slug.
func (c *Conn) AccountsBySlug(ctx context.Context, s Search) (list []FoundAccount, stopped Hit, err error) {
	after := s.after()
	rows, err := c.lists.SearchAccountsBySlug(c.bound(ctx), sqlgen.SearchAccountsBySlugParams{
		After: after.Key, AfterID: after.ID, Ceiling: endOf(s.Text), N: int64(s.Limit),
	})
	list, err = foundAccounts(rows, func(row sqlgen.Account) string { return row.Slug }, err)
	return list, Hit{}, err
}

// AccountsByName finds accounts by the beginning of their name, except those that
// AccountsBySlug finds by slug.
func (c *Conn) AccountsByName(ctx context.Context, s Search, slug string) (list []FoundAccount, stopped Hit, err error) {
	ctx = c.bound(ctx)
	rows, stopped, err := sift[sqlgen.Account, Hit]{
		end: s.end(),
		skip: func(from Hit, entries int64) (Hit, error) {
			row, err := c.lists.SkipAccountNames(ctx, sqlgen.SkipAccountNamesParams{
				After: from.Key, AfterID: from.ID, Until: s.end().Key, UntilID: s.end().ID, N: entries,
			})
			return Hit{row.NameKey, row.ID}, err
		},
		read: func(from, to Hit, n int64) ([]sqlgen.Account, error) {
			return c.lists.SearchAccountsByName(ctx, sqlgen.SearchAccountsByNameParams{
				After: from.Key, AfterID: from.ID, Until: to.Key, UntilID: to.ID, SlugFloor: slug, SlugCeiling: endOf(slug), N: n,
			})
		},
	}.rows(s.after(), int64(s.Limit))
	list, err = foundAccounts(rows, func(row sqlgen.Account) string { return row.NameKey }, err)
	return list, stopped, err
}

func foundAccounts(rows []sqlgen.Account, key func(sqlgen.Account) string, err error) ([]FoundAccount, error) {
	if err != nil {
		return nil, translate("search accounts", err)
	}
	list := make([]FoundAccount, len(rows))
	for i, row := range rows {
		list[i] = FoundAccount{Hit{key(row), row.ID}, account(row)}
	}
	return list, nil
}

// listOf writes identifiers one after the other, as queries over several take them.
func listOf(ids []watchword.UserID) string {
	var b strings.Builder
	for _, id := range ids {
		if _, err := watchword.IDToBytes(id); err == nil { // whatever else it is, nobody has it
			b.WriteString(string(id))
		}
	}
	return b.String()
}

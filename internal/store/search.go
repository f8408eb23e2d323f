package store

import (
	"context"
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

// FoundUser is a user whom a search has found.
type FoundUser struct {
	Hit
	UserID watchword.UserID
}

// UsersByAddress finds users by the beginning of an address that is theirs alone.
func (c *Conn) UsersByAddress(ctx context.Context, s Search, status watchword.UserStatus) ([]FoundUser, error) {
	after := s.after()
	rows, err := c.q.SearchUsersByAddress(c.bound(ctx), sqlgen.SearchUsersByAddressParams{
		After: after.Key, AfterID: after.ID, Floor: s.Text, Ceiling: endOf(s.Text), Status: string(status), N: int64(s.Limit),
	})
	return foundUsers(rows, err)
}

// UsersByClaim finds users by the beginning of an address that they claim, except
// those whom UsersByAddress finds.
func (c *Conn) UsersByClaim(ctx context.Context, s Search, status watchword.UserStatus) ([]FoundUser, error) {
	after := s.after()
	rows, err := c.q.SearchUsersByClaim(c.bound(ctx), sqlgen.SearchUsersByClaimParams{
		After: after.Key, AfterID: after.ID, Floor: s.Text, Ceiling: endOf(s.Text), Status: string(status), N: int64(s.Limit),
	})
	list := make([]sqlgen.SearchUsersByAddressRow, len(rows))
	for i, row := range rows {
		list[i] = sqlgen.SearchUsersByAddressRow(row)
	}
	return foundUsers(list, err)
}

func foundUsers(rows []sqlgen.SearchUsersByAddressRow, err error) ([]FoundUser, error) {
	if err != nil {
		return nil, translate("search users by address", err)
	}
	list := make([]FoundUser, len(rows))
	for i, row := range rows {
		list[i] = FoundUser{Hit{row.Address, row.ID}, watchword.UserID(row.UserID)}
	}
	return list, nil
}

// UsersByName finds users by the beginning of their name, except those whom the
// others find by address.
func (c *Conn) UsersByName(ctx context.Context, s Search, address string, status watchword.UserStatus) ([]FoundUser, error) {
	after := s.after()
	rows, err := c.q.SearchUsersByName(c.bound(ctx), sqlgen.SearchUsersByNameParams{
		After: after.Key, AfterID: after.ID, Ceiling: endOf(s.Text), AddressFloor: address, AddressCeiling: endOf(address),
		Status: string(status), N: int64(s.Limit),
	})
	if err != nil {
		return nil, translate("search users by name", err)
	}
	list := make([]FoundUser, len(rows))
	for i, row := range rows {
		list[i] = FoundUser{Hit{row.NameKey, row.ID}, watchword.UserID(row.ID)}
	}
	return list, nil
}

// FoundAccount is an account that a search has found.
type FoundAccount struct {
	Hit
	Account watchword.Account
}

// AccountsBySlug finds accounts by the beginning of their slug.
func (c *Conn) AccountsBySlug(ctx context.Context, s Search) ([]FoundAccount, error) {
	after := s.after()
	rows, err := c.q.SearchAccountsBySlug(c.bound(ctx), sqlgen.SearchAccountsBySlugParams{
		After: after.Key, AfterID: after.ID, Ceiling: endOf(s.Text), N: int64(s.Limit),
	})
	return foundAccounts(rows, func(row sqlgen.Account) string { return row.Slug }, err)
}

// AccountsByName finds accounts by the beginning of their name, except those that
// AccountsBySlug finds by slug.
func (c *Conn) AccountsByName(ctx context.Context, s Search, slug string) ([]FoundAccount, error) {
	after := s.after()
	rows, err := c.q.SearchAccountsByName(c.bound(ctx), sqlgen.SearchAccountsByNameParams{
		After: after.Key, AfterID: after.ID, Ceiling: endOf(s.Text), SlugFloor: slug, SlugCeiling: endOf(slug), N: int64(s.Limit),
	})
	return foundAccounts(rows, func(row sqlgen.Account) string { return row.NameKey }, err)
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

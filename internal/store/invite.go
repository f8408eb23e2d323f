package store

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// InsertInvite makes an invite and answers its id. Of i's account only the id is
// read; its own ID, CreatedAt and what may become of it are not.
func (c *Conn) InsertInvite(ctx context.Context, i watchword.Invite) (watchword.InviteID, error) {
	id := watchword.NewID[watchword.InviteID](c.now, c.random)
	err := c.q.InsertInvite(c.bound(ctx), sqlgen.InsertInviteParams{
		ID: string(id), AccountID: string(i.Account.ID), Address: i.Address, Role: string(i.Role), Deliver: string(i.Delivery),
		InvitedBy: string(i.InvitedBy), ClientID: string(i.ClientID), Locale: i.Locale, RedirectUri: i.RedirectURI,
		State: i.State, CodeChallenge: i.CodeChallenge, Now: micros(c.now), ExpiresAt: micros(i.ExpiresAt),
	})
	return id, translate("insert invite", err)
}

// Invite reads an invite with its account and the name of who invites.
func (c *Conn) Invite(ctx context.Context, id watchword.InviteID) (watchword.Invite, error) {
	row, err := c.q.GetInvite(c.bound(ctx), string(id))
	if err != nil {
		return watchword.Invite{}, translate("read invite", err)
	}
	i := invite(sqlgen.Invite{
		ID: row.ID, AccountID: row.AccountID, Address: row.Address, Role: row.Role, Deliver: row.Deliver, InvitedBy: row.InvitedBy,
		ClientID: row.ClientID, Locale: row.Locale, RedirectUri: row.RedirectUri, State: row.State, CodeChallenge: row.CodeChallenge,
		CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, AcceptedAt: row.AcceptedAt, AcceptedBy: row.AcceptedBy, RevokedAt: row.RevokedAt,
	})
	i.InviterName = row.InviterName
	i.Account = watchword.Account{
		ID: watchword.AccountID(row.AccountID), Name: row.AccountName, Slug: row.AccountSlug, CreatedAt: at(row.AccountCreatedAt),
	}
	return i, nil
}

// Invites is a page of invites, newest first, and the cursor of the next. Of their
// account they hold the id alone.
func (c *Conn) Invites(ctx context.Context, f watchword.InviteFilter, page watchword.Page) (list []watchword.Invite, next string, err error) {
	ctx, account, now := c.bound(ctx), string(f.AccountID), micros(c.now)
	s := sift[sqlgen.Invite, string]{
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipInvites(ctx, account, from, entries)
		},
		read: func(from, to string, n int64) ([]sqlgen.Invite, error) {
			return c.lists.SiftInvites(ctx, sqlgen.SiftInvitesParams{AccountID: account, Before: from, Since: to, Status: string(f.Status), Now: now, N: n})
		},
	}
	if account == "" {
		s.skip = func(from string, entries int64) (string, error) {
			return c.lists.SkipAllInvites(ctx, from, entries)
		}
		s.read = func(from, to string, n int64) ([]sqlgen.Invite, error) {
			return c.lists.SiftAllInvites(ctx, sqlgen.SiftAllInvitesParams{Before: from, Since: to, Status: string(f.Status), Now: now, N: n})
		}
	}
	var rows []sqlgen.Invite
	switch n := limit(page.OneMore()); {
	case f.Status != "":
		rows, next, err = siftPage(s, page, func(row sqlgen.Invite) string { return row.ID })
	case account != "":
		rows, err = c.lists.ListInvites(ctx, account, before(page), n)
	default:
		rows, err = c.lists.ListAllInvites(ctx, before(page), n)
	}
	if err != nil {
		return nil, "", translate("list invites", err)
	}
	if f.Status == "" {
		rows, next = watchword.Cut(rows, page, func(row sqlgen.Invite) string { return row.ID })
	}
	list = make([]watchword.Invite, len(rows))
	for i, row := range rows {
		list[i] = invite(row)
	}
	return list, next, nil
}

// LockInvite holds an invite's row until the transaction ends.
func (c *Conn) LockInvite(ctx context.Context, id watchword.InviteID) error {
	n, err := c.q.LockInvite(c.bound(ctx), string(id))
	return affected("lock invite", n, err)
}

// AcceptInvite consumes a pending invite: of many who accept at once exactly one
// succeeds. ErrNotFound: it is not pending any more.
func (c *Conn) AcceptInvite(ctx context.Context, id watchword.InviteID, user watchword.UserID) error {
	n, err := c.q.AcceptInvite(c.bound(ctx), nullMicros(c.now), string(user), string(id))
	return affected("accept invite", n, err)
}

// RevokeInvite takes a pending or expired invite of the account back.
// ErrNotFound: it is none of its, or was accepted or taken back before.
func (c *Conn) RevokeInvite(ctx context.Context, account watchword.AccountID, id watchword.InviteID) error {
	n, err := c.q.RevokeInvite(c.bound(ctx), nullMicros(c.now), string(id), string(account))
	return affected("revoke invite", n, err)
}

// AnyRole selects invites whatever role they offer.
const AnyRole watchword.Role = ""

// RevokeInvitesBy takes back the pending invites of the account that a user has
// made to a role, and answers them.
func (c *Conn) RevokeInvitesBy(ctx context.Context, account watchword.AccountID, user watchword.UserID, role watchword.Role) ([]watchword.InviteID, error) {
	rows, err := c.q.RevokeInvitesBy(c.bound(ctx), sqlgen.RevokeInvitesByParams{
		Now: nullMicros(c.now), AccountID: string(account), UserID: string(user), Role: string(role),
	})
	if err != nil {
		return nil, translate("revoke invites of a user", err)
	}
	list := make([]watchword.InviteID, len(rows))
	for i, id := range rows {
		list[i] = watchword.InviteID(id)
	}
	return list, nil
}

// ExtendInvite gives an invite of the account that is neither accepted nor taken
// back a new end. ErrNotFound: there is none.
func (c *Conn) ExtendInvite(ctx context.Context, account watchword.AccountID, id watchword.InviteID, expires time.Time) error {
	n, err := c.q.ExtendInvite(c.bound(ctx), micros(expires), string(id), string(account))
	return affected("extend invite", n, err)
}

func invite(row sqlgen.Invite) watchword.Invite {
	return watchword.Invite{
		ID: watchword.InviteID(row.ID), Account: watchword.Account{ID: watchword.AccountID(row.AccountID)}, Address: row.Address,
		Role: watchword.Role(row.Role), Delivery: watchword.Delivery(row.Deliver), InvitedBy: watchword.UserID(row.InvitedBy),
		ClientID: watchword.ClientID(row.ClientID), Locale: row.Locale, RedirectURI: row.RedirectUri, State: row.State,
		CodeChallenge: row.CodeChallenge, CreatedAt: at(row.CreatedAt), ExpiresAt: at(row.ExpiresAt),
		AcceptedAt: atNull(row.AcceptedAt), AcceptedBy: watchword.UserID(row.AcceptedBy), RevokedAt: atNull(row.RevokedAt),
	}
}

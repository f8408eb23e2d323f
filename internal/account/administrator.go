package account

import (
	"context"
	"errors"
	"strings"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// Administrators gives users the administrator flag and takes it away.
type Administrators struct {
	Store *store.Store
}

// ErrUserNotFound says that nobody has this id or address.
var ErrUserNotFound = watchword.NewError(watchword.KindNotFound, "user_not_found", "There is no such user.")

// AdministratorChange is what came of a change: the user as they are then.
type AdministratorChange struct {
	User    watchword.User
	Changed bool // false: they were so before, and nothing was written
}

// ErrAdministratorUnproven says that whoever proves to read an address would become
// the administrator who has it: what is unproven gives way to them, and the flag stays.
var ErrAdministratorUnproven = watchword.NewError(watchword.KindConflict, "administrator_unverified",
	"Nobody has proven to own this user's address, and whoever does would be the administrator. Have it verified first, or vouch for it.")

// Unproven says what becomes of a grant to somebody whose address nobody has proven.
type Unproven string

// The two.
const (
	UnprovenRefused  Unproven = "refused"
	UnprovenAccepted Unproven = "accepted"
)

// Grant makes the user an administrator. whom is an id or an address.
func (a Administrators) Grant(ctx context.Context, whom, actor string, unproven Unproven) (AdministratorChange, error) {
	return a.change(ctx, whom, actor, watchword.EventAdminGranted, func(c *store.Conn, ctx context.Context, id watchword.UserID) error {
		if err := c.GrantAdministrator(ctx, id); err != nil || unproven == UnprovenAccepted {
			return err
		}
		return mustBeProven(ctx, c, id)
	})
}

// mustBeProven is ErrAdministratorUnproven where a user has an address by which they
// could be taken over. Their row is held.
func mustBeProven(ctx context.Context, c *store.Conn, id watchword.UserID) error {
	list, err := c.Emails(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range list {
		if (e.Primary || e.Exclusive) && !e.Verified() { // the rest are mere claims, which let nobody in
			return ErrAdministratorUnproven
		}
	}
	return nil
}

// Revoke makes the user one like others. whom is an id or an address.
func (a Administrators) Revoke(ctx context.Context, whom, actor string) (AdministratorChange, error) {
	return a.change(ctx, whom, actor, watchword.EventAdminRevoked, (*store.Conn).RevokeAdministrator)
}

func (a Administrators) change(ctx context.Context, whom, actor string, typ watchword.EventType,
	write func(*store.Conn, context.Context, watchword.UserID) error,
) (AdministratorChange, error) {
	var done AdministratorChange
	err := a.Store.Tx(ctx, func(c *store.Conn) error {
		done = AdministratorChange{}
		id, err := find(ctx, c, whom)
		if err != nil {
			return err
		}
		err = write(c, ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		done.Changed = err == nil
		if done.User, err = c.User(ctx, id); err != nil || !done.Changed {
			return notFound(err)
		}
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{Type: typ, UserID: id, Actor: actor})
	})
	return done, err
}

// find is the user of an id, or of an address.
func find(ctx context.Context, c *store.Conn, whom string) (watchword.UserID, error) {
	if !strings.Contains(whom, "@") {
		return watchword.UserID(whom), nil
	}
	address, err := CanonicalAddress(whom)
	if err != nil {
		return "", err
	}
	id, err := c.UserByAddress(ctx, address)
	return id, notFound(err)
}

func notFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrUserNotFound.Because(err)
	}
	return err
}

package account

import (
	"context"
	"errors"
	"strconv"

	"watchword"
	"watchword/internal/store"
)

// Disable keeps a user out and ends all that they have begun, at once and on every
// node: sessions live in the database, and so do links and invites. One who is to be
// deleted is disabled, and still goes.
func (a Administration) Disable(ctx context.Context, by watchword.Administrator, id watchword.UserID) (watchword.UserRecord, error) {
	return a.change(ctx, by, id, watchword.Precondition{}, makes, func(c *store.Conn, user watchword.User) error {
		err := c.SetStatus(ctx, id, watchword.UserDisabled)
		if errors.Is(err, store.ErrNotFound) {
			return nil // they were disabled before
		}
		if err != nil {
			return err
		}
		ended, err := putOut(ctx, c, byAdministrator(by), user)
		if err != nil {
			return err
		}
		return record(ctx, c, by, watchword.EventUserDisabled, id, map[string]string{"sessions_ended": strconv.FormatInt(ended, 10)})
	})
}

// Enable lets a user in again, one who was to be deleted as well.
func (a Administration) Enable(ctx context.Context, by watchword.Administrator, id watchword.UserID) (watchword.UserRecord, error) {
	return a.change(ctx, by, id, watchword.Precondition{}, makes, func(c *store.Conn, user watchword.User) error {
		err := c.SetStatus(ctx, id, watchword.UserActive)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		var data map[string]string
		if !user.DeleteAt.IsZero() {
			data = map[string]string{"deletion": "cancelled"}
		}
		return record(ctx, c, by, watchword.EventUserEnabled, id, data)
	})
}

// RevokeSessions ends every session of a user and answers how many there were.
func (a Administration) RevokeSessions(ctx context.Context, by watchword.Administrator, id watchword.UserID) (ended int64, err error) {
	err = a.Store.Tx(ctx, func(c *store.Conn) error {
		// Held first, as by all who end many sessions: a sign-in under way is either
		// seen here or comes after.
		if err := c.LockUser(ctx, id); err != nil {
			return notFound(err)
		}
		if ended, err = c.RevokeSessions(ctx, id, ""); err != nil || ended == 0 {
			return err
		}
		return record(ctx, c, by, watchword.EventSessionsEnded, id, map[string]string{"sessions": strconv.FormatInt(ended, 10)})
	})
	return ended, err
}

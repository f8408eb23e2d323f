package account

import (
	"context"
	"errors"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

// DeleteUser deletes a user: for good after a grace, in which they are disabled and
// can be brought back, or at once where it is zero. Their sessions end now. Where the
// grace is nil it is that of the settings, and who is to be deleted already goes when
// it was said: a call that is sent again puts nothing off.
//
// ErrLastOwner: others depend on them, and owner says that they stay.
func (a Administration) DeleteUser(ctx context.Context, by watchword.Administrator, id watchword.UserID, want watchword.Precondition, grace *time.Duration, owner LastOwner) error {
	return a.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockUser(ctx, id); err != nil {
			return notFound(err)
		}
		user, err := c.User(ctx, id)
		if err != nil {
			return err
		}
		if err := want.Holds(user.Revision()); err != nil {
			return err
		}
		if err := mayTakeOver(c, by, user); err != nil {
			return err
		}
		if grace == nil && !user.DeleteAt.IsZero() {
			return nil
		}
		life := a.Grace
		if grace != nil {
			life = *grace
		}
		if life <= 0 {
			return remove(ctx, c, byAdministrator(by), id, owner)
		}
		return scheduleDeletion(ctx, c, by, user, c.Now().Add(life), owner)
	})
}

func scheduleDeletion(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, at time.Time, owner LastOwner) error {
	if owner == LastOwnerStays {
		if err := inEachAccount(ctx, c, user.ID, func(m watchword.Membership) error { return mayGo(ctx, c, m) }); err != nil {
			return err
		}
	}
	if err := c.ScheduleDeletion(ctx, user.ID, at); err != nil {
		return err
	}
	ended, err := putOut(ctx, c, byAdministrator(by), user)
	if err != nil {
		return err
	}
	return record(ctx, c, by, watchword.EventDeletionScheduled, user.ID, map[string]string{
		"delete_at": at.UTC().Format(time.RFC3339), "sessions_ended": strconv.FormatInt(ended, 10),
	})
}

// mayGo is ErrLastOwner where others depend on a member. The account's row is held:
// of its two owners who are to be deleted at once the second is its last.
func mayGo(ctx context.Context, c *store.Conn, m watchword.Membership) error {
	if m.Role != watchword.RoleOwner {
		return nil
	}
	_, err := c.OtherMember(ctx, m.Account.ID, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return keepOwner(ctx, c, m.Account.ID, m.ID, m.Role)
}

// deletedAtOnce is how many users are looked up at a time.
const deletedAtOnce = 100

// DeleteDue deletes the users whose grace is over, each in a transaction of their
// own. Where one has become the last owner of an account with others, one of them
// takes it over: nobody is asked any more.
func (a Administration) DeleteDue(ctx context.Context) error {
	for {
		due, err := a.Store.Read().UsersToDelete(ctx, deletedAtOnce)
		if err != nil {
			return err
		}
		var errs []error
		for _, id := range due {
			errs = append(errs, a.deleteDue(ctx, id))
		}
		if err := errors.Join(errs...); err != nil || len(due) < deletedAtOnce || ctx.Err() != nil {
			return err
		}
	}
}

func (a Administration) deleteDue(ctx context.Context, id watchword.UserID) error {
	return a.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.LockUser(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return nil // another node was faster
		}
		if err != nil {
			return err
		}
		user, err := c.User(ctx, id)
		if err != nil {
			return err
		}
		if user.DeleteAt.IsZero() || user.DeleteAt.After(c.Now()) {
			return nil // brought back this moment
		}
		return remove(ctx, c, byServer(), id, LastOwnerReplaced)
	})
}

package account

import (
	"context"
	"errors"
	"strconv"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// Holder is who is signed in in the acting browser: a user, by a live session of
// theirs. The zero Holder is nobody.
type Holder struct {
	UserID    watchword.UserID
	SessionID watchword.SessionID
	// Weak is why the session authenticates nothing in this call, although it says
	// who is likely to sit there: its token has expired, the CSRF token is missing,
	// or a link was merely opened. Nil: it authenticates.
	Weak error
}

// Is says whether it is this user who is signed in, in c's transaction and with
// the user's row held. A wipe, a reset or a sign-out may have ended the session
// since the browser was asked for it.
func (h Holder) Is(ctx context.Context, c *store.Conn, user watchword.UserID) (bool, error) {
	if h.UserID != user || h.SessionID == "" {
		return false, nil
	}
	s, err := c.Session(ctx, h.SessionID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && s.UserID == user && s.RevokedAt.IsZero() && c.Now().Before(s.RefreshExpiresAt()), err
}

// Prove marks an address as read by whoever acts, in c's transaction, with the
// user's row held. Where its user had never proven it, somebody else may have
// made that user and be waiting: everything unproven goes first, unless the same
// browser holds a live session of the user, for then it is one person. Proving an
// address again does nothing. It answers how many sessions the wipe has ended.
//
// ErrTokenUsed: somebody else has proven the address meanwhile.
func Prove(ctx context.Context, c *store.Conn, origin watchword.Origin, e watchword.Email, holder Holder) (ended int64, err error) {
	if e.Verified() {
		return 0, nil
	}
	same, err := holder.Is(ctx, c, e.UserID)
	if err != nil {
		return 0, err
	}
	if !same {
		if ended, err = Wipe(ctx, c, origin, e); err != nil {
			return 0, err
		}
	}
	return ended, verify(ctx, c, origin, e)
}

// verify marks the address as proven, without a wipe.
func verify(ctx context.Context, c *store.Conn, origin watchword.Origin, e watchword.Email) error {
	displaced, err := c.VerifyEmail(ctx, e)
	if errors.Is(err, store.ErrDuplicate) {
		return ErrTokenUsed.Because(err)
	}
	if err != nil {
		return err
	}
	if err := recordDisplaced(ctx, c, origin, event.ActorUser(e.UserID), displaced); err != nil {
		return err
	}
	if err := c.TouchUser(ctx, e.UserID); err != nil {
		return err
	}
	return event.Record(ctx, c, origin, watchword.Event{
		Type: watchword.EventEmailVerified, UserID: e.UserID, Data: map[string]string{"email_id": string(e.ID)},
	})
}

// recordDisplaced tells of those who have lost an address that they never proved,
// and with it password and sessions, to whom the actor has proven it for.
func recordDisplaced(ctx context.Context, c *store.Conn, origin watchword.Origin, actor string, list []store.Displaced) error {
	for _, one := range list {
		err := event.Record(ctx, c, origin, watchword.Event{
			Type: watchword.EventEmailDisplaced, UserID: one.UserID, Actor: actor,
			Data: map[string]string{"email_id": string(one.EmailID), "sessions_ended": strconv.FormatInt(one.SessionsEnded, 10)},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Wipe takes from a user all that was never proven to be the mailbox owner's:
// password, sessions, identities, other addresses, outstanding tokens and codes
// with the mails that carry them. The accounts stay: an unverified user could
// bring nobody into them. It answers how many sessions have ended.
func Wipe(ctx context.Context, c *store.Conn, origin watchword.Origin, e watchword.Email) (ended int64, err error) {
	if err := c.ClearPassword(ctx, e.UserID); err != nil {
		return 0, err
	}
	if ended, err = c.RevokeSessions(ctx, e.UserID, ""); err != nil {
		return 0, err
	}
	for _, step := range []func() error{
		func() error { return c.DeleteIdentities(ctx, e.UserID) },
		func() error { return VoidAll(ctx, c, e.UserID, e.Address) },
		func() error { return c.MakePrimary(ctx, e.UserID, e.ID) },
		// Last: with an address go its tokens, by which their mails are found.
		func() error { return c.DeleteOtherEmails(ctx, e.UserID, e.ID) },
	} {
		if err := step(); err != nil {
			return 0, err
		}
	}
	return ended, event.Record(ctx, c, origin, watchword.Event{
		Type: watchword.EventUserReclaimed, UserID: e.UserID, Actor: event.ActorSystem,
		Data: map[string]string{"email_id": string(e.ID), "sessions_ended": strconv.FormatInt(ended, 10)},
	})
}

// VoidAll voids what is outstanding of a user, and for an address from the time
// before it had one, with the mails that wait.
func VoidAll(ctx context.Context, c *store.Conn, user watchword.UserID, address string) error {
	if err := c.VoidTokens(ctx, user); err != nil {
		return err
	}
	if err := c.VoidAddressTokens(ctx, address); err != nil {
		return err
	}
	if err := c.EraseDeadMailsOf(ctx, user); err != nil {
		return err
	}
	return c.EraseDeadMails(ctx, address)
}

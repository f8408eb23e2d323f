package account

import (
	"cmp"
	"context"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// Caller is a signed-in user who acts in one of their sessions.
type Caller struct {
	UserID  watchword.UserID
	Session watchword.SessionID
	Origin  watchword.Origin
	// actor is who acts on accounts and users without being one of them: an
	// administrator, or the server. Then there is no user and no session.
	actor string
}

// What is asked of callers besides being signed in.
var (
	ErrFreshSignIn     = watchword.ErrFreshSignIn
	ErrEmailUnverified = watchword.NewError(watchword.KindForbidden, "email_unverified",
		"Verify your email address first.")
)

// Fresh is the caller's session, if it lives and its sign-in is recent.
func (caller Caller) Fresh(ctx context.Context, c *store.Conn) (store.SessionView, error) {
	s, err := c.Session(ctx, caller.Session)
	switch {
	case err != nil:
		return s, gone(err)
	case s.UserID != caller.UserID || !s.RevokedAt.IsZero() || s.User.Status != watchword.UserActive || !c.Now().Before(s.RefreshExpiresAt()):
		return s, ErrUserGone
	case c.Now().Sub(s.AuthTime) > watchword.FreshFor:
		return s, ErrFreshSignIn
	default:
		return s, nil
	}
}

// record writes what the caller did, about themselves unless e says otherwise.
func (caller Caller) record(ctx context.Context, c *store.Conn, e watchword.Event) error {
	e.SessionID, e.Actor = caller.Session, cmp.Or(caller.actor, event.ActorUser(caller.UserID))
	if e.UserID == "" {
		e.UserID = caller.UserID
	}
	return event.Record(ctx, c, caller.Origin, e)
}

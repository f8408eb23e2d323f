package session

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// ListFor is a page of live sessions as administrators see them, of one user or
// (empty) of all, newest first, and the cursor of the next.
func (s *Service) ListFor(ctx context.Context, user watchword.UserID, page watchword.Page) (list []watchword.Session, next string, err error) {
	if user == "" {
		return s.Store.Read().AllSessions(ctx, page)
	}
	return s.Store.Read().Sessions(ctx, user, page)
}

// errNoSession is what administrators are told, who may know of all there are.
var errNoSession = watchword.NewError(watchword.KindNotFound, "session_not_found", "There is no such live session.")

// End ends a session in an administrator's name.
func (s *Service) End(ctx context.Context, by watchword.Administrator, id watchword.SessionID) error {
	seen, err := s.Store.Read().Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return errNoSession.Because(err)
	}
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.RevokeSession(ctx, seen.UserID, id)
		if errors.Is(err, store.ErrNotFound) {
			return errNoSession.Because(err)
		}
		if err != nil {
			return err
		}
		return event.Record(ctx, c, by.Origin, watchword.Event{
			Type: watchword.EventSessionEnded, Actor: by.Actor, UserID: seen.UserID, SessionID: id, ClientID: seen.ClientID,
		})
	})
}

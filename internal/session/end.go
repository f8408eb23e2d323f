package session

import (
	"context"
	"errors"
	"strconv"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// SignOutScope says which sessions a sign-out ends.
type SignOutScope string

// The two.
const (
	SignOutThis SignOutScope = "this"
	SignOutAll  SignOutScope = "all"
)

// SignOut ends the caller's session, or all of the caller's. Signing out of a
// session that has ended is no error: its holder has what they wanted.
func (s *Service) SignOut(ctx context.Context, caller Caller, scope SignOutScope, origin watchword.Origin) error {
	return s.Store.Tx(ctx, func(c *store.Conn) error {
		err := s.revokeOwn(ctx, c, caller, scope)
		if errors.Is(err, store.ErrNotFound) {
			return nil // ended before: its holder may end nothing else
		}
		if err != nil {
			return err
		}
		ended := watchword.Event{Type: watchword.EventSessionEnded, UserID: caller.UserID, SessionID: caller.SessionID, ClientID: caller.ClientID}
		if scope == SignOutThis {
			return event.Record(ctx, c, origin, ended)
		}
		n, err := c.RevokeSessions(ctx, caller.UserID, "")
		if err != nil {
			return err
		}
		// A code that was given out is a session that has yet to begin.
		if err := c.VoidTokensOf(ctx, store.TokenAuthorizationCode, "", caller.UserID); err != nil {
			return err
		}
		ended.Type, ended.Data = watchword.EventSessionsEnded, map[string]string{"sessions": strconv.FormatInt(n+1, 10)}
		return event.Record(ctx, c, origin, ended)
	})
}

func (s *Service) revokeOwn(ctx context.Context, c *store.Conn, caller Caller, scope SignOutScope) error {
	if scope == SignOutAll {
		// Held first, as by all who end many sessions: two who each end their own
		// and then the other's would wait for each other.
		if err := c.LockUser(ctx, caller.UserID); err != nil {
			return err
		}
	}
	return c.RevokeSession(ctx, caller.UserID, caller.SessionID)
}

// SignOutByRefresh is SignOut for a holder whose access token is gone or has
// expired. A token that is not the session's present one, or its predecessor
// within the grace, ends what Refresh would end.
func (s *Service) SignOutByRefresh(ctx context.Context, p Presented, scope SignOutScope) error {
	presented, err := s.open(ctx, p)
	if err != nil {
		return err
	}
	v, err := s.Store.Read().Session(ctx, presented.SessionID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.mayContinue(ctx, p, presented, v)
	if errors.Is(err, ErrSessionRevoked) || errors.Is(err, ErrRefreshExpired) || errors.Is(err, ErrRefreshReused) {
		return nil // it has ended: what was wanted
	}
	if err != nil {
		return err
	}
	return s.SignOut(ctx, Caller{UserID: v.UserID, SessionID: v.ID, ClientID: v.ClientID, Claims: v.Claims}, scope, p.Origin)
}

// List is a page of the caller's live sessions, newest first, and the cursor of
// the next.
func (s *Service) List(ctx context.Context, caller Caller, page watchword.Page) (list []watchword.Session, next string, err error) {
	if _, err := s.Live(ctx, caller); err != nil {
		return nil, "", err
	}
	return s.Store.Read().Sessions(ctx, caller.UserID, page)
}

// Revoke ends one of the caller's sessions. ErrSessionNotFound: it is not
// theirs, or has ended.
func (s *Service) Revoke(ctx context.Context, caller Caller, id watchword.SessionID, origin watchword.Origin) error {
	if _, err := s.Live(ctx, caller); err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.RevokeSession(ctx, caller.UserID, id)
		if errors.Is(err, store.ErrNotFound) {
			return ErrSessionNotFound
		}
		if err != nil {
			return err
		}
		return event.Record(ctx, c, origin, watchword.Event{
			Type: watchword.EventSessionEnded, UserID: caller.UserID, SessionID: id, ClientID: caller.ClientID,
		})
	})
}

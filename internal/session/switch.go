package session

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/token"
)

// errMovedOn says that the session advanced between the look and the leap.
var errMovedOn = errors.New("the session has moved on")

// Switch gives a session fresh claims, of the account asked for (empty: the
// present one, else the last used), and rotates its refresh token as Refresh
// does, under the same grace: a predecessor that asks for the account that the
// session has just been switched to gets the same successor.
//
// Errors: those of Refresh, and ErrNotAMember.
func (s *Service) Switch(ctx context.Context, p Presented, account watchword.AccountID) (Grant, error) {
	presented, err := s.open(ctx, p)
	if err != nil {
		return Grant{}, err
	}
	for {
		grant, err := s.switchOnce(ctx, p, presented, account)
		if !errors.Is(err, errMovedOn) {
			return grant, err
		}
		// Another call with the same token won. Looking again finds this token a
		// predecessor, so the loop ends.
	}
}

func (s *Service) switchOnce(ctx context.Context, p Presented, presented token.Refresh, account watchword.AccountID) (Grant, error) {
	v, err := s.Store.Read().Session(ctx, presented.SessionID)
	if errors.Is(err, store.ErrNotFound) {
		return Grant{}, ErrSessionRevoked.Because(err)
	}
	if err != nil {
		return Grant{}, err
	}
	if err := s.mayContinue(ctx, p, presented, v); err != nil {
		return Grant{}, err
	}
	if presented.Generation == v.Generation-1 {
		if stale(v) || account != "" && account != v.Claims.AccountID {
			return Grant{}, ErrClaimsStale
		}
		return s.grantTo(ctx, v)
	}
	return s.advance(ctx, p, v, account)
}

func (s *Service) advance(ctx context.Context, p Presented, v store.SessionView, account watchword.AccountID) (Grant, error) {
	client, err := s.client(ctx, v.ClientID)
	if err != nil {
		return Grant{}, err
	}
	var switched store.SessionView
	err = s.Store.Tx(ctx, func(c *store.Conn) error {
		// The user's row is held, so that a removed membership or a disable is
		// either seen here or sees this session.
		if err := c.LockUser(ctx, v.UserID); errors.Is(err, store.ErrNotFound) {
			return ErrSessionRevoked.Because(err) // the user was deleted
		} else if err != nil {
			return err
		}
		claims, err := s.freshClaims(ctx, c, v, account)
		if err != nil {
			return err
		}
		err = c.SwitchSession(ctx, v.Session, claims, s.Keyring.CurrentID())
		if errors.Is(err, store.ErrNotFound) {
			return errMovedOn
		}
		if err != nil {
			return err
		}
		if err := c.SetLastAccount(ctx, v.UserID, claims.AccountID); err != nil {
			return err
		}
		if switched, err = c.Session(ctx, v.ID); err != nil {
			return err
		}
		return event.Record(ctx, c, p.Origin, watchword.Event{
			Type: watchword.EventSessionSwitched, UserID: v.UserID, AccountID: claims.AccountID, SessionID: v.ID, ClientID: v.ClientID,
		})
	})
	if err != nil {
		return Grant{}, err
	}
	return s.grant(switched, client, "")
}

// freshClaims are made of what the rows say now.
func (s *Service) freshClaims(ctx context.Context, c *store.Conn, v store.SessionView, account watchword.AccountID) (watchword.Claims, error) {
	user, err := c.User(ctx, v.UserID)
	if err != nil {
		return watchword.Claims{}, err
	}
	if user.Status != watchword.UserActive {
		return watchword.Claims{}, ErrSessionRevoked
	}
	last := v.Claims.AccountID // the present account stands before the last used
	if last == "" || v.Role == "" {
		last = v.LastAccount
	}
	member, err := chooseMembership(ctx, c, v.UserID, account, last)
	if err != nil {
		return watchword.Claims{}, err
	}
	return watchword.Claims{
		AccountID: member.Account.ID, Role: member.Role, Email: user.Email, EmailVerified: user.EmailVerified,
	}, nil
}

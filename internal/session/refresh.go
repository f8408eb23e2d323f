package session

import (
	"bytes"
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// Presented is a refresh token and who presents it.
type Presented struct {
	Token    secret.String
	ClientID watchword.ClientID         // as the caller names it; empty: not named
	Client   store.ClientAuthentication // zero: unauthenticated
	Origin   watchword.Origin
}

func (p Presented) authentication() store.ClientAuthentication {
	if p.Client == "" {
		return store.ClientUnauthenticated
	}
	return p.Client
}

// Refresh gives the successor of a refresh token. The common case is one UPDATE
// that checks all and advances the generation; only where it finds nothing to
// advance does a second look tell why.
//
// Errors: ErrRefreshInvalid, ErrRefreshExpired, ErrRefreshReused,
// ErrSessionRevoked, ErrClaimsStale, ErrClientAuthRequired, rate_limited.
func (s *Service) Refresh(ctx context.Context, p Presented) (Grant, error) {
	presented, err := s.open(ctx, p)
	if err != nil {
		return Grant{}, err
	}
	var v store.SessionView
	err = s.Store.Write(ctx, func(c *store.Conn) (err error) {
		v, err = c.RotateSession(ctx, store.Rotation{
			ID: presented.SessionID, Generation: presented.Generation, Nonce: presented.Nonce,
			SecretKeyID: s.Keyring.CurrentID(), ClientID: p.ClientID, Client: p.authentication(),
		})
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return s.explain(ctx, p, presented)
	}
	if err != nil {
		return Grant{}, err
	}
	return s.grantTo(ctx, v)
}

func (s *Service) grantTo(ctx context.Context, v store.SessionView) (Grant, error) {
	client, err := s.client(ctx, v.ClientID)
	if err != nil {
		return Grant{}, err
	}
	return s.grant(v, client, "")
}

// open reads the token and counts the attempt, before the database is asked.
func (s *Service) open(ctx context.Context, p Presented) (token.Refresh, error) {
	presented, err := token.OpenRefresh(s.Keyring, p.Token)
	if err != nil {
		return token.Refresh{}, ErrRefreshInvalid.Because(err)
	}
	return presented, s.admit(ctx, presented, p.Origin)
}

// explain finds out why a session did not advance. Where the token is the
// immediate predecessor within its grace, the reason is that somebody else, most
// likely the same browser in another tab, came first: they get the same successor.
func (s *Service) explain(ctx context.Context, p Presented, presented token.Refresh) (Grant, error) {
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
	if v.Generation == presented.Generation {
		// Present, alive, and yet not advanced: its claims are what has changed.
		// (Or somebody mended that in between; then trying again is right, too.)
		return Grant{}, ErrClaimsStale
	}
	if presented.Generation < v.ClaimsSince || stale(v) {
		return Grant{}, ErrClaimsStale
	}
	return s.grantTo(ctx, v)
}

// mayContinue decides what both refresh and switch must know of a token that is
// well sealed: that its session lives, that it is its client who asks, and that
// the token is the present one or its predecessor within the grace. A replay
// ends the session here.
func (s *Service) mayContinue(ctx context.Context, p Presented, presented token.Refresh, v store.SessionView) error {
	now := s.Clock()
	switch {
	case !bytes.Equal(v.Nonce, presented.Nonce):
		return ErrRefreshInvalid // well sealed, but of another row with this id
	case p.ClientID != "" && p.ClientID != v.ClientID:
		return ErrRefreshInvalid
	case v.NeedsClient != p.authentication():
		return ErrClientAuthRequired
	case !v.RevokedAt.IsZero() || v.User.Status != watchword.UserActive:
		return ErrSessionRevoked
	case !now.Before(v.RefreshExpiresAt()):
		return ErrRefreshExpired
	case presented.Generation > v.Generation:
		return s.ahead(ctx, p, v)
	case presented.Generation < v.Generation-1:
		return s.reused(ctx, p, v, reuseOld)
	case presented.Generation == v.Generation-1:
		return s.withinGrace(ctx, p, v, now)
	}
	return nil
}

// withinGrace lets the immediate predecessor through for as long as its client
// grants. A client that is not known grants nothing and is no reason to suspect a
// thief either.
func (s *Service) withinGrace(ctx context.Context, p Presented, v store.SessionView, now time.Time) error {
	client, err := s.client(ctx, v.ClientID)
	if err != nil {
		return err
	}
	if now.Sub(v.RotatedAt) > client.Lifetimes.RefreshGrace {
		return s.reused(ctx, p, v, reusePredecessor)
	}
	return nil
}

// stale says whether the claims have stopped being true. An address that has
// become verified makes nothing stale.
func stale(v store.SessionView) bool {
	return v.Claims.Email != v.User.Email ||
		v.Claims.EmailVerified && !v.User.EmailVerified ||
		v.Claims.AccountID != "" && v.Claims.Role != v.Role
}

// ahead is a token of ours with a generation that the row has not reached: the
// database was restored from a backup. Nobody stole anything, but the row no
// longer knows which tokens are out, so the session ends.
func (s *Service) ahead(ctx context.Context, p Presented, v store.SessionView) error {
	return s.end(ctx, p, v, watchword.EventRefreshAhead, nil, ErrSessionRevoked)
}

type reuse string

const (
	reusePredecessor reuse = "predecessor" // a lost answer, or a thief who was late
	reuseOld         reuse = "old"         // no honest client keeps one so long
)

// reused ends the session: of the two who hold its tokens one is a thief, and
// nobody can tell which.
func (s *Service) reused(ctx context.Context, p Presented, v store.SessionView, r reuse) error {
	return s.end(ctx, p, v, watchword.EventRefreshReused, map[string]string{"token": string(r)}, ErrRefreshReused)
}

func (s *Service) end(ctx context.Context, p Presented, v store.SessionView, typ watchword.EventType, data map[string]string, answer error) error {
	err := s.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.RevokeSession(ctx, v.UserID, v.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil // another replay was first: one event tells of it
		}
		if err != nil {
			return err
		}
		err = event.Record(ctx, c, p.Origin, watchword.Event{
			Type: typ, UserID: v.UserID, AccountID: v.Claims.AccountID, SessionID: v.ID, ClientID: v.ClientID,
			Actor: event.ActorSystem, Data: data,
		})
		if err != nil || data["token"] != string(reuseOld) {
			return err
		}
		return s.notifyReuse(ctx, c, v, p.Origin)
	})
	if err != nil {
		return err
	}
	s.Jobs.Announce()
	return answer
}

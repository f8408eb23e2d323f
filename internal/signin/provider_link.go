package signin

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/session"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// BeginLink sends a user who is signed in to a provider, to sign in by it later.
// Whoever links a provider can come back by it, so it needs a fresh sign-in, and
// an address that the user has proven.
//
// Errors: provider_not_found, redirect_uri_not_allowed, validation_failed,
// session_revoked, fresh_sign_in_required, no_email, email_unverified,
// rate_limited, provider_error.
func (s *Service) BeginLink(ctx context.Context, in LinkStart) (Departure, error) {
	provider, err := s.offered(in.Provider, in.Client)
	if err != nil {
		return Departure{}, err
	}
	if err := in.Return.Check(in.Client); err != nil {
		return Departure{}, err
	}
	if err := ridesAlong("state", in.Return.State, maxState); err != nil {
		return Departure{}, err
	}
	if err := s.takeIP(ctx, providerLimit, in.Origin); err != nil {
		return Departure{}, err
	}
	held, err := in.Caller.Fresh(ctx, s.Store.Read())
	if err != nil {
		return Departure{}, err
	}
	if err := mayLink(held.User); err != nil {
		return Departure{}, err
	}
	return s.depart(ctx, provider, store.ProviderFlow{
		Purpose: store.FlowLink, UserID: in.Caller.UserID, SessionID: in.Caller.Session, ClientID: in.Client.ID,
		RedirectURI: in.Return.RedirectURI, State: in.Return.State,
	}, upstream.Departure{})
}

// mayLink refuses users who have not proven an address: a squatter would leave a
// way back for themselves.
func mayLink(user watchword.User) error {
	switch {
	case user.Status != watchword.UserActive:
		return ErrUserDisabled
	case user.Email == "":
		return account.ErrNoEmail
	case !user.EmailVerified:
		return account.ErrEmailUnverified
	default:
		return nil
	}
}

// finishLink links who came back to the user who has asked for it, if the session
// in which they did still lives. It starts none.
func (s *Service) finishLink(ctx context.Context, b comer) (linked watchword.Identity, err error) {
	err = s.tx(ctx, func(c *store.Conn) (err error) {
		linked, err = s.linkHeld(ctx, c, b)
		return err
	})
	if err == nil {
		s.Jobs.Announce()
	}
	return linked, err
}

func (s *Service) linkHeld(ctx context.Context, c *store.Conn, b comer) (watchword.Identity, error) {
	of := b.flow.UserID
	if err := c.LockUser(ctx, of); err != nil {
		return watchword.Identity{}, notFoundAs(err, session.ErrSessionRevoked)
	}
	live, err := account.Holder{UserID: of, SessionID: b.flow.SessionID}.Is(ctx, c, of)
	if err != nil {
		return watchword.Identity{}, err
	}
	if !live {
		return watchword.Identity{}, session.ErrSessionRevoked
	}
	user, err := c.User(ctx, of)
	if err != nil {
		return watchword.Identity{}, err
	}
	if err := mayLink(user); err != nil {
		return watchword.Identity{}, err
	}
	linked, err := account.Link(ctx, c, b.origin, b.identity(of), b.flow.SessionID)
	if errors.Is(err, store.ErrDuplicate) {
		return linkedBefore(ctx, c, b)
	}
	if err != nil {
		return watchword.Identity{}, err
	}
	return linked, account.TellLinked(ctx, c, s.Jobs, b.origin, user, "", b.provider.Name)
}

// linkedBefore is the link that there is: the user's own, which is as well, or
// somebody else's.
func linkedBefore(ctx context.Context, c *store.Conn, b comer) (watchword.Identity, error) {
	there, err := c.IdentityOf(ctx, b.person.Issuer, b.person.Subject)
	if err != nil {
		return watchword.Identity{}, goneIsLookAgain(err)
	}
	if there.UserID != b.flow.UserID {
		return watchword.Identity{}, ErrIdentityTaken
	}
	return there, nil
}

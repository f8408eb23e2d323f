package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// CodeExchange is a client's wish to get the session of an authorization code.
type CodeExchange struct {
	Code        secret.String
	Verifier    secret.String // PKCE
	RedirectURI string
	Client      watchword.Client // authenticated, if it is confidential
	Origin      watchword.Origin
}

// ErrGrantInvalid is RFC 6749 §5.2's invalid_grant: one error for whatever is
// wrong with a code.
var ErrGrantInvalid = watchword.NewError(watchword.KindMalformed, "invalid_grant",
	"The code is not valid, has expired, was used before, or is not for this client.")

// Exchange starts the session of an authorization code (RFC 6749 §4.1.3, RFC 7636
// §4.6). Of many uses at once one succeeds; every other ends the session that the
// first has started, for one of the two holders is a thief (RFC 9700 §4.5).
func (s *Service) Exchange(ctx context.Context, in CodeExchange) (session.Grant, error) {
	t, err := account.LookToken(ctx, s.Store.Read(), in.Code, store.TokenAuthorizationCode)
	if errors.Is(err, account.ErrTokenInvalid) {
		return session.Grant{}, ErrGrantInvalid.Because(err)
	}
	if err != nil {
		return session.Grant{}, err
	}
	// Whoever cannot prove to have asked for the code uses nothing up, and ends
	// nothing either.
	if t.ClientID != in.Client.ID || t.RedirectURI != in.RedirectURI || !proves(in.Verifier, t.CodeChallenge) {
		return session.Grant{}, ErrGrantInvalid
	}
	var started session.Started
	err = s.Store.Tx(ctx, func(c *store.Conn) error {
		if err := account.UseToken(ctx, c, t); err != nil {
			return err
		}
		if started, err = s.beginFor(ctx, c, t, in); err != nil {
			return err
		}
		return c.SetTokenSession(ctx, t.Digest, started.SessionID())
	})
	switch {
	case errors.Is(err, account.ErrTokenUsed):
		return session.Grant{}, s.endReplayed(ctx, t, in)
	case watchword.KindOf(err) == watchword.KindGone, errors.Is(err, session.ErrSessionRevoked), errors.Is(err, store.ErrNotFound):
		return session.Grant{}, ErrGrantInvalid.Because(err)
	case err != nil:
		return session.Grant{}, err
	}
	return s.Sessions.Mint(started)
}

// proves says whether the verifier is the one whose S256 hash came with the
// request for the code (RFC 7636 §4.6).
func proves(verifier secret.String, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	return challenge != "" && secret.NewString(base64.RawURLEncoding.EncodeToString(sum[:])).Equal(secret.NewString(challenge))
}

func (s *Service) beginFor(ctx context.Context, c *store.Conn, t store.OneTimeToken, in CodeExchange) (session.Started, error) {
	if err := c.LockUser(ctx, t.UserID); err != nil {
		return session.Started{}, err
	}
	_, cred, err := c.UserWithCredential(ctx, t.UserID)
	if err != nil {
		return session.Started{}, err
	}
	return s.Sessions.Begin(ctx, c, session.Start{
		Credential: cred, Client: in.Client, Mode: watchword.SessionToken, Remember: watchword.RememberLong,
		AMR: t.AMR, AccountID: t.AccountID, Scope: watchword.GrantOAuthScope(t.Scope), Nonce: t.Nonce, Origin: in.Origin,
	})
}

// endReplayed ends the session that a code has started whose second use this is.
func (s *Service) endReplayed(ctx context.Context, t store.OneTimeToken, in CodeExchange) error {
	err := s.Store.Tx(ctx, func(c *store.Conn) error {
		t, err := c.OneTimeToken(ctx, t.Digest)
		if err != nil || t.SessionID == "" {
			return err
		}
		err = c.RevokeSession(ctx, t.UserID, t.SessionID)
		if errors.Is(err, store.ErrNotFound) {
			return nil // ended before
		}
		if err != nil {
			return err
		}
		return event.Record(ctx, c, in.Origin, watchword.Event{
			Type: watchword.EventCodeReplayed, UserID: t.UserID, SessionID: t.SessionID, ClientID: t.ClientID, Actor: event.ActorSystem,
		})
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return ErrGrantInvalid
}

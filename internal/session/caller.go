package session

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// Caller is who is behind an access token.
type Caller struct {
	UserID    watchword.UserID
	SessionID watchword.SessionID
	ClientID  watchword.ClientID
	Claims    watchword.Claims
	Scope     string // that was granted to the client
	Audience  string // whom the token is for
}

// Identify reads an access token without asking the database: who its bearer
// says to be, and said rightly when it was signed. What is done in their name
// must still look whether the session lives.
//
// Errors: ErrUnauthenticated, ErrTokenExpired.
func (s *Service) Identify(access secret.String) (Caller, error) {
	a, err := s.Keys.OpenAccess(access)
	switch {
	case errors.Is(err, token.ErrExpired):
		return Caller{}, ErrTokenExpired
	case err != nil:
		return Caller{}, ErrUnauthenticated.Because(err)
	}
	return caller(a), nil
}

// IdentifyExpired is Identify for those who only need to know which session a
// token was of, and take a token after its end too.
func (s *Service) IdentifyExpired(access secret.String) (Caller, bool) {
	a, err := s.Keys.OpenAccess(access)
	if err != nil && !errors.Is(err, token.ErrExpired) {
		return Caller{}, false
	}
	return caller(a), true
}

// Place is which session a token is of, and how late in it.
type Place struct {
	SessionID watchword.SessionID
	At        int64 // grows with each refresh; of tokens of one kind only
}

// PlaceOfAccess is that of an access token that is ours, live or not.
func (s *Service) PlaceOfAccess(access secret.String) (Place, bool) {
	a, err := s.Keys.OpenAccess(access)
	return Place{a.SessionID, a.IssuedAt}, err == nil || errors.Is(err, token.ErrExpired)
}

// PlaceOfRefresh is that of a refresh token that is ours, live or not.
func (s *Service) PlaceOfRefresh(refresh secret.String) (Place, bool) {
	r, err := token.OpenRefresh(s.Keyring, refresh)
	return Place{r.SessionID, r.Generation}, err == nil
}

func caller(a token.Access) Caller {
	return Caller{
		UserID: a.Subject, SessionID: a.SessionID, ClientID: a.ClientID,
		Claims: watchword.Claims{AccountID: a.AccountID, Role: a.Role, Email: a.Email, EmailVerified: a.EmailVerified},
		Scope:  a.Scope, Audience: a.Audience,
	}
}

// Live reads the caller's session and answers ErrSessionRevoked unless it lives
// and its user may use it.
func (s *Service) Live(ctx context.Context, caller Caller) (store.SessionView, error) {
	v, err := s.Store.Read().Session(ctx, caller.SessionID)
	if errors.Is(err, store.ErrNotFound) {
		return v, ErrSessionRevoked.Because(err)
	}
	if err != nil {
		return v, err
	}
	if _, err := s.client(ctx, v.ClientID); err != nil {
		return v, err
	}
	if !v.RevokedAt.IsZero() || v.User.Status != watchword.UserActive || !s.Clock().Before(v.RefreshExpiresAt()) {
		return v, ErrSessionRevoked
	}
	return v, nil
}

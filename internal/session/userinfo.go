package session

import (
	"context"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/token"
)

// UserInfo is what the bearer of an access token of scope openid learns of its
// user, from live rows (OpenID Connect Core §5.3).
//
// Errors: ErrUnauthenticated, ErrTokenExpired, ErrSessionRevoked, ErrScopeMissing.
func (s *Service) UserInfo(ctx context.Context, access secret.String) (token.UserInfo, error) {
	who, err := s.Identify(access)
	if err != nil {
		return token.UserInfo{}, err
	}
	if !watchword.OAuthOpenID.In(who.Scope) {
		return token.UserInfo{}, ErrScopeMissing
	}
	live, err := s.Live(ctx, who)
	if err != nil {
		return token.UserInfo{}, err
	}
	return token.UserInfo{Subject: live.UserID, Person: token.PersonOf(live.User, who.Scope)}, nil
}

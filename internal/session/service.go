package session

import (
	"context"
	"io"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// Service is the sessions of all clients.
type Service struct {
	Store   *store.Store
	Keys    *token.Keys
	Keyring *secret.Keyring
	Limiter *limit.Limiter
	// RefreshLimit is how often one session may refresh.
	RefreshLimit limit.Rule
	Issuer       string
	// Lookup finds a client by id; one that there is not has no sessions. An error
	// says that it could not be found out.
	Lookup func(context.Context, watchword.ClientID) (watchword.Client, bool, error)
	Jobs   job.Queue
	Clock  func() time.Time
	Random io.Reader

	admissions admissions
}

// Grant is what a started, refreshed or switched session gives its holder.
type Grant struct {
	Session         watchword.Session
	User            watchword.User
	Account         watchword.Account // zero where there is none
	Role            watchword.Role
	AccessToken     secret.String
	AccessExpiresAt time.Time
	RefreshToken    secret.String
	IDToken         secret.String // zero where the session's scope has no openid
}

// What a caller can be told of a session that does not go on.
var (
	ErrSessionRevoked = watchword.NewError(watchword.KindUnauthenticated, "session_revoked",
		"This session has ended. Sign in again.")
	ErrClaimsStale = watchword.NewError(watchword.KindConflict, "claims_stale",
		"What this session's tokens say is no longer true. Ask POST /auth/switch-account for fresh ones.")
	ErrNotAMember = watchword.NewError(watchword.KindForbidden, "not_a_member",
		"You are not a member of this account.")
	ErrRefreshInvalid = watchword.NewError(watchword.KindUnauthenticated, "refresh_token_invalid",
		"This is not a refresh token of this server for this client.")
	ErrRefreshExpired = watchword.NewError(watchword.KindUnauthenticated, "refresh_token_expired",
		"This refresh token has expired. Sign in again.")
	ErrRefreshReused = watchword.NewError(watchword.KindUnauthenticated, "refresh_token_reused",
		"This refresh token has been used before. The session was ended to be safe; sign in again.")
	ErrClientAuthRequired = watchword.NewError(watchword.KindUnauthenticated, "client_auth_required",
		"This session belongs to a confidential client. It is refreshed at /oauth2/token, and switched with the client's credentials.")
	ErrUnauthenticated = watchword.NewError(watchword.KindUnauthenticated, "unauthenticated",
		"Sign in to do this.")
	ErrTokenExpired = watchword.NewError(watchword.KindUnauthenticated, "token_expired",
		"This access token has expired. Refresh it.")
	ErrScopeMissing = watchword.NewError(watchword.KindForbidden, "insufficient_scope",
		"This access token was not given for the scope openid.")
	ErrSessionNotFound = watchword.NewError(watchword.KindNotFound, "session_not_found",
		"You have no such session.")
)

// client is the session's client; one that was removed takes its sessions along.
func (s *Service) client(ctx context.Context, id watchword.ClientID) (watchword.Client, error) {
	client, ok, err := s.Lookup(ctx, id)
	if err == nil && !ok {
		err = ErrSessionRevoked
	}
	return client, err
}

// grant mints the tokens of a session at its present generation. It depends on
// nothing but the row: every node answers the same for the same generation. The
// nonce is for the ID token and there at the session's start alone.
func (s *Service) grant(v store.SessionView, client watchword.Client, nonce string) (Grant, error) {
	issued := v.RotatedAt.Truncate(time.Second)
	expires := earlier(issued.Add(client.Lifetimes.AccessToken), v.ExpiresAt)
	access, err := s.Keys.SignAccess(token.Access{
		Issuer: s.Issuer, Subject: v.UserID, Audience: client.Audience,
		Expires: expires.Unix(), IssuedAt: issued.Unix(), ID: tokenID(v.Session),
		SessionID: v.ID, AccountID: v.Claims.AccountID, Role: v.Claims.Role,
		Email: v.Claims.Email, EmailVerified: v.Claims.EmailVerified,
		AMR: v.AMR, AuthTime: v.AuthTime.Unix(), ClientID: v.ClientID, Scope: v.Scope, Features: texts(v.Features),
	})
	if err != nil {
		return Grant{}, err
	}
	refresh, err := token.SealRefresh(s.Keyring, token.Refresh{
		SessionID: v.ID, Generation: v.Generation, Nonce: v.Nonce, KeyID: v.SecretKeyID,
	})
	if err != nil {
		return Grant{}, err
	}
	grant := Grant{
		Session: v.Session, User: v.User, Account: v.Account, Role: v.Claims.Role,
		AccessToken: access, AccessExpiresAt: expires, RefreshToken: refresh,
	}
	if !watchword.OAuthOpenID.In(v.Scope) {
		return grant, nil
	}
	grant.IDToken, err = s.Keys.SignID(token.ID{
		Issuer: s.Issuer, Subject: v.UserID, Audience: v.ClientID, Expires: expires.Unix(), IssuedAt: issued.Unix(),
		AuthTime: v.AuthTime.Unix(), Nonce: nonce, AMR: v.AMR, SessionID: v.ID, Person: token.PersonOf(v.User, v.Scope),
	}, access)
	return grant, err
}

func texts[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = string(text)
	}
	return texts
}

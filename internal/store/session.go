package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// ClientAuthentication says whether a client has authenticated, and at a
// session's start whether it must to refresh.
type ClientAuthentication string

// The two.
const (
	ClientAuthenticated   ClientAuthentication = "authenticated"
	ClientUnauthenticated ClientAuthentication = "unauthenticated"
)

// SessionView is a session with the live rows that it depends on.
type SessionView struct {
	watchword.Session
	// NeedsClient says whether only its authenticated client may refresh it.
	NeedsClient ClientAuthentication
	User        watchword.User    // id, status, name, picture, locale, created at, address, administrator
	Account     watchword.Account // of the claims; without a name where it is gone
	Role        watchword.Role    // the live one; empty where the membership is gone
	LastAccount watchword.AccountID
}

// InsertSession writes a new session with generation 1. The id, nonce and ends
// are the caller's; the features that its tokens name are told by s afterwards.
func (c *Conn) InsertSession(ctx context.Context, s *watchword.Session, needs ClientAuthentication) error {
	features, err := c.q.InsertSession(c.bound(ctx), sqlgen.InsertSessionParams{
		ID: string(s.ID), UserID: string(s.UserID), ClientID: string(s.ClientID),
		ClientAuthenticates: needs == ClientAuthenticated,
		Mode:                string(s.Mode), Remember: string(s.Remember), Amr: joinWords(s.AMR),
		AuthTime: micros(s.AuthTime), Scope: s.Scope,
		AccountID: nullText(s.Claims.AccountID), ClaimRole: string(s.Claims.Role),
		ClaimEmail: s.Claims.Email, ClaimEmailVerified: s.Claims.EmailVerified,
		KeyID: s.SecretKeyID, Nonce: s.Nonce, Ip: s.IP, UserAgent: s.UserAgent,
		Now: micros(c.now), IdleLife: s.IdleLife.Microseconds(), IdleExpiresAt: micros(s.IdleExpiresAt), ExpiresAt: micros(s.ExpiresAt),
	})
	s.Features = featureNames(features)
	return translate("insert session", err)
}

// Rotation names the refresh token that is presented and what its successor gets.
type Rotation struct {
	ID          watchword.SessionID
	Generation  int64
	Nonce       []byte
	SecretKeyID string             // that seals the successor
	ClientID    watchword.ClientID // empty: any
	Client      ClientAuthentication
}

// RotateSession advances a session by one generation in one statement, if all
// that its claims say is still true and the token is its present one. Otherwise
// ErrNotFound, and the session is as it was: read it to find out why.
func (c *Conn) RotateSession(ctx context.Context, r Rotation) (SessionView, error) {
	row, err := c.q.RotateSession(c.bound(ctx), sqlgen.RotateSessionParams{
		Now: micros(c.now), KeyID: r.SecretKeyID,
		ID: string(r.ID), Generation: r.Generation, Nonce: r.Nonce,
		ClientAuthenticated: r.Client == ClientAuthenticated, ClientID: string(r.ClientID),
	})
	if err != nil {
		return SessionView{}, translate("rotate session", err)
	}
	v := sessionView(sqlgen.GetSessionRow{
		ID: row.ID, UserID: row.UserID, ClientID: row.ClientID, ClientAuthenticates: row.ClientAuthenticates,
		Mode: row.Mode, Remember: row.Remember, Amr: row.Amr, AuthTime: row.AuthTime, Scope: row.Scope,
		AccountID: row.AccountID, ClaimRole: row.ClaimRole, ClaimEmail: row.ClaimEmail,
		ClaimEmailVerified: row.ClaimEmailVerified, ClaimsSince: row.ClaimsSince, Generation: row.Generation,
		KeyID: row.KeyID, Nonce: row.Nonce, Ip: row.Ip, UserAgent: row.UserAgent, CreatedAt: row.CreatedAt,
		RotatedAt: row.RotatedAt, IdleLife: row.IdleLife, IdleExpiresAt: row.IdleExpiresAt, ExpiresAt: row.ExpiresAt, RevokedAt: row.RevokedAt,
		Features: row.Features,
		// What the guard has just checked:
		UserStatus: string(watchword.UserActive), Email: row.ClaimEmail, Role: row.ClaimRole,
		UserName: row.UserName, UserPicture: row.UserPicture, UserLocale: row.UserLocale,
		UserCreatedAt: row.UserCreatedAt, EmailVerifiedAt: row.EmailVerifiedAt,
		AccountName: row.AccountName, AccountSlug: row.AccountSlug,
	})
	return v, nil
}

// Session reads a session with the live rows that it depends on.
func (c *Conn) Session(ctx context.Context, id watchword.SessionID) (SessionView, error) {
	row, err := c.q.GetSession(c.bound(ctx), string(id))
	if err != nil {
		return SessionView{}, translate("read session", err)
	}
	return sessionView(row), nil
}

func sessionView(row sqlgen.GetSessionRow) SessionView {
	needs := ClientUnauthenticated
	if row.ClientAuthenticates {
		needs = ClientAuthenticated
	}
	account := watchword.AccountID(row.AccountID.String)
	return SessionView{
		Session: watchword.Session{
			ID: watchword.SessionID(row.ID), UserID: watchword.UserID(row.UserID), ClientID: watchword.ClientID(row.ClientID),
			Mode: watchword.SessionMode(row.Mode), Remember: watchword.Remember(row.Remember),
			AMR: splitWords[watchword.AMR](row.Amr), AuthTime: at(row.AuthTime), Scope: row.Scope,
			Claims: watchword.Claims{
				AccountID: account, Role: watchword.Role(row.ClaimRole),
				Email: row.ClaimEmail, EmailVerified: row.ClaimEmailVerified,
			},
			Features:   featureNames(row.Features),
			Generation: row.Generation, ClaimsSince: row.ClaimsSince, SecretKeyID: row.KeyID, Nonce: row.Nonce,
			CreatedAt: at(row.CreatedAt), RotatedAt: at(row.RotatedAt),
			IdleLife: time.Duration(row.IdleLife) * time.Microsecond, IdleExpiresAt: at(row.IdleExpiresAt),
			ExpiresAt: at(row.ExpiresAt), RevokedAt: atNull(row.RevokedAt),
			IP: row.Ip, UserAgent: row.UserAgent,
		},
		NeedsClient: needs,
		User: watchword.User{
			ID: watchword.UserID(row.UserID), Status: watchword.UserStatus(row.UserStatus), Name: row.UserName,
			Picture: row.UserPicture, Locale: row.UserLocale, CreatedAt: at(row.UserCreatedAt),
			Email: row.Email, EmailVerified: row.EmailVerifiedAt != 0, Administrator: row.Administrator,
		},
		Account:     watchword.Account{ID: account, Name: row.AccountName, Slug: row.AccountSlug},
		Role:        watchword.Role(row.Role),
		LastAccount: watchword.AccountID(row.LastAccountID),
	}
}

// featureNames are those of a list in the order of their names: the engine has put
// them together in whatever order it found them.
func featureNames(text string) []watchword.FeatureName {
	names := splitWords[watchword.FeatureName](text)
	slices.Sort(names)
	return names
}

// SwitchSession advances a session from the generation of s with new claims.
// ErrNotFound: it has moved on, or ended, meanwhile.
func (c *Conn) SwitchSession(ctx context.Context, s watchword.Session, claims watchword.Claims, keyID string) error {
	n, err := c.q.SwitchSession(c.bound(ctx), sqlgen.SwitchSessionParams{
		Now: micros(c.now), KeyID: keyID,
		AccountID: nullText(claims.AccountID), ClaimRole: string(claims.Role),
		ClaimEmail: claims.Email, ClaimEmailVerified: claims.EmailVerified,
		ID: string(s.ID), Generation: s.Generation,
	})
	return affected("switch session", n, err)
}

// RevokeSession ends a user's session. ErrNotFound: not theirs, or ended before.
func (c *Conn) RevokeSession(ctx context.Context, user watchword.UserID, id watchword.SessionID) error {
	n, err := c.q.RevokeSession(c.bound(ctx), sql.NullInt64{Int64: micros(c.now), Valid: true}, string(id), string(user))
	return affected("revoke session", n, err)
}

// RevokeSessions ends all live sessions of a user but one (empty: all) and
// answers how many there were.
func (c *Conn) RevokeSessions(ctx context.Context, user watchword.UserID, except watchword.SessionID) (int64, error) {
	n, err := c.q.RevokeUserSessions(c.bound(ctx), sql.NullInt64{Int64: micros(c.now), Valid: true}, string(user), string(except))
	return n, translate("revoke sessions", err)
}

// Sessions is a page of the live sessions of a user, newest first, and the cursor
// of the next.
func (c *Conn) Sessions(ctx context.Context, user watchword.UserID, page watchword.Page) (list []watchword.Session, next string, err error) {
	ctx = c.bound(ctx)
	return listedSessions(sift[sqlgen.SiftSessionsRow, string]{
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipSessions(ctx, string(user), from, entries)
		},
		read: func(from, to string, n int64) ([]sqlgen.SiftSessionsRow, error) {
			return c.lists.SiftSessions(ctx, sqlgen.SiftSessionsParams{UserID: string(user), Before: from, Since: to, Now: micros(c.now), N: n})
		},
	}, page)
}

// AllSessions is a page of the live sessions of all users, newest first, and the
// cursor of the next.
func (c *Conn) AllSessions(ctx context.Context, page watchword.Page) (list []watchword.Session, next string, err error) {
	ctx = c.bound(ctx)
	return listedSessions(sift[sqlgen.SiftAllSessionsRow, string]{
		skip: func(from string, entries int64) (string, error) { return c.lists.SkipAllSessions(ctx, from, entries) },
		read: func(from, to string, n int64) ([]sqlgen.SiftAllSessionsRow, error) {
			return c.lists.SiftAllSessions(ctx, sqlgen.SiftAllSessionsParams{Before: from, Since: to, Now: micros(c.now), N: n})
		},
	}, page)
}

func listedSessions[R sqlgen.SiftSessionsRow | sqlgen.SiftAllSessionsRow](
	s sift[R, string], page watchword.Page,
) (list []watchword.Session, next string, err error) {
	rows, next, err := siftPage(s, page, func(row R) string { return sqlgen.SiftSessionsRow(row).ID })
	if err != nil {
		return nil, "", translate("list sessions", err)
	}
	list = make([]watchword.Session, len(rows))
	for i, row := range rows {
		list[i] = listedSession(sqlgen.SiftSessionsRow(row))
	}
	return list, next, nil
}

func listedSession(row sqlgen.SiftSessionsRow) watchword.Session {
	return watchword.Session{
		ID: watchword.SessionID(row.ID), UserID: watchword.UserID(row.UserID), ClientID: watchword.ClientID(row.ClientID),
		Claims: watchword.Claims{AccountID: watchword.AccountID(row.AccountID.String)},
		AMR:    splitWords[watchword.AMR](row.Amr), CreatedAt: at(row.CreatedAt), RotatedAt: at(row.RotatedAt),
		IdleExpiresAt: at(row.IdleExpiresAt), ExpiresAt: at(row.ExpiresAt), IP: row.Ip, UserAgent: row.UserAgent,
	}
}

// SecretUse is how many live sessions have a refresh token under a server
// secret, and when the last of them ends if it is used no more.
type SecretUse struct {
	SecretKeyID string
	Live        int64
	LastEnd     time.Time
}

// SessionsBySecret counts the live sessions by the secret of their refresh token.
func (c *Conn) SessionsBySecret(ctx context.Context) ([]SecretUse, error) {
	rows, err := c.q.CountSessionsBySecret(c.bound(ctx), micros(c.now))
	if err != nil {
		return nil, translate("count sessions by secret", err)
	}
	list := make([]SecretUse, len(rows))
	for i, row := range rows {
		list[i] = SecretUse{SecretKeyID: row.KeyID, Live: row.Live, LastEnd: at(row.LastEnd)}
	}
	return list, nil
}

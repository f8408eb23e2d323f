package store

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// TokenPurpose says what a one-time token is good for. Purposes never mix.
type TokenPurpose string

// The purposes.
const (
	TokenVerifyEmail TokenPurpose = "verify_email"
)

// OneTimeToken is the row of a token that was mailed: its digest, never itself.
type OneTimeToken struct {
	Digest    []byte
	Purpose   TokenPurpose
	UserID    watchword.UserID
	EmailID   watchword.EmailID
	ClientID  watchword.ClientID
	ExpiresAt time.Time
}

// InsertOneTimeToken records a token.
func (c *Conn) InsertOneTimeToken(ctx context.Context, t OneTimeToken) error {
	err := c.q.InsertOneTimeToken(c.bound(ctx), sqlgen.InsertOneTimeTokenParams{
		Digest: t.Digest, Purpose: string(t.Purpose), UserID: nullText(t.UserID), EmailID: nullText(t.EmailID),
		ClientID: string(t.ClientID), Now: micros(c.now), ExpiresAt: micros(t.ExpiresAt),
	})
	return translate("insert one-time token", err)
}

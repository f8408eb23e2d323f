package account

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// What the holder of a one-time token can be told of it.
var (
	ErrTokenInvalid = watchword.NewError(watchword.KindMalformed, "token_invalid",
		"This link or code is not right. Use it as it was sent.")
	ErrTokenExpired = watchword.NewError(watchword.KindGone, "token_expired",
		"This link or code has expired. Ask for a new one.")
	ErrTokenUsed = watchword.NewError(watchword.KindGone, "token_used",
		"This link or code was used before, or is no longer valid. Ask for a new one.")
	ErrInviteRevoked = watchword.NewError(watchword.KindGone, "invite_revoked",
		"This invite has been taken back.")
)

const (
	tokenPrefix = "otk_"
	tokenBytes  = 32
	tokenLength = len(tokenPrefix) + 43 // those bytes in base64url
)

// NewToken makes a one-time token, to be mailed and to be stored as its digest.
func NewToken(random io.Reader) secret.String { return secret.NewToken(tokenPrefix, random) }

// TokenDigest is what a token is found by. ErrTokenInvalid: it is none that we
// ever made, and the database need not be asked.
func TokenDigest(token secret.String) ([]byte, error) {
	text := token.Reveal()
	if len(text) != tokenLength || !strings.HasPrefix(text, tokenPrefix) {
		return nil, ErrTokenInvalid
	}
	// The decoder skips line breaks, so that the length says it once more.
	bits, err := base64.RawURLEncoding.Strict().DecodeString(text[len(tokenPrefix):])
	if err != nil || len(bits) != tokenBytes {
		return nil, ErrTokenInvalid
	}
	return secret.Digest(token), nil
}

// LookToken reads a token of a purpose, live or not. ErrTokenInvalid: there is
// none, or it is for something else.
func LookToken(ctx context.Context, c *store.Conn, token secret.String, purpose store.TokenPurpose) (store.OneTimeToken, error) {
	digest, err := TokenDigest(token)
	if err != nil {
		return store.OneTimeToken{}, err
	}
	return LookDigest(ctx, c, digest, purpose)
}

// LookDigest is LookToken for whoever has kept a token's digest alone.
func LookDigest(ctx context.Context, c *store.Conn, digest []byte, purpose store.TokenPurpose) (store.OneTimeToken, error) {
	t, err := c.OneTimeToken(ctx, digest)
	if errors.Is(err, store.ErrNotFound) || err == nil && t.Purpose != purpose {
		return store.OneTimeToken{}, ErrTokenInvalid
	}
	return t, err
}

// Refusal is why a token cannot be used; nil where it can.
func Refusal(t store.OneTimeToken, now time.Time) error {
	switch {
	case !t.UsedAt.IsZero() || !t.VoidedAt.IsZero():
		return ErrTokenUsed
	case !now.Before(t.ExpiresAt):
		return ErrTokenExpired
	default:
		return nil
	}
}

// UseToken consumes a token that has just been looked at. Whoever comes second
// finds it used.
func UseToken(ctx context.Context, c *store.Conn, t store.OneTimeToken) error {
	_, err := c.UseOneTimeToken(ctx, t.Digest, t.Purpose)
	if errors.Is(err, store.ErrNotFound) {
		if refusal := Refusal(t, c.Now()); refusal != nil {
			return refusal
		}
		return ErrTokenUsed.Because(err)
	}
	return err
}

// InviteRefusal is why an invite cannot be accepted by this token; nil where it
// can. What became of the invite tells more than what became of the token.
func InviteRefusal(t store.OneTimeToken, invite watchword.Invite, now time.Time) error {
	switch invite.Status(now) {
	case watchword.InviteRevoked:
		return ErrInviteRevoked
	case watchword.InviteAccepted:
		return ErrTokenUsed
	case watchword.InviteExpired:
		return ErrTokenExpired
	default:
		return Refusal(t, now)
	}
}

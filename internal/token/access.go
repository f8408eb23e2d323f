package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
)

// Access is the claims set of an access token (RFC 9068). Its zero values are
// left out of the token.
type Access struct {
	Issuer        string              `json:"iss"`
	Subject       watchword.UserID    `json:"sub"`
	Audience      string              `json:"aud"`
	Expires       int64               `json:"exp"` // seconds since 1970
	IssuedAt      int64               `json:"iat"`
	ID            string              `json:"jti"`
	SessionID     watchword.SessionID `json:"sid"`
	AccountID     watchword.AccountID `json:"acc,omitempty"`
	Role          watchword.Role      `json:"role,omitempty"`
	Email         string              `json:"email,omitempty"`
	EmailVerified bool                `json:"email_verified"`
	AMR           []watchword.AMR     `json:"amr"`
	AuthTime      int64               `json:"auth_time"`
	ClientID      watchword.ClientID  `json:"client_id"`
	Scope         string              `json:"scope,omitempty"`
	Features      []string            `json:"features,omitempty"` // of waitlists, that the user is approved for
}

// ExpiresAt is the end of the token's life.
func (a Access) ExpiresAt() time.Time { return time.Unix(a.Expires, 0).UTC() }

// ErrExpired says that a token was ours and has had its time.
var ErrExpired = errors.New("the token has expired")

// SignAccess is the token of these claims under the present signing key. The
// same claims give the same text while the key stays: signatures are
// deterministic (RFC 6979), so that parallel refreshes of one token can all be
// given one answer, on whatever node they land.
func (k *Keys) SignAccess(a Access) (secret.String, error) {
	payload, err := json.Marshal(a)
	if err != nil {
		return secret.String{}, fmt.Errorf("encode access token: %w", err)
	}
	key, err := k.ring.Load().signing(k.options.Clock())
	if err != nil {
		return secret.String{}, err
	}
	text, err := key.signer.sign(typeAccess, payload)
	if err != nil {
		return secret.String{}, fmt.Errorf("sign access token: %w", err)
	}
	return secret.NewString(text), nil
}

// maxAccessText bounds what is parsed; ours have about 700 bytes.
const maxAccessText = 4096

// OpenAccess reads an access token: signed by a key of ours, of our issuer and
// type. ErrExpired (with the claims) after its end, ErrMalformed for all else.
func (k *Keys) OpenAccess(text secret.String) (Access, error) {
	raw := text.Reveal()
	if len(raw) > maxAccessText || strings.Count(raw, ".") != 2 {
		return Access{}, ErrMalformed
	}
	digest := [32]byte(secret.Digest(text))
	a, seen := k.verified.get(digest)
	if !seen {
		var err error
		if a, err = k.verify(raw); err != nil {
			return Access{}, err
		}
		k.verified.put(digest, a)
	} else if _, ok := k.public(a.keyID); !ok {
		return Access{}, ErrMalformed // what was forged with a leaked key ends with it
	}
	if now := k.options.Clock(); !now.Before(a.ExpiresAt()) {
		return a.Access, ErrExpired
	}
	return a.Access, nil
}

func (k *Keys) verify(raw string) (checked, error) {
	// The list of algorithms is ours: a token cannot choose none, or HMAC with a
	// public key.
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return checked{}, ErrMalformed
	}
	header := signed.Signatures[0].Protected
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); tokenType(typ) != typeAccess {
		return checked{}, ErrMalformed // an ID token is no access token
	}
	key, ok := k.public(header.KeyID)
	if !ok || key.Algorithm != header.Algorithm {
		return checked{}, ErrMalformed
	}
	payload, err := signed.Verify(key.Key)
	if err != nil {
		return checked{}, ErrMalformed
	}
	var a Access
	if err := json.Unmarshal(payload, &a); err != nil || a.Issuer != k.options.Issuer || a.SessionID == "" || a.Subject == "" {
		return checked{}, ErrMalformed
	}
	return checked{a, header.KeyID}, nil
}

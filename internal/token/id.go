package token

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
)

// ID is the claims set of an ID token (OpenID Connect Core §2): what a client
// learns of who signed in, when and how. It opens nothing: its type and audience
// are not those of access tokens.
type ID struct {
	Issuer     string              `json:"iss"`
	Subject    watchword.UserID    `json:"sub"`
	Audience   watchword.ClientID  `json:"aud"`
	Expires    int64               `json:"exp"` // seconds since 1970
	IssuedAt   int64               `json:"iat"`
	AuthTime   int64               `json:"auth_time"`
	Nonce      string              `json:"nonce,omitempty"`
	AccessHash string              `json:"at_hash"` // made by SignID
	AMR        []watchword.AMR     `json:"amr"`
	SessionID  watchword.SessionID `json:"sid"`
	Person
}

// SignID is the ID token that goes with an access token, under the present
// signing key. Like those of access tokens, its text follows from its claims.
func (k *Keys) SignID(id ID, access secret.String) (secret.String, error) {
	key, err := k.ring.Load().signing(k.options.Clock())
	if err != nil {
		return secret.String{}, err
	}
	id.AccessHash = accessHash(key.signer.algorithm, access)
	payload, err := json.Marshal(id)
	if err != nil {
		return secret.String{}, fmt.Errorf("encode ID token: %w", err)
	}
	text, err := key.signer.sign(typeID, payload)
	if err != nil {
		return secret.String{}, fmt.Errorf("sign ID token: %w", err)
	}
	return secret.NewString(text), nil
}

// accessHash ties an ID token to the access token beside it, so that neither can
// be given out with another (§3.1.3.6): half of the hash that the signature of the
// ID token is made with, which for Ed25519 is SHA-512.
func accessHash(algorithm jose.SignatureAlgorithm, access secret.String) string {
	if algorithm == jose.EdDSA {
		sum := sha512.Sum512([]byte(access.Reveal()))
		return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	}
	sum := sha256.Sum256([]byte(access.Reveal())) // ES256, RS256
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

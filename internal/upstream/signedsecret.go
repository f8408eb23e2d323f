package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	stdjson "encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/secret"
)

// signedLife is how long a signed client secret lives; it is made anew when half
// of it is over.
const signedLife = time.Hour

// signedSecret is a client secret that is signed with a key, as Apple wants it.
type signedSecret struct {
	signer   jose.Signer
	issuer   string // the team
	subject  string // the client
	audience string

	mu   sync.Mutex
	text secret.String
	due  time.Time
}

// newSignedSecret reads the key: PKCS #8 in PEM, on P-256.
func newSignedSecret(s Settings, audience string) (*signedSecret, error) {
	block, _ := pem.Decode([]byte(s.PrivateKey.Reveal()))
	if block == nil {
		return nil, errors.New("the private key is not in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key cannot be read") // x509's words could quote it
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the private key is not one of ES256")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: s.KeyID}}, nil)
	if err != nil {
		return nil, fmt.Errorf("make a signer: %w", err)
	}
	return &signedSecret{signer: signer, issuer: s.TeamID, subject: s.ClientID, audience: audience}, nil
}

func (s *signedSecret) at(now time.Time) (secret.String, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.due) {
		return s.text, nil
	}
	payload, err := stdjson.Marshal(map[string]any{
		"iss": s.issuer, "sub": s.subject, "aud": s.audience, "iat": now.Unix(), "exp": now.Add(signedLife).Unix(),
	})
	if err != nil {
		return secret.String{}, fmt.Errorf("write a client secret: %w", err)
	}
	signed, err := s.signer.Sign(payload)
	if err != nil {
		return secret.String{}, fmt.Errorf("sign a client secret: %w", err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		return secret.String{}, fmt.Errorf("sign a client secret: %w", err)
	}
	s.text, s.due = secret.NewString(text), now.Add(signedLife/2)
	return s.text, nil
}

// clientSecret is what we authenticate with.
func (p *Provider) clientSecret() (string, error) {
	if p.signed == nil {
		return p.settings.ClientSecret.Reveal(), nil
	}
	text, err := p.signed.at(p.clock())
	return text.Reveal(), err
}

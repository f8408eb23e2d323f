package upstreamtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

type signingKey struct {
	id  string
	key *ecdsa.PrivateKey
}

// RotateKeys signs with a new key from now on, and publishes it alone.
func (p *Provider) RotateKeys() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []signingKey{{id: p.unique("key-"), key: key}}
	return nil
}

// Key is what it signs ID tokens with, and the key's id.
func (p *Provider) Key() (key *ecdsa.PrivateKey, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.keys[len(p.keys)-1]
	return last.key, last.id
}

func (p *Provider) publishKeys(w http.ResponseWriter, _ *http.Request) {
	key, id := p.Key()
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: "ES256", Use: "sig"}}}
	if change := p.behaviour().Keys; change != nil {
		change(&set)
	}
	answer(w, http.StatusOK, set)
}

// sign makes an ID token.
func (p *Provider) sign(claims map[string]any) (string, error) {
	if replacement := p.behaviour().Sign; replacement != nil {
		return replacement(claims), nil
	}
	key, id := p.Key()
	return Sign(jose.ES256, jose.JSONWebKey{Key: key, KeyID: id}, claims)
}

// Sign makes a JWT.
func Sign(algorithm jose.SignatureAlgorithm, key jose.JSONWebKey, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		return "", fmt.Errorf("make a signer: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("write claims: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign claims: %w", err)
	}
	return signed.CompactSerialize()
}

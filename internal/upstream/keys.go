package upstream

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	stdjson "encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeys    = 100
	minRSABits = 2048
)

var errSignature = errors.New("no key of the provider has signed it")

// keySet verifies by the keys that a provider publishes. It implements
// oidc.KeySet.
type keySet struct {
	keys *cached[[]jose.JSONWebKey]
}

// VerifySignature is the payload of a JWT that one of the keys has signed. If none
// has, the keys are fetched once more: the provider may have begun to sign with a
// new one just now.
func (k keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(jwt, asymmetric)
	if err != nil {
		return nil, errSignature
	}
	keys, err := k.keys.get(ctx)
	if err != nil {
		return nil, err
	}
	if payload, ok := verifyBy(*keys, signed); ok {
		return payload, nil
	}
	keys, err = k.keys.renew(ctx, keys)
	if err != nil {
		return nil, err
	}
	if payload, ok := verifyBy(*keys, signed); ok {
		return payload, nil
	}
	return nil, errSignature
}

func verifyBy(keys []jose.JSONWebKey, signed *jose.JSONWebSignature) (payload []byte, ok bool) {
	header := signed.Signatures[0].Header
	for _, key := range keys {
		if header.KeyID != "" && key.KeyID != "" && header.KeyID != key.KeyID ||
			key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// fetchKeys asks for the keys where the metadata say.
func (p *Provider) fetchKeys(ctx context.Context) (*[]jose.JSONWebKey, error) {
	e, err := p.where(ctx)
	if err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	err = p.client.get(ctx, question{target: e.keys}, func(body []byte) (err error) {
		keys, err = parseKeys(body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return &keys, nil
}

// parseKeys reads a key set (RFC 7517). Keys that cannot verify are left out:
// those for encryption, of kinds unknown here, weak ones.
func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []stdjson.RawMessage `json:"keys"`
	}
	if err := stdjson.Unmarshal(body, &set); err != nil {
		return nil, errJSON // its own words quote the body
	}
	if len(set.Keys) > maxKeys {
		return nil, &trouble{text: "there are too many keys"}
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err != nil {
			continue // RFC 7517 §5: what is not understood is ignored
		}
		if (key.Use == "" || key.Use == "sig") && verifies(key.Key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, &trouble{text: "there is no key that verifies anything"}
	}
	return keys, nil
}

func verifies(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits // go-jose bounds the other end
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	default:
		return false // shared keys and private ones among them
	}
}

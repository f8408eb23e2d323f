package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/secret"
	"watchword/internal/store"
)

// madeKey is a fresh private key.
type madeKey struct {
	private crypto.Signer
}

const rsaBits = 3072

func generate(alg jose.SignatureAlgorithm, random io.Reader) (madeKey, error) {
	var key crypto.Signer
	var err error
	switch alg {
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), random)
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(random)
	case jose.RS256:
		key, err = rsa.GenerateKey(random, rsaBits)
	default:
		return madeKey{}, fmt.Errorf("make signing key: unknown algorithm %q", alg)
	}
	if err != nil {
		return madeKey{}, fmt.Errorf("make signing key: %w", err)
	}
	return madeKey{key}, nil
}

// seal encrypts the key under its own id, which is its thumbprint (RFC 7638): a
// sealed key moved to another row does not open.
func (m madeKey) seal(keyring *secret.Keyring) (sealed []byte, id string, err error) {
	id, err = thumbprint(m.private.Public())
	if err != nil {
		return nil, "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(m.private)
	if err != nil {
		return nil, "", fmt.Errorf("encode signing key: %w", err)
	}
	return keyring.Seal(secret.PurposeSigningKey, der, []byte(id)), id, nil
}

func thumbprint(public crypto.PublicKey) (string, error) {
	jwk := jose.JSONWebKey{Key: public}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("thumbprint of signing key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

func unseal(keyring *secret.Keyring, row store.SigningKey) (ringKey, error) {
	der, err := keyring.Open(secret.PurposeSigningKey, row.Sealed, []byte(row.ID))
	if err != nil {
		return ringKey{}, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return ringKey{}, errors.New("the sealed bytes are no private key")
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return ringKey{}, errors.New("the sealed key cannot sign")
	}
	made, err := newSigner(jose.SignatureAlgorithm(row.Algorithm), row.ID, private)
	if err != nil {
		return ringKey{}, err
	}
	return ringKey{
		SigningKey: row, signer: made,
		public: jose.JSONWebKey{Key: private.Public(), KeyID: row.ID, Algorithm: row.Algorithm, Use: "sig"},
	}, nil
}

// deterministic makes ECDSA signatures by RFC 6979, without randomness; the
// other algorithms have none of their own.
type deterministic struct{ crypto.Signer }

func (d deterministic) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, ok := d.Signer.(*ecdsa.PrivateKey); ok {
		random = nil
	}
	return d.Signer.Sign(random, digest, opts)
}

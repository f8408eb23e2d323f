package token

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// signer makes access tokens in the compact serialization (RFC 7515 §7.1). Its
// header is made once: jose.Signer makes and encodes it for each token, which is a
// sixth of what signing costs. The signature is go-jose's all the same.
type signer struct {
	header    string // encoded, with the dot
	algorithm jose.SignatureAlgorithm
	key       jose.OpaqueSigner
}

func newSigner(algorithm jose.SignatureAlgorithm, keyID string, private crypto.Signer) (signer, error) {
	key := cryptosigner.Opaque(deterministic{private})
	if !slices.Contains(key.Algs(), algorithm) {
		return signer{}, fmt.Errorf("make signer: the key is not for %q", algorithm)
	}
	header, err := json.Marshal(map[string]string{"alg": string(algorithm), "kid": keyID, "typ": accessType})
	if err != nil {
		return signer{}, fmt.Errorf("make signer: %w", err)
	}
	return signer{base64.RawURLEncoding.EncodeToString(header) + ".", algorithm, key}, nil
}

func (s signer) sign(payload []byte) (string, error) {
	b64 := base64.RawURLEncoding
	text := b64.AppendEncode([]byte(s.header), payload)
	signature, err := s.key.SignPayload(text, s.algorithm)
	if err != nil {
		return "", err
	}
	return string(b64.AppendEncode(append(text, '.'), signature)), nil
}

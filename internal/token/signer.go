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

// tokenType is the typ of a token's header. It keeps tokens of one sort from being
// taken for those of another, which the same key has signed.
type tokenType string

const (
	typeAccess tokenType = "at+jwt" // RFC 9068 §2.1
	typeID     tokenType = "JWT"
)

// signer makes tokens in the compact serialization (RFC 7515 §7.1). Its headers
// are made once: jose.Signer makes and encodes one for each token, which is a
// sixth of what signing costs. The signature is go-jose's all the same.
type signer struct {
	headers   map[tokenType]string // encoded, with the dot
	algorithm jose.SignatureAlgorithm
	key       jose.OpaqueSigner
}

func newSigner(algorithm jose.SignatureAlgorithm, keyID string, private crypto.Signer) (signer, error) {
	key := cryptosigner.Opaque(deterministic{private})
	if !slices.Contains(key.Algs(), algorithm) {
		return signer{}, fmt.Errorf("make signer: the key is not for %q", algorithm)
	}
	headers := map[tokenType]string{}
	for _, typ := range []tokenType{typeAccess, typeID} {
		header, err := json.Marshal(map[string]string{"alg": string(algorithm), "kid": keyID, "typ": string(typ)})
		if err != nil {
			return signer{}, fmt.Errorf("make signer: %w", err)
		}
		headers[typ] = base64.RawURLEncoding.EncodeToString(header) + "."
	}
	return signer{headers, algorithm, key}, nil
}

func (s signer) sign(typ tokenType, payload []byte) (string, error) {
	b64 := base64.RawURLEncoding
	text := b64.AppendEncode([]byte(s.headers[typ]), payload)
	signature, err := s.key.SignPayload(text, s.algorithm)
	if err != nil {
		return "", err
	}
	return string(b64.AppendEncode(append(text, '.'), signature)), nil
}

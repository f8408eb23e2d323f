package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

const tokenBytes = 32

// Digest is the SHA-256 under which a token is stored. It is for tokens with
// the entropy of NewToken alone: anything that people choose goes to a Hasher,
// and short codes to a keyed MAC.
func Digest(token String) []byte {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return sum[:]
}

// NewToken is the prefix and 256 random bits in base64url. random must be a
// source that does not fail, such as crypto/rand.Reader.
func NewToken(prefix string, random io.Reader) String {
	return NewString(prefix + base64.RawURLEncoding.EncodeToString(read(random, tokenBytes)))
}

// Generate makes a server secret for a Keyring: 256 random bits in base64url.
func Generate(random io.Reader) String { return NewToken("", random) }

func read(random io.Reader, n int) []byte {
	raw := make([]byte, n)
	if _, err := io.ReadFull(random, raw); err != nil {
		panic(fmt.Sprintf("the random source failed: %v", err)) // crypto/rand ends the process itself
	}
	return raw
}

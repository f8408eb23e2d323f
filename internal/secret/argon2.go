package secret

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

type argon2Variant string

const (
	argon2i  argon2Variant = "argon2i"
	argon2id argon2Variant = "argon2id"
)

// Params is the cost of Argon2 (RFC 9106 §3.1).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8  // lanes
}

// DefaultParams is the cost of the hashes made here.
func DefaultParams() Params { return Params{Memory: 19456, Time: 2, Threads: 1} }

// What new hashes are made with, besides the Params.
const (
	nativeSaltBytes = 16
	nativeKeyBytes  = 32
)

// What imported hashes may ask for: 512 MiB over all passes take about half a
// second, and every lane is a goroutine.
const (
	maxArgon2Passes  = 512 << 10 // KiB times passes
	maxArgon2Threads = 16
	minArgon2Salt    = 8 // RFC 9106 §3.1
)

type argon2Hash struct {
	variant   argon2Variant
	params    Params
	salt, key []byte
}

func parseArgon2(variant argon2Variant, fields []string) (scheme, error) {
	if len(fields) != 4 {
		return nil, ErrMalformedHash // without a version it is 1.0, which x/crypto does not have
	}
	if fields[0] != "v=19" {
		return nil, ErrUnsupportedHash
	}
	costs, err := numbers(fields[1], "m", "t", "p")
	if err != nil {
		return nil, err
	}
	memory, passes, threads := costs[0], costs[1], costs[2]
	if memory > maxHashMemory || passes > maxArgon2Passes/memory || threads > maxArgon2Threads {
		return nil, ErrCostlyHash
	}
	salt, key, err := decodeSaltAndKey(fields[2:])
	if err != nil {
		return nil, err
	}
	if memory < 8*threads || len(salt) < minArgon2Salt {
		return nil, ErrMalformedHash
	}
	params := Params{Memory: uint32(memory), Time: uint32(passes), Threads: uint8(threads)}
	return argon2Hash{variant: variant, params: params, salt: salt, key: key}, nil
}

func newArgon2Hash(params Params, password, salt []byte) argon2Hash {
	h := argon2Hash{variant: argon2id, params: params, salt: salt}
	h.key = h.derive(password, nativeKeyBytes)
	return h
}

func (h argon2Hash) derive(password []byte, length int) []byte {
	derive := argon2.IDKey
	if h.variant == argon2i {
		derive = argon2.Key
	}
	return derive(password, h.salt, h.params.Time, h.params.Memory, h.params.Threads, uint32(length))
}

func (h argon2Hash) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(h.derive(password, len(h.key)), h.key) == 1
}

// native says whether the hash is what would be made today.
func (h argon2Hash) native(params Params) bool {
	return h.variant == argon2id && h.params == params &&
		len(h.salt) == nativeSaltBytes && len(h.key) == nativeKeyBytes
}

// encode is the PHC string.
func (h argon2Hash) encode() Hash {
	b64 := base64.RawStdEncoding
	return StoredHash(fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", h.variant, argon2.Version,
		h.params.Memory, h.params.Time, h.params.Threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.key)))
}

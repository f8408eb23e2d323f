package secret

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"strings"
)

// maxPBKDF2Work caps iterations times blocks of output: the output is made
// block by block, each of which iterates anew.
const maxPBKDF2Work = 2_000_000

type pbkdf2Hash struct {
	digest     func() hash.Hash
	iterations int
	salt, key  []byte
}

// pbkdf2Digest is nil for names that are none of PBKDF2's.
func pbkdf2Digest(name string) func() hash.Hash {
	switch name {
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2_sha1":
		return sha1.New
	case "pbkdf2-sha256", "pbkdf2_sha256":
		return sha256.New
	case "pbkdf2-sha512":
		return sha512.New
	default:
		return nil
	}
}

// parsePBKDF2 reads the PHC form and passlib's, which has bare iterations.
func parsePBKDF2(name string, fields []string) (scheme, error) {
	if len(fields) != 3 {
		return nil, ErrMalformedHash
	}
	iterations, length, err := pbkdf2Costs(fields[0])
	if err != nil {
		return nil, err
	}
	salt, key, err := decodeSaltAndKey(fields[1:])
	if err != nil {
		return nil, err
	}
	if length != 0 && length != len(key) {
		return nil, ErrMalformedHash
	}
	return newPBKDF2Hash(pbkdf2Digest(name), iterations, salt, key)
}

// pbkdf2Costs gives a zero length where the text states none.
func pbkdf2Costs(text string) (iterations, length int, err error) {
	costs := make([]int, 2)
	switch {
	case strings.Contains(text, ","):
		costs, err = numbers(text, "i", "l")
	case strings.Contains(text, "="):
		costs, err = numbers(text, "i")
	default:
		costs[0], err = number(text)
	}
	if err != nil {
		return 0, 0, err
	}
	if len(costs) == 2 {
		length = costs[1]
	}
	return costs[0], length, nil
}

// parseDjango reads "algorithm$iterations$salt$hash". Its salt is used as the
// text that it is.
func parseDjango(name string, fields []string) (scheme, error) {
	if name != "pbkdf2_sha256" && name != "pbkdf2_sha1" {
		return nil, ErrUnsupportedHash
	}
	if len(fields) != 3 || len(fields[1]) < minSaltBytes || len(fields[1]) > maxSaltBytes {
		return nil, ErrMalformedHash
	}
	iterations, err := number(fields[0])
	if err != nil {
		return nil, err
	}
	key, err := decode(fields[2], minKeyBytes, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	return newPBKDF2Hash(pbkdf2Digest(name), iterations, []byte(fields[1]), key)
}

func newPBKDF2Hash(digest func() hash.Hash, iterations int, salt, key []byte) (scheme, error) {
	blockBytes := digest().Size()
	blocks := (len(key) + blockBytes - 1) / blockBytes
	if iterations > maxPBKDF2Work/blocks {
		return nil, ErrCostlyHash
	}
	return pbkdf2Hash{digest: digest, iterations: iterations, salt: salt, key: key}, nil
}

func (h pbkdf2Hash) matches(password []byte) bool {
	key, err := pbkdf2.Key(h.digest, string(password), h.salt, h.iterations, len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

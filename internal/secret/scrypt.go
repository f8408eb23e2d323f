package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"strings"

	"golang.org/x/crypto/scrypt"
)

const (
	// maxScryptWork caps N·r·p: about half a second. It caps the memory too, which
	// is 128·N·r bytes, at 128 MiB.
	maxScryptWork  = 1 << 20
	maxScryptLog   = 20
	firebaseKey    = 32  // bytes of scrypt's output that key AES-256
	maxFirebaseKey = 128 // bytes of the signer key
)

// scryptCost is scrypt's cost (RFC 7914 §2).
type scryptCost struct{ n, r, p int }

func newScryptCost(log, r, p int) (scryptCost, error) {
	if log > maxScryptLog {
		return scryptCost{}, ErrCostlyHash
	}
	n := 1 << log
	if p > maxScryptWork/n/r { // divided, because the product could overflow
		return scryptCost{}, ErrCostlyHash
	}
	return scryptCost{n: n, r: r, p: p}, nil
}

func (c scryptCost) derive(password, salt []byte, length int) ([]byte, error) {
	return scrypt.Key(password, salt, c.n, c.r, c.p, length)
}

type scryptHash struct {
	cost      scryptCost
	salt, key []byte
}

func parseScrypt(fields []string) (scheme, error) {
	if len(fields) != 3 {
		return nil, ErrMalformedHash
	}
	costs, err := numbers(fields[0], "ln", "r", "p")
	if err != nil {
		return nil, err
	}
	cost, err := newScryptCost(costs[0], costs[1], costs[2])
	if err != nil {
		return nil, err
	}
	salt, key, err := decodeSaltAndKey(fields[1:])
	if err != nil {
		return nil, err
	}
	return scryptHash{cost: cost, salt: salt, key: key}, nil
}

func (h scryptHash) matches(password []byte) bool {
	key, err := h.cost.derive(password, h.salt, len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

// firebaseHash is Firebase's variant: scrypt's output is not the hash but the
// key that encrypts the project's signer key, and that is the hash.
type firebaseHash struct {
	cost              scryptCost
	salt              []byte // with the separator behind it
	signer, encrypted []byte
}

func parseFirebase(fields []string) (scheme, error) {
	if len(fields) != 3 {
		return nil, ErrMalformedHash
	}
	costs, keys, found := strings.Cut(fields[0], ",ss=")
	separator, signer, foundSigner := strings.Cut(keys, ",sk=")
	if !found || !foundSigner {
		return nil, ErrMalformedHash
	}
	values, err := numbers(costs, "v", "n", "r", "p")
	if err != nil {
		return nil, err
	}
	if values[0] != 1 || values[3] != 1 {
		return nil, ErrUnsupportedHash
	}
	cost, err := newScryptCost(values[1], values[2], values[3])
	if err != nil {
		return nil, err
	}
	return newFirebaseHash(cost, separator, signer, fields[1], fields[2])
}

func newFirebaseHash(cost scryptCost, separator, signer, salt, encrypted string) (scheme, error) {
	h := firebaseHash{cost: cost}
	tail, err := decode(separator, 0, maxSaltBytes)
	if err != nil {
		return nil, err
	}
	if h.salt, err = decode(salt, minSaltBytes, maxSaltBytes); err != nil {
		return nil, err
	}
	h.salt = append(h.salt, tail...)
	if h.signer, err = decode(signer, minKeyBytes, maxFirebaseKey); err != nil {
		return nil, err
	}
	// The same length as the signer key, or the comparison would be of a part.
	if h.encrypted, err = decode(encrypted, len(h.signer), len(h.signer)); err != nil {
		return nil, err
	}
	return h, nil
}

func (h firebaseHash) matches(password []byte) bool {
	key, err := h.cost.derive(password, h.salt, firebaseKey)
	if err != nil {
		return false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return false
	}
	encrypted := make([]byte, len(h.signer))
	// The counter starts at zero in Firebase too: the key is this password's own.
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(encrypted, h.signer)
	return subtle.ConstantTimeCompare(encrypted, h.encrypted) == 1
}

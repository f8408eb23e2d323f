package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"watchword"
)

// MinServerSecret is the least length in bytes of a server secret.
const MinServerSecret = 32

const (
	keyIDBytes = 4
	keyBytes   = 32
)

// The errors of what is sealed or authenticated under a server secret. Both
// are faults: whoever checks what came from outside says what they mean there.
var (
	ErrUnknownKey = watchword.NewError(watchword.KindFault, "secret_unknown",
		"This was made under a server secret that is neither the current nor the previous one.")
	ErrTampered = watchword.NewError(watchword.KindFault, "sealed_value_damaged",
		"A sealed or authenticated value does not pass its check.")
)

// The errors of NewKeyring.
var (
	ErrShortSecret = errors.New("a server secret needs at least 32 bytes")
	ErrSameSecret  = errors.New("the previous server secret is the current one")
)

// Keyring holds the keys derived from the server secret, and from the one
// before it while everything moves on to the new one.
type Keyring struct {
	current, previous *serverKey // previous is nil where there is none
}

// serverKey is everything derived from one server secret, made once: deriving
// costs more than using.
type serverKey struct {
	id      [keyIDBytes]byte
	idHex   string
	sealers [purposeCount]cipher.AEAD
	macs    [purposeCount]*macPool
}

// NewKeyring derives the keys of both secrets. previous may be zero.
func NewKeyring(current, previous String) (*Keyring, error) {
	k := new(Keyring)
	var err error
	if k.current, err = deriveKeys(current); err != nil {
		return nil, fmt.Errorf("current secret: %w", err)
	}
	if previous.IsZero() {
		return k, nil
	}
	if k.previous, err = deriveKeys(previous); err != nil {
		return nil, fmt.Errorf("previous secret: %w", err)
	}
	if k.previous.id == k.current.id {
		return nil, ErrSameSecret
	}
	return k, nil
}

// CurrentID is the id of the secret that seals and signs now, in lower-case hex.
func (k *Keyring) CurrentID() string { return k.current.idHex }

// PreviousID is the id of the secret before it, if that is still known.
func (k *Keyring) PreviousID() (id string, ok bool) {
	if k.previous == nil {
		return "", false
	}
	return k.previous.idHex, true
}

// Knows says whether the id names the current or the previous secret.
func (k *Keyring) Knows(id string) bool {
	_, err := k.named(id)
	return err == nil
}

func (k *Keyring) named(id string) (*serverKey, error) {
	switch {
	case id == k.current.idHex:
		return k.current, nil
	case k.previous != nil && id == k.previous.idHex:
		return k.previous, nil
	default:
		return nil, ErrUnknownKey
	}
}

func deriveKeys(secret String) (*serverKey, error) {
	if len(secret.Reveal()) < MinServerSecret {
		return nil, ErrShortSecret
	}
	root, err := hkdf.Extract(sha256.New, []byte(secret.Reveal()), nil)
	if err != nil {
		return nil, err
	}
	key := new(serverKey)
	id, err := hkdf.Expand(sha256.New, root, "watchword key id", keyIDBytes)
	if err != nil {
		return nil, err
	}
	copy(key.id[:], id)
	key.idHex = hex.EncodeToString(id)
	for purpose := range purposeCount {
		if err := key.derive(root, purpose); err != nil {
			return nil, err
		}
	}
	return key, nil
}

// derive makes the purpose's keys. Sealing and MACs never share one.
func (key *serverKey) derive(root []byte, purpose Purpose) error {
	sealing, err := hkdf.Expand(sha256.New, root, "watchword seal "+purpose.label(), keyBytes)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return err
	}
	// It draws the nonce itself: no caller, and no test's reader, can repeat one,
	// which would undo AES-GCM.
	if key.sealers[purpose], err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return err
	}
	macKey, err := hkdf.Expand(sha256.New, root, "watchword mac "+purpose.label(), keyBytes)
	if err != nil {
		return err
	}
	key.macs[purpose] = newMACPool(macKey)
	return nil
}

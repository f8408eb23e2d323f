package secret

import "encoding/hex"

// A sealed value is a version, the id of the key, and the nonce, ciphertext and
// tag of AES-256-GCM.
const (
	sealVersion = 1
	headerBytes = 1 + keyIDBytes
)

// Seal encrypts under the current secret. associated is what the value belongs
// to, such as the id of its row: it is authenticated but not kept, so that a
// value moved to another row does not open there.
func (k *Keyring) Seal(purpose Purpose, plaintext, associated []byte) []byte {
	aead := k.current.sealers[purpose]
	sealed := make([]byte, 0, headerBytes+len(plaintext)+aead.Overhead())
	sealed = append(append(sealed, sealVersion), k.current.id[:]...)
	return aead.Seal(sealed, nil, plaintext, bound(sealed, associated))
}

// Open decrypts with the key that the value names, and no other. The error is
// ErrUnknownKey or ErrTampered.
func (k *Keyring) Open(purpose Purpose, sealed, associated []byte) ([]byte, error) {
	id, err := k.SealedBy(sealed)
	if err != nil {
		return nil, err
	}
	key, err := k.named(id)
	if err != nil {
		return nil, err
	}
	header, box := sealed[:headerBytes], sealed[headerBytes:]
	plaintext, err := key.sealers[purpose].Open(nil, nil, box, bound(header, associated))
	if err != nil {
		return nil, ErrTampered.Because(err)
	}
	return plaintext, nil
}

// Reseal opens a value and seals it under the current secret: nil where that has
// been done. The error is that of Open.
func (k *Keyring) Reseal(purpose Purpose, sealed, associated []byte) ([]byte, error) {
	if id, err := k.SealedBy(sealed); err != nil || id == k.CurrentID() {
		return nil, err
	}
	plaintext, err := k.Open(purpose, sealed, associated)
	if err != nil {
		return nil, err
	}
	return k.Seal(purpose, plaintext, associated), nil
}

// SealedBy is the id of the key under which a value was sealed, whether or not
// this Keyring knows it. What does not look sealed is ErrTampered.
func (k *Keyring) SealedBy(sealed []byte) (keyID string, err error) {
	if len(sealed) < headerBytes || sealed[0] != sealVersion {
		return "", ErrTampered
	}
	return hex.EncodeToString(sealed[1:headerBytes]), nil
}

// bound is what GCM authenticates besides the plaintext. The header has a fixed
// length, so nothing can slide from it into associated.
func bound(header, associated []byte) []byte {
	return append(header[:headerBytes:headerBytes], associated...)
}

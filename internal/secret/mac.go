package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// MACBytes is the length of a MAC.
const MACBytes = sha256.Size

// MAC is the HMAC-SHA-256 of the parts under the named secret. Every part goes
// in behind its length, so that ("ab", "c") and ("a", "bc") differ. The error is
// ErrUnknownKey.
func (k *Keyring) MAC(purpose Purpose, keyID string, parts ...[]byte) ([]byte, error) {
	key, err := k.named(keyID)
	if err != nil {
		return nil, err
	}
	mac := key.macs[purpose].sum(parts)
	return mac[:], nil
}

// CheckMAC compares in constant time. The error is ErrUnknownKey or ErrTampered.
func (k *Keyring) CheckMAC(purpose Purpose, keyID string, mac []byte, parts ...[]byte) error {
	key, err := k.named(keyID)
	if err != nil {
		return err
	}
	want := key.macs[purpose].sum(parts)
	if !hmac.Equal(mac, want[:]) {
		return ErrTampered
	}
	return nil
}

// macPool keeps keyed states: keying HMAC anew costs as much again as a short
// message, and seven allocations.
type macPool struct{ states sync.Pool }

type macState struct {
	keyed hash.Hash
	input []byte
}

func newMACPool(key []byte) *macPool {
	pool := new(macPool)
	pool.states.New = func() any { return &macState{keyed: hmac.New(sha256.New, key)} }
	return pool
}

func (p *macPool) sum(parts [][]byte) (mac [MACBytes]byte) {
	state := p.states.Get().(*macState)
	defer p.states.Put(state)
	// Gathered first: a part passed to the hash's interface would escape to the heap.
	state.input = state.input[:0]
	for _, part := range parts {
		state.input = binary.BigEndian.AppendUint64(state.input, uint64(len(part)))
		state.input = append(state.input, part...)
	}
	state.keyed.Reset()
	state.keyed.Write(state.input)
	state.input = state.keyed.Sum(state.input[:0])
	copy(mac[:], state.input)
	return mac
}

package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Life is how long a key stands for its first call.
const Life = 24 * time.Hour

// ErrKeyReused says that a key was used before, for something else.
var ErrKeyReused = watchword.NewError(watchword.KindConflict, "idempotency_key_reused",
	"This Idempotency-Key was used before, for another call. Use a new key for each.")

// Call is a call that makes something. The zero Call has no key and is never a
// repetition.
type Call struct {
	digest  []byte // of who calls, and their key
	asks    []byte // for what
	secrets []secret.String
}

// Made is what the first call with a key has made.
type Made struct {
	Resource string        // its id
	Secret   secret.String // that is shown once; zero: none
}

// NewCall is a call of the actor with a key; an empty key is none. What is asked
// for is told by the operation's name, the request's body, and the secrets in it,
// which as JSON are all alike.
func NewCall(actor, key, operation string, body any, secrets ...secret.String) (Call, error) {
	if key == "" {
		return Call{}, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return Call{}, fmt.Errorf("digest the call: %w", err)
	}
	who := sha256.Sum256([]byte(actor + "\x00" + key))
	return Call{digest: who[:], asks: append([]byte(operation+"\x00"), text...), secrets: secrets}, nil
}

func (k Call) parts() [][]byte {
	parts := [][]byte{k.digest, k.asks}
	for _, one := range k.secrets {
		parts = append(parts, []byte(one.Reveal()))
	}
	return parts
}

// request tells what is asked for, under the server secret and behind its id: a bare
// digest would tell whoever reads the database whether a password was guessed.
func (k Call) request(keyring *secret.Keyring) ([]byte, error) {
	mac, err := keyring.MAC(secret.PurposeIdempotency, keyring.CurrentID(), k.parts()...)
	return append([]byte(keyring.CurrentID()), mac...), err
}

// is says whether a record is of this call. One under a secret that is no longer
// known may be of any: it is none, so that nobody takes for done what was not.
func (k Call) is(request []byte, keyring *secret.Keyring) bool {
	at := len(request) - secret.MACBytes
	return at > 0 && keyring.CheckMAC(secret.PurposeIdempotency, string(request[:at]), request[at:], k.parts()...) == nil
}

// Earlier is what the first call with this key has made; ok is false where this
// is the first. ErrKeyReused: it asked for something else.
func (k Call) Earlier(ctx context.Context, c *store.Conn, keyring *secret.Keyring) (made Made, ok bool, err error) {
	if k.digest == nil {
		return Made{}, false, nil
	}
	row, err := c.IdempotencyKey(ctx, k.digest)
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.Now().Before(row.ExpiresAt) {
		return Made{}, false, nil
	}
	if err != nil {
		return Made{}, false, err
	}
	if !k.is(row.Request, keyring) {
		return Made{}, false, ErrKeyReused
	}
	made.Resource = row.Resource
	if len(row.Sealed) > 0 {
		text, err := keyring.Open(secret.PurposeIdempotency, row.Sealed, k.digest)
		if err != nil {
			return Made{}, false, fmt.Errorf("open what was shown once: %w", err)
		}
		made.Secret = secret.NewString(string(text))
	}
	return made, true, nil
}

// Record remembers what this call has made, in the transaction that makes it.
// store.ErrDuplicate: a call at the same time was first; the transaction must fail,
// and Earlier tells what that one has made.
func (k Call) Record(ctx context.Context, c *store.Conn, keyring *secret.Keyring, made Made) error {
	if k.digest == nil {
		return nil
	}
	request, err := k.request(keyring)
	if err != nil {
		return err
	}
	row := store.IdempotencyKey{Digest: k.digest, Request: request, Resource: made.Resource, Sealed: []byte{}, ExpiresAt: c.Now().Add(Life)}
	if !made.Secret.IsZero() {
		row.Sealed = keyring.Seal(secret.PurposeIdempotency, []byte(made.Secret.Reveal()), k.digest)
	}
	return c.InsertIdempotencyKey(ctx, row)
}

// Repeated is what an earlier call with this key has made, as read finds it now; ok
// is false where this is the first. ErrKeyReused: it asked for something else.
func Repeated[T any](ctx context.Context, s *store.Store, keyring *secret.Keyring, k Call, read func(Made) (T, error)) (value T, ok bool, err error) {
	made, ok, err := k.Earlier(ctx, s.Read(), keyring)
	if ok && err == nil {
		value, err = read(made)
	}
	return value, ok, err
}

// Once is what a call makes: what an earlier one with its key has made, as read
// finds it now, or what create makes. create runs in a transaction, with the
// record of what it made; like any such it may run more than once.
func Once[T any](ctx context.Context, s *store.Store, keyring *secret.Keyring, k Call,
	read func(Made) (T, error), create func(*store.Conn) (T, Made, error),
) (T, error) {
	value, found, err := Repeated(ctx, s, keyring, k, read)
	if found || err != nil {
		return value, err
	}
	err = s.Tx(ctx, func(c *store.Conn) error {
		var made Made
		if value, made, err = create(c); err != nil {
			return err
		}
		return k.Record(ctx, c, keyring, made)
	})
	if err == nil {
		return value, nil
	}
	// The same call at the same time may have been first, and then what this one
	// was refused for is that one's doing: the address is taken, say.
	if first, found, errAgain := Repeated(ctx, s, keyring, k, read); found || errAgain != nil {
		return first, errAgain
	}
	var none T
	return none, err
}

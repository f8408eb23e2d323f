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
	digest, request []byte
}

// Made is what the first call with a key has made.
type Made struct {
	Resource string        // its id
	Secret   secret.String // that is shown once; zero: none
}

// NewCall is a call of the actor with a key; an empty key is none. What is asked
// for is told by the operation's name and the request's body.
func NewCall(actor, key, operation string, body any) (Call, error) {
	if key == "" {
		return Call{}, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return Call{}, fmt.Errorf("digest the call: %w", err)
	}
	who := sha256.Sum256([]byte(actor + "\x00" + key))
	what := sha256.Sum256(append([]byte(operation+"\x00"), text...))
	return Call{digest: who[:], request: what[:]}, nil
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
	if string(row.Request) != string(k.request) {
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
	row := store.IdempotencyKey{Digest: k.digest, Request: k.request, Resource: made.Resource, Sealed: []byte{}, ExpiresAt: c.Now().Add(Life)}
	if !made.Secret.IsZero() {
		row.Sealed = keyring.Seal(secret.PurposeIdempotency, []byte(made.Secret.Reveal()), k.digest)
	}
	return c.InsertIdempotencyKey(ctx, row)
}

// Once is what a call makes: what an earlier one with its key has made, as read
// finds it now, or what create makes. create runs in a transaction, with the
// record of what it made; like any such it may run more than once.
func Once[T any](ctx context.Context, s *store.Store, keyring *secret.Keyring, k Call,
	read func(Made) (T, error), create func(*store.Conn) (T, Made, error),
) (T, error) {
	again := func() (value T, found bool, err error) {
		made, found, err := k.Earlier(ctx, s.Read(), keyring)
		if found && err == nil {
			value, err = read(made)
		}
		return value, found, err
	}
	value, found, err := again()
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
	if first, found, errAgain := again(); found || errAgain != nil {
		return first, errAgain
	}
	var none T
	return none, err
}

package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/secret"
	"watchword/internal/store"
)

// ring is the keys as they were read at one moment; it never changes.
type ring struct {
	keys []ringKey // oldest first
}

type ringKey struct {
	store.SigningKey
	public jose.JSONWebKey
	signer signer
}

var errNoKey = errors.New("there is no signing key")

func openRing(keyring *secret.Keyring, rows []store.SigningKey) (*ring, error) {
	r := &ring{keys: make([]ringKey, 0, len(rows))}
	for _, row := range rows {
		opened, err := unseal(keyring, row)
		if errors.Is(err, secret.ErrUnknownKey) {
			return nil, ErrSecret
		}
		if err != nil {
			return nil, fmt.Errorf("open signing key %s: %w", row.ID, err)
		}
		r.keys = append(r.keys, opened)
	}
	return r, nil
}

// signing is the key that signs now: of those whose time has come, the last.
// All nodes answer alike, because each has known the key since it was published.
// The very first signs at once, for a node whose clock is behind its maker's, too.
func (r *ring) signing(now time.Time) (ringKey, error) {
	for i := len(r.keys) - 1; i >= 0; i-- {
		key := r.keys[i]
		if (i == 0 || !now.Before(key.SignsAt)) && !key.gone(now) {
			return key, nil
		}
	}
	return ringKey{}, errNoKey
}

func (r *ring) published(id string, now time.Time) (ringKey, bool) {
	for _, key := range r.keys {
		if key.ID == id && !key.gone(now) {
			return key, true
		}
	}
	return ringKey{}, false
}

func (r *ring) set(now time.Time) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range r.keys {
		if !key.gone(now) {
			set.Keys = append(set.Keys, key.public)
		}
	}
	return set
}

func (k ringKey) gone(now time.Time) bool {
	return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt)
}

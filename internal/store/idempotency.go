package store

import (
	"context"
	"time"

	"watchword/internal/store/internal/sqlgen"
)

// IdempotencyKey is what came of a call that may be sent again.
type IdempotencyKey struct {
	Digest    []byte // of who calls, and their key
	Request   []byte // digest of what they ask for
	Resource  string // the id of what was made
	Sealed    []byte // what is shown once; empty: nothing
	ExpiresAt time.Time
}

// InsertIdempotencyKey records what a call has made. ErrDuplicate: another call
// with the key was first.
func (c *Conn) InsertIdempotencyKey(ctx context.Context, k IdempotencyKey) error {
	n, err := c.q.InsertIdempotencyKey(c.bound(ctx), sqlgen.InsertIdempotencyKeyParams{
		Digest: k.Digest, Request: k.Request, Resource: k.Resource, Sealed: k.Sealed, Now: micros(c.now), ExpiresAt: micros(k.ExpiresAt),
	})
	return inserted("insert idempotency key", n, err)
}

// IdempotencyKey reads what came of an earlier call. ErrNotFound: there was none.
func (c *Conn) IdempotencyKey(ctx context.Context, digest []byte) (IdempotencyKey, error) {
	row, err := c.q.GetIdempotencyKey(c.bound(ctx), digest)
	return IdempotencyKey{
		Digest: row.Digest, Request: row.Request, Resource: row.Resource, Sealed: row.Sealed, ExpiresAt: at(row.ExpiresAt),
	}, translate("read idempotency key", err)
}

package store

import (
	"context"
	"time"

	"watchword/internal/store/internal/sqlgen"
)

// SigningKey is the row of a key that signs access tokens, sealed.
type SigningKey struct {
	ID        string // the kid
	Sequence  int64
	Algorithm string
	Sealed    []byte
	CreatedAt time.Time // published from then on
	SignsAt   time.Time // signs from then on, until the next one does
	ExpiresAt time.Time // out of the key set; zero while in use
}

// SigningKeys lists all, oldest first.
func (c *Conn) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	rows, err := c.q.ListSigningKeys(c.bound(ctx))
	if err != nil {
		return nil, translate("list signing keys", err)
	}
	list := make([]SigningKey, len(rows))
	for i, row := range rows {
		list[i] = SigningKey{
			ID: row.ID, Sequence: row.Sequence, Algorithm: row.Algorithm, Sealed: row.Sealed,
			CreatedAt: at(row.CreatedAt), SignsAt: at(row.SignsAt), ExpiresAt: atNull(row.ExpiresAt),
		}
	}
	return list, nil
}

// InsertSigningKey adds a key. ErrDuplicate: another node has just added the
// next one in sequence.
func (c *Conn) InsertSigningKey(ctx context.Context, k SigningKey) error {
	err := c.q.InsertSigningKey(c.bound(ctx), sqlgen.InsertSigningKeyParams{
		ID: k.ID, Sequence: k.Sequence, Algorithm: k.Algorithm, Sealed: k.Sealed, Now: micros(c.now), SignsAt: micros(k.SignsAt),
	})
	return translate("insert signing key", err)
}

// ExpireSigningKey says when a key that signs no more leaves the key set. One
// that leaves it earlier still does.
func (c *Conn) ExpireSigningKey(ctx context.Context, id string, when time.Time) error {
	_, err := c.q.ExpireSigningKey(c.bound(ctx), nullMicros(when), id)
	return translate("expire signing key", err)
}

// ResealSigningKey replaces the sealed form of a key.
func (c *Conn) ResealSigningKey(ctx context.Context, k SigningKey, sealed []byte) error {
	n, err := c.q.ResealSigningKey(c.bound(ctx), sealed, k.ID, k.Sealed)
	return affected("reseal signing key", n, err)
}

package token

import (
	"context"
	"slices"
	"strconv"
	"time"

	"watchword"
)

// KeyStatus says what a key of the set is there for.
type KeyStatus string

// What it can be.
const (
	KeyPublished KeyStatus = "published" // is to sign later
	KeySigning   KeyStatus = "signing"
	KeyRetired   KeyStatus = "retired" // signs no more; its tokens may still live
)

// Info is what operators see of a key.
type Info struct {
	ID        string // the kid
	Algorithm string
	Status    KeyStatus
	CreatedAt time.Time // published from then on
	SignsAt   time.Time
	ExpiresAt time.Time // out of the set; zero while it signs or is to
	sequence  int64
}

// List is a page of the keys in the set, newest first, and the cursor of the next,
// as they are in the database.
//
// Error: watchword.ErrCursor.
func (k *Keys) List(ctx context.Context, page watchword.Page) (list []Info, next string, err error) {
	if err := k.load(ctx); err != nil {
		return nil, "", err
	}
	before := int64(-1)
	if page.Before != "" {
		if before, err = strconv.ParseInt(page.Before, 10, 64); err != nil || before < 1 {
			return nil, "", watchword.ErrCursor
		}
	}
	r, now := k.ring.Load(), k.options.Clock()
	for _, key := range slices.Backward(r.keys) {
		if !key.gone(now) && (before < 0 || key.Sequence < before) {
			list = append(list, r.info(key, now))
		}
	}
	list, next = watchword.Cut(list, page, func(i Info) string { return strconv.FormatInt(i.sequence, 10) })
	return list, next, nil
}

func (r *ring) info(key ringKey, now time.Time) Info {
	i := Info{
		ID: key.ID, Algorithm: key.Algorithm, Status: KeyRetired, CreatedAt: key.CreatedAt, SignsAt: key.SignsAt, ExpiresAt: key.ExpiresAt,
		sequence: key.Sequence,
	}
	switch signing, err := r.signing(now); {
	case err == nil && signing.ID == key.ID:
		i.Status = KeySigning
	case err == nil && signing.Sequence < key.Sequence:
		i.Status = KeyPublished
	}
	return i
}

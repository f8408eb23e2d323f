package token

import (
	"context"
	"errors"
	"fmt"

	"watchword/internal/secret"
	"watchword/internal/store"
)

// Reseal moves the signing keys that the previous server secret seals to the
// current one, in c's transaction, and answers how many it moved. Moving them
// again moves none, and running servers do not notice: they hold the keys open.
// ErrSecret: a key opens with neither secret.
func Reseal(ctx context.Context, c *store.Conn, keyring *secret.Keyring) (moved int, err error) {
	rows, err := c.SigningKeys(ctx)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		sealed, err := keyring.Reseal(secret.PurposeSigningKey, row.Sealed, []byte(row.ID))
		switch {
		case errors.Is(err, secret.ErrUnknownKey):
			return 0, ErrSecret
		case err != nil:
			return 0, fmt.Errorf("reseal signing key %s: %w", row.ID, err)
		case sealed == nil:
			continue
		}
		err = c.ResealSigningKey(ctx, row, sealed)
		if errors.Is(err, store.ErrNotFound) {
			continue // purged, or moved by somebody else
		}
		if err != nil {
			return 0, err
		}
		moved++
	}
	return moved, nil
}

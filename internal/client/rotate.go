package client

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// How long the older secret lives beside a new one.
const (
	OlderSecretLife    = 24 * time.Hour // where nothing is said
	MaxOlderSecretLife = 30 * 24 * time.Hour
)

// RotateSecret gives a confidential client a new secret, and this is the only
// time that it can be seen: a call that is sent again within a day makes none and
// sees it once more. The secret before it lives on for as long as is said, zero for
// not at all; one that was older still ends now, so two live at the most.
func (a Applications) RotateSecret(ctx context.Context, id watchword.ClientID, olderLives time.Duration, by watchword.Administrator, call idempotency.Call) (Application, secret.String, error) {
	if olderLives < 0 || olderLives > MaxOlderSecretLife {
		return Application{}, secret.String{}, watchword.InvalidField("older_lives", "out_of_range", "This must be from 0s to 30d.")
	}
	if _, ok := a.Registry.inSettings(id); ok {
		return Application{}, secret.String{}, ErrInSettings
	}
	return a.shown(ctx, call, func(c *store.Conn) (issued, error) {
		row, err := c.LockClient(ctx, id)
		if err != nil {
			return issued{}, notFound(err)
		}
		if row.Type != watchword.ClientConfidential {
			return issued{}, ErrNoSecret
		}
		if err := retire(ctx, c, id, olderLives); err != nil {
			return issued{}, err
		}
		key := secret.NewToken(SecretPrefix, a.Random)
		if err := c.InsertClientSecret(ctx, id, secret.Digest(key)); err != nil {
			return issued{}, err
		}
		return issued{application(row), key}, record(ctx, c, by, watchword.EventClientRotated, id, map[string]string{"older_lives": olderLives.String()})
	})
}

// retire makes room for a new secret.
func retire(ctx context.Context, c *store.Conn, id watchword.ClientID, olderLives time.Duration) error {
	if olderLives == 0 {
		// Gone, not ended now: to another node's clock that may be a while yet.
		return c.DeleteClientSecrets(ctx, id)
	}
	return c.ExpireClientSecret(ctx, id, c.Now().Add(olderLives))
}

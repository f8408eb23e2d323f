package client

import (
	"context"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// SecretPrefix begins every secret of a client, so that scanners find one that
// was committed by mistake.
const SecretPrefix = "wcs_"

// Create makes a client; of n the ID is not read. A confidential one gets a
// secret, and this is the only time that it can be seen.
func (a Applications) Create(ctx context.Context, n watchword.Client, by By) (Application, secret.String, error) {
	n = clean(n)
	if err := refused(a.faults(n)); err != nil {
		return Application{}, secret.String{}, err
	}
	var key secret.String
	if n.Type == watchword.ClientConfidential {
		key = secret.NewToken(SecretPrefix, a.Random)
	}
	var made store.Client
	err := a.Store.Tx(ctx, func(c *store.Conn) error {
		id, err := c.InsertClient(ctx, n)
		if err != nil {
			return err
		}
		if !key.IsZero() {
			if err := c.InsertClientSecret(ctx, id, secret.Digest(key)); err != nil {
				return err
			}
		}
		if made, err = c.Client(ctx, id); err != nil {
			return err
		}
		return by.record(ctx, c, watchword.EventClientCreated, id, map[string]string{"name": n.Name, "type": string(n.Type)})
	})
	if err != nil {
		return Application{}, secret.String{}, err
	}
	a.reload(ctx)
	return application(made), key, nil
}

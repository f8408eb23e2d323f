package client

import (
	"context"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// SecretPrefix begins every secret of a client, so that scanners find one that
// was committed by mistake.
const SecretPrefix = "wcs_"

// Create makes a client; of n the ID is not read. A confidential one gets a
// secret, and this is the only time that it can be seen: a call that is sent again
// within a day makes none and sees it once more.
func (a Applications) Create(ctx context.Context, n watchword.Client, by watchword.Administrator, call idempotency.Call) (Application, secret.String, error) {
	n = clean(n)
	if err := refused(a.faults(n)); err != nil {
		return Application{}, secret.String{}, err
	}
	return a.shown(ctx, call, func(c *store.Conn) (issued, error) {
		id, err := c.InsertClient(ctx, n)
		if err != nil {
			return issued{}, err
		}
		var key secret.String
		if n.Type == watchword.ClientConfidential {
			key = secret.NewToken(SecretPrefix, a.Random)
			if err := c.InsertClientSecret(ctx, id, secret.Digest(key)); err != nil {
				return issued{}, err
			}
		}
		made, err := c.Client(ctx, id)
		if err != nil {
			return issued{}, err
		}
		return issued{application(made), key}, record(ctx, c, by, watchword.EventClientCreated, id, map[string]string{"name": n.Name, "type": string(n.Type)})
	})
}

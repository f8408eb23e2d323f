package api

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/client"
)

// Clients are the client applications, as headers name them.
type Clients struct {
	*client.Registry
}

// Asking is who asks by X-Client-Id: the default client where it is empty.
func (c Clients) Asking(ctx context.Context, id string) (watchword.Client, error) {
	named := watchword.ClientID(id)
	if id == "" {
		named = c.Default()
	}
	found, ok, err := c.Lookup(ctx, named)
	// Who makes up one id after the other is not told to try again, and a no to a
	// name that is called signs nobody out.
	if err == nil && !ok || errors.Is(err, client.ErrUnsettled) {
		err = errClientNotFound
	}
	return found, err
}

// Named is the client that X-Client-Id names; empty: none.
func (c Clients) Named(ctx context.Context, id string) (watchword.ClientID, error) {
	if id == "" {
		return "", nil
	}
	found, err := c.Asking(ctx, id)
	return found.ID, err
}

package event

import (
	"context"
	"fmt"

	"watchword"
	"watchword/internal/store"
)

// The actors that are not persons or keys.
const (
	ActorSystem      = "system"
	ActorCommandLine = "cli"
	ActorDevelopment = "dev" // the server itself, run by a developer
)

// ActorUser names a person.
func ActorUser(id watchword.UserID) string { return "user:" + string(id) }

// ActorKey names an API key.
func ActorKey(id watchword.KeyID) string { return "key:" + string(id) }

// Record writes e, which came from origin, in the transaction of c. An event
// that names no actor was the act of its user, or of nobody known.
func Record(ctx context.Context, c *store.Conn, origin watchword.Origin, e watchword.Event) error {
	e.IP, e.UserAgent, e.RequestID = origin.IP, origin.UserAgent, origin.RequestID
	if e.ClientID == "" {
		e.ClientID = origin.ClientID
	}
	if e.Actor == "" && e.UserID != "" {
		e.Actor = ActorUser(e.UserID)
	}
	if err := c.InsertEvent(ctx, e); err != nil {
		return fmt.Errorf("record %s: %w", e.Type, err)
	}
	return nil
}

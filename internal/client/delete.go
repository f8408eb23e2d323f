package client

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// batch is how many sessions end in one transaction, so that nobody waits long
// behind it.
const batch = 1000

// Delete deletes a client and ends its sessions: at once on this node, on every
// other at its next Reload, for where a client is not known none of its sessions
// is good.
func (a Applications) Delete(ctx context.Context, id watchword.ClientID, by watchword.Administrator, want watchword.Precondition) error {
	err := a.change(ctx, id, want, func(c *store.Conn, row store.Client) error {
		if err := c.DeleteClient(ctx, id); err != nil {
			return err
		}
		return record(ctx, c, by, watchword.EventClientDeleted, id, map[string]string{"name": row.Name})
	})
	if err != nil {
		return err
	}
	a.endSessions(context.WithoutCancel(ctx), id)
	return nil
}

// endSessions has lists of sessions show them no more. Where it breaks off, those
// that are left are dead all the same.
func (a Applications) endSessions(ctx context.Context, id watchword.ClientID) {
	for after := watchword.SessionID(""); ; {
		var last watchword.SessionID
		err := a.Store.Write(ctx, func(c *store.Conn) (err error) {
			last, err = c.RevokeClientSessions(ctx, id, after, batch)
			return err
		})
		if err != nil || last == "" {
			return
		}
		after = last
	}
}

package event

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// Log reads the audit record.
type Log struct {
	Store *store.Store
}

// List is one page of events, newest first, and the cursor of the next page,
// empty on the last.
func (l Log) List(ctx context.Context, f watchword.EventFilter, page watchword.Page) (list []watchword.Event, next string, err error) {
	return l.Store.Read().Events(ctx, f, page)
}

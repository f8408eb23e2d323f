package main

import (
	"context"
	"time"

	"watchword/internal/config"
	"watchword/internal/store"
)

// How long what has ended is kept, where no setting says otherwise: long enough
// to tell a replay from garbage, short enough not to grow.
const (
	keepEndedSessions = 7 * 24 * time.Hour
	keepDeadTokens    = 7 * 24 * time.Hour
	keepEndedJobs     = 7 * 24 * time.Hour
	purgeBatch        = 1000
	purgePause        = 50 * time.Millisecond // lets others write between batches
)

// purge deletes what nobody needs any more, batch after batch.
func purge(s *store.Store, keep config.Retention, clock func() time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		for ctx.Err() == nil {
			now := clock()
			more, err := s.Purge(ctx, store.Retention{
				Events: now.Add(-keep.Events), Failures: now.Add(-keep.Failures),
				Sessions: now.Add(-keepEndedSessions), OneTime: now.Add(-keepDeadTokens), Jobs: now.Add(-keepEndedJobs),
				BatchSize: purgeBatch,
			})
			if err != nil || !more {
				return err
			}
			select {
			case <-ctx.Done():
			case <-time.After(purgePause):
			}
		}
		return nil
	}
}

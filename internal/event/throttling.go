package event

import (
	"context"
	"strconv"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/store"
)

// Throttling writes what was refused by limits into the audit record: one line
// for each rule and network and not one for each attempt, or a flood of attempts
// would be a flood of writes.
type Throttling struct {
	Store *store.Store
	Sums  *limit.Throttled
}

// Record writes the sums since the last time.
func (t Throttling) Record(ctx context.Context) error {
	sums := t.Sums.Drain()
	if len(sums) == 0 {
		return nil
	}
	err := t.Store.Tx(ctx, func(c *store.Conn) error {
		for _, sum := range sums {
			err := Record(ctx, c, watchword.Origin{IP: sum.Key}, watchword.Event{
				Type: watchword.EventThrottled, Actor: ActorSystem,
				Data: map[string]string{"rule": sum.Rule, "attempts": strconv.Itoa(sum.Count)},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Sums.Restore(sums)
	}
	return err
}

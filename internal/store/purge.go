package store

import (
	"context"
	"time"

	"watchword"
)

// Retention says before when rows of each sort may go.
type Retention struct {
	Events    time.Time // all events
	Failures  time.Time // events of failed and throttled sign-ins
	Sessions  time.Time // ended ones
	OneTime   time.Time // expired one-time tokens, and ways to providers
	Jobs      time.Time // expired jobs
	BatchSize int       // how many of each sort at the most
}

// Purge deletes one batch of every sort and says whether there may be more.
// Each batch is its own short transaction, so that nobody waits behind it.
func (s *Store) Purge(ctx context.Context, r Retention) (more bool, err error) {
	n := int64(r.BatchSize)
	steps := []func(*Conn) (int64, error){
		func(c *Conn) (int64, error) { return c.q.PurgeEvents(c.bound(ctx), eventFloor(r.Events), n) },
		func(c *Conn) (int64, error) {
			return c.q.PurgeEventsOfType(c.bound(ctx), string(watchword.EventSignInFailed), eventFloor(r.Failures), n)
		},
		func(c *Conn) (int64, error) {
			return c.q.PurgeEventsOfType(c.bound(ctx), string(watchword.EventThrottled), eventFloor(r.Failures), n)
		},
		func(c *Conn) (int64, error) { return c.q.PurgeSessions(c.bound(ctx), micros(r.Sessions), n) },
		func(c *Conn) (int64, error) { return c.q.PurgeOneTimeTokens(c.bound(ctx), micros(r.OneTime), n) },
		func(c *Conn) (int64, error) { return c.q.PurgeProviderFlows(c.bound(ctx), micros(r.OneTime), n) },
		func(c *Conn) (int64, error) { return c.q.PurgeJobs(c.bound(ctx), micros(r.Jobs), n) },
		func(c *Conn) (int64, error) { return c.q.PurgeIdempotencyKeys(c.bound(ctx), micros(c.now), n) },
		func(c *Conn) (int64, error) { return c.eraseExpired(ctx, n) },
		func(c *Conn) (int64, error) { return c.q.DeleteSigningKeys(c.bound(ctx), nullMicros(c.now)) },
	}
	for _, step := range steps {
		var deleted int64
		err := s.Write(ctx, func(c *Conn) (err error) {
			deleted, err = step(c)
			return translate("purge", err)
		})
		if err != nil {
			return false, err
		}
		more = more || deleted >= n
	}
	return more, nil
}

// EraseExpired takes the payload from jobs that nobody wants any more: a mail
// loses the token that it holds with the token's end.
func (s *Store) EraseExpired(ctx context.Context) error {
	const batch = 1000
	for {
		var erased int64
		err := s.Write(ctx, func(c *Conn) (err error) {
			erased, err = c.eraseExpired(ctx, batch)
			return translate("erase expired jobs", err)
		})
		if err != nil || erased < batch {
			return err
		}
	}
}

func (c *Conn) eraseExpired(ctx context.Context, n int64) (int64, error) {
	return c.q.EraseExpiredJobs(c.bound(ctx), []byte{}, nullMicros(c.now), n)
}

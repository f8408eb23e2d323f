package statistics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"watchword"
	"watchword/internal/store"
)

// Overview is the statistics of the installation. What was taken within the last
// minute is answered as it is, on every node alike.
type Overview struct {
	Store *store.Store
	Clock func() time.Time

	asked atomic.Bool // for what Keep is to take
}

const (
	// freshFor is how long statistics are as good as new.
	freshFor = time.Minute
	// share is how many times as long as taking them took they are left alone: where
	// there is much to count, counting must not become what the server does.
	share = 100
	// wait is how long a caller waits for them. Where it takes longer, Keep takes them.
	wait = time.Second
	// patience is how long one caller may take, until another may begin.
	patience = time.Minute
	// keptFor is how old they become where nobody asks.
	keptFor = time.Hour
)

// Read is the statistics of now, or of a moment ago.
func (o *Overview) Read(ctx context.Context) (watchword.Statistics, error) {
	last, err := o.last(ctx)
	if err != nil || o.Clock().Before(last.next) {
		return last.Statistics, err
	}
	if last.Took > wait {
		o.asked.Store(true)
		return last.Statistics, nil
	}
	return o.renew(ctx, last)
}

// Keep takes the statistics for whoever has asked, and once an hour even where
// nobody does: some of what happens on a day is told no longer when the day is read.
func (o *Overview) Keep(ctx context.Context) error {
	last, err := o.last(ctx)
	if err != nil || o.Clock().Before(last.next) {
		return err
	}
	if o.asked.Swap(false) || !o.Clock().Before(last.TakenAt.Add(keptFor)) {
		_, err = o.renew(ctx, last)
	}
	return err
}

// renew takes the statistics, unless somebody else does just now.
func (o *Overview) renew(ctx context.Context, last taken) (watchword.Statistics, error) {
	err := o.Store.Write(ctx, func(c *store.Conn) error { return c.ClaimStatistics(ctx, o.Clock().Add(patience)) })
	switch {
	case errors.Is(err, store.ErrNotFound) && last.known():
		return last.Statistics, nil
	case errors.Is(err, store.ErrNotFound): // the first ever: there is nothing else to answer
		return o.take(ctx, last.Statistics)
	case err != nil:
		return watchword.Statistics{}, err
	}
	began := o.Clock()
	s, err := o.take(ctx, last.Statistics)
	if err != nil {
		return watchword.Statistics{}, err
	}
	ended := o.Clock()
	took := ended.Sub(began)
	return s, o.save(ctx, taken{Statistics: s, Took: took, next: ended.Add(max(freshFor, share*took))})
}

// taken is statistics that were taken, and until when they will do.
type taken struct {
	watchword.Statistics
	Took time.Duration
	next time.Time
}

func (t taken) known() bool { return !t.TakenAt.IsZero() }

// last is what was taken before, if anything was.
func (o *Overview) last(ctx context.Context) (t taken, err error) {
	snapshot, err := o.Store.Read().Statistics(ctx)
	if err != nil || snapshot.Body == "" {
		return t, err
	}
	if err := json.Unmarshal([]byte(snapshot.Body), &t); err != nil {
		return t, fmt.Errorf("decode statistics: %w", err)
	}
	t.next = snapshot.NextAt
	return t, nil
}

func (o *Overview) save(ctx context.Context, t taken) error {
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode statistics: %w", err)
	}
	err = o.Store.Write(ctx, func(c *store.Conn) error {
		return c.SaveStatistics(ctx, store.Snapshot{Body: string(body), TakenAt: t.TakenAt, NextAt: t.next})
	})
	if errors.Is(err, store.ErrNotFound) { // it took so long that another has taken newer ones
		return nil
	}
	return err
}

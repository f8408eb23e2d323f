package statistics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watchword"
	"watchword/internal/store"
)

// Overview is the statistics of the installation. What was taken within the last
// minute is answered as it is, on every node alike.
type Overview struct {
	Store *store.Store
	Clock func() time.Time
}

const (
	// freshFor is how long statistics are as good as new.
	freshFor = time.Minute
	// share is how many times as long as taking them took they are left alone: where
	// there is much to count, counting must not become what the server does.
	share = 100
	// patience is how long one caller may take, until another may begin.
	patience = time.Minute
)

// Read is the statistics of now, or of a moment ago.
func (o Overview) Read(ctx context.Context) (watchword.Statistics, error) {
	last, next, err := o.last(ctx)
	if err != nil {
		return watchword.Statistics{}, err
	}
	known := !last.TakenAt.IsZero()
	if known && o.Clock().Before(next) {
		return last, nil
	}
	err = o.Store.Write(ctx, func(c *store.Conn) error { return c.ClaimStatistics(ctx, o.Clock().Add(patience)) })
	switch {
	case errors.Is(err, store.ErrNotFound) && known: // somebody else takes them just now
		return last, nil
	case errors.Is(err, store.ErrNotFound): // the first ever: there is nothing else to answer
		return o.take(ctx, last)
	case err != nil:
		return watchword.Statistics{}, err
	}
	began := o.Clock()
	taken, err := o.take(ctx, last)
	if err != nil {
		return watchword.Statistics{}, err
	}
	ended := o.Clock()
	return taken, o.keep(ctx, taken, ended.Add(max(freshFor, share*ended.Sub(began))))
}

// Keep takes the statistics even where nobody asks for them: some of what happens
// on a day is told no longer when the day is read.
func (o Overview) Keep(ctx context.Context) error {
	_, err := o.Read(ctx)
	return err
}

// last is what was taken before, and until when that will do; zero: nothing.
func (o Overview) last(ctx context.Context) (s watchword.Statistics, next time.Time, err error) {
	snapshot, err := o.Store.Read().Statistics(ctx)
	if err != nil || snapshot.Body == "" {
		return s, next, err
	}
	if err := json.Unmarshal([]byte(snapshot.Body), &s); err != nil {
		return s, next, fmt.Errorf("decode statistics: %w", err)
	}
	return s, snapshot.NextAt, nil
}

func (o Overview) keep(ctx context.Context, s watchword.Statistics, next time.Time) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode statistics: %w", err)
	}
	err = o.Store.Write(ctx, func(c *store.Conn) error {
		return c.SaveStatistics(ctx, store.Snapshot{Body: string(body), TakenAt: s.TakenAt, NextAt: next})
	})
	if errors.Is(err, store.ErrNotFound) { // it took so long that another has taken newer ones
		return nil
	}
	return err
}

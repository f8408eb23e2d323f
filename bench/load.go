package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// drain is how long the last exchanges may take after the window.
	drain = 20 * time.Second
	// maxRequests bounds a load in count, as its window does in time.
	maxRequests = 20_000_000
	faultPause  = 20 * time.Millisecond
	busyPause   = 100 * time.Millisecond
)

// journey is what one connection does again and again: one exchange or a few that
// are measured together, whose answers it judges. errBusy says that the server declined the work.
type journey func(c *conn) error

// load is one measurement: so many connections, each with its own journey.
type load struct {
	address     string
	connections int
	warmUp      time.Duration // played, not counted
	window      time.Duration
	limit       int64 // of requests in the window, spread evenly; 0: maxRequests
	watched     []int // processes whose time is taken
	beside      []int // others, whose time is taken apart
}

// tally is what came of a load.
type tally struct {
	latencies histogram
	elapsed   time.Duration
	cpu       *time.Duration // of the watched processes; nil where it cannot be known
	besides   *time.Duration // of those beside them
	busy      int64
	faults    map[string]int64 // by what went wrong, in warm-up too
}

func (t *tally) rate() float64 {
	if t.elapsed <= 0 {
		return 0
	}
	return float64(t.latencies.total) / t.elapsed.Seconds()
}

// failed is the number of answers that were not as they must be.
func (t *tally) failed() (n int64) {
	for _, count := range t.faults {
		n += count
	}
	return n
}

func (t *tally) add(other *tally) {
	t.latencies.add(other.latencies)
	t.busy += other.busy
	for fault, n := range other.faults {
		t.faults[fault] += n
	}
}

func newTally() *tally {
	return &tally{latencies: newHistogram(), faults: map[string]int64{}}
}

// phase is where a load stands; every connection reads it after each exchange.
type phase int32

const (
	warming phase = iota
	measuring
	over
)

// run plays one journey per connection and waits for the last answer.
func (l load) run(ctx context.Context, journeyOf func(part int) journey) (*tally, error) {
	runtime.GC() // what the last load left is not this one's to clear
	deadline := time.Now().Add(l.warmUp + l.window + drain)
	conns := make([]*conn, l.connections)
	parts := make([]*tally, l.connections)
	for i := range conns {
		c, err := dial(l.address, deadline)
		if err != nil {
			return nil, err
		}
		conns[i], parts[i] = c, newTally()
	}
	var group sync.WaitGroup
	var at, playing atomic.Int32
	playing.Store(int32(l.connections))
	if l.warmUp <= 0 {
		at.Store(int32(measuring)) // what can be played once is not played uncounted
	}
	done := make(chan struct{})
	for i, c := range conns {
		group.Go(func() {
			l.play(c, journeyOf(i), parts[i], &at)
			if playing.Add(-1) == 0 {
				close(done)
			}
		})
	}
	total := l.time(ctx, &at, done)
	group.Wait()
	for _, part := range parts {
		total.add(part)
	}
	return total, ctx.Err()
}

// time moves the load through its phases and takes the time of each side.
func (l load) time(ctx context.Context, at *atomic.Int32, done <-chan struct{}) *tally {
	total := newTally()
	pause(ctx, l.warmUp, done)
	server, provider := watch(l.watched), watch(l.beside)
	began := time.Now()
	at.Store(int32(measuring))
	pause(ctx, l.window, done)
	at.Store(int32(over))
	total.elapsed = time.Since(began)
	total.cpu, total.besides = server(), provider()
	return total
}

// watch tells what the processes use from now on; nil where it cannot be known.
func watch(processes []int) (spent func() *time.Duration) {
	if len(processes) == 0 {
		return func() *time.Duration { return nil }
	}
	used, known := cpuTime(processes)
	return func() *time.Duration {
		after, still := cpuTime(processes)
		if !known || !still {
			return nil
		}
		spent := after - used
		return &spent
	}
}

func pause(ctx context.Context, d time.Duration, done <-chan struct{}) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	case <-ctx.Done():
	}
}

func (l load) play(c *conn, step journey, t *tally, at *atomic.Int32) {
	defer c.close()
	limit := l.limit
	if limit == 0 {
		limit = maxRequests
	}
	limit = (limit + int64(l.connections) - 1) / int64(l.connections)
	for tries := int64(0); phase(at.Load()) != over && tries < maxRequests && t.latencies.total < limit; tries++ {
		began := time.Now()
		err := step(c)
		took := time.Since(began)
		switch {
		case errors.Is(err, errBusy):
			t.busy++
			time.Sleep(busyPause)
		case err != nil:
			t.faults[err.Error()]++
			time.Sleep(faultPause)
		case phase(at.Load()) == measuring:
			t.latencies.record(took)
		}
	}
}

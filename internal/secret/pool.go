package secret

import (
	"container/list"
	"context"
	"sync"
	"time"

	"watchword"
)

// ErrBusy is the answer when the queue of the hashing pool is full.
var ErrBusy = watchword.NewError(watchword.KindUnavailable, "busy",
	"Too many passwords are being checked at once. Try again in a moment.").After(time.Second)

const (
	// coldAverage is what a hash is taken to last before any was measured.
	coldAverage = 50 * time.Millisecond
	// averageSpan is the number of hashes over which the average mostly forgets.
	averageSpan = 8
)

// HasherStats is a Hasher's state, for metrics. Refused and Done only grow.
type HasherStats struct {
	Workers, Running, Queued int
	Refused, Done            uint64
	Average                  time.Duration // moving average of one hash
}

// pool runs work in its callers' goroutines, at most workers at a time, first
// come first served. It refuses at once what would wait longer than maxWait:
// an unbounded queue would answer everybody too late.
type pool struct {
	workers int
	maxWait time.Duration
	now     func() time.Time

	mu      sync.Mutex
	running int
	waiting list.List // of chan struct{}, closed when the turn has come
	average time.Duration
	refused uint64
	done    uint64
}

func newPool(workers int, maxWait time.Duration, now func() time.Time) *pool {
	return &pool{workers: workers, maxWait: maxWait, now: now, average: coldAverage}
}

// run does the work when its turn comes. The error is ErrBusy, at once, or with
// the context's error as its cause when the context ended first.
func (p *pool) run(ctx context.Context, work func()) error {
	if err := p.acquire(ctx); err != nil {
		return err
	}
	started := p.now()
	defer func() { p.release(p.now().Sub(started)) }()
	work()
	return nil
}

func (p *pool) acquire(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrBusy.Because(context.Cause(ctx))
	}
	p.mu.Lock()
	if p.running < p.workers {
		p.running++
		p.mu.Unlock()
		return nil
	}
	if !p.admits() {
		p.refused++
		p.mu.Unlock()
		return ErrBusy
	}
	turn := make(chan struct{})
	place := p.waiting.PushBack(turn)
	p.mu.Unlock()

	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		p.leave(turn, place)
		return ErrBusy.Because(context.Cause(ctx))
	}
}

// admits says whether one more may wait. One for each worker always may: the
// average of a few slow imported hashes must not shut the pool.
func (p *pool) admits() bool {
	ahead := p.waiting.Len()
	expected := time.Duration(ahead+1) * p.average / time.Duration(p.workers)
	return ahead < p.workers || expected <= p.maxWait
}

// leave gives up a place in the queue, or the turn that came meanwhile.
func (p *pool) leave(turn chan struct{}, place *list.Element) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-turn:
		p.next()
	default:
		p.waiting.Remove(place)
	}
}

func (p *pool) release(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.average += (took - p.average) / averageSpan
	p.next()
}

// next hands the caller's slot to whoever waits longest. The slot is never free
// in between, so nobody who just came can take it.
func (p *pool) next() {
	first := p.waiting.Front()
	if first == nil {
		p.running--
		return
	}
	close(p.waiting.Remove(first).(chan struct{}))
}

func (p *pool) stats() HasherStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return HasherStats{
		Workers: p.workers, Running: p.running, Queued: p.waiting.Len(),
		Refused: p.refused, Done: p.done, Average: p.average,
	}
}

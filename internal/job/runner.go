package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"sync"
	"sync/atomic"
	"time"

	"watchword/internal/store"
)

// Handler does a job. It may be run more than once for the same job (a crash
// between its effect and the mark), so its effect must bear that. An error that
// is Permanent parks the job; any other has it tried again later.
type Handler func(ctx context.Context, j store.Job) error

// ErrPermanent marks what no retry can mend.
var ErrPermanent = errors.New("permanent failure")

// Permanent parks the job because of err.
func Permanent(err error) error { return fmt.Errorf("%w: %w", ErrPermanent, err) }

// Runner claims due jobs and runs them, on every node.
type Runner struct {
	Store    *store.Store
	Handlers map[Kind]Handler // kinds without a handler here are left waiting
	Random   io.Reader
	Log      *slog.Logger

	wake map[Kind]chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

const (
	pollEvery  = time.Second
	slots      = 8               // jobs of one kind that a node works at together
	claimFor   = 2 * time.Minute // a node that dies holds its jobs so long
	jobTimeout = time.Minute
	backoffMin = 5 * time.Second
	backoffMax = 10 * time.Minute
)

// NewRunner makes a runner, which does nothing until Start.
func NewRunner(s *store.Store, handlers map[Kind]Handler, random io.Reader, log *slog.Logger) *Runner {
	r := &Runner{Store: s, Handlers: handlers, Random: random, Log: log, wake: map[Kind]chan struct{}{}}
	for kind := range handlers {
		r.wake[kind] = make(chan struct{}, 1)
	}
	return r
}

// Wake has the runner look at once instead of at its next poll.
func (r *Runner) Wake() {
	for kind := range r.Handlers {
		r.nudge(kind)
	}
}

func (r *Runner) nudge(kind Kind) {
	select {
	case r.wake[kind] <- struct{}{}:
	default: // it has been told
	}
}

// Start runs jobs until Stop.
func (r *Runner) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	for kind, handle := range r.Handlers {
		r.done.Go(func() { r.loop(ctx, kind, handle) })
	}
}

// Stop lets the jobs under way finish and takes no more.
func (r *Runner) Stop() {
	r.stop()
	r.done.Wait()
}

// loop does the jobs of one kind. Kinds do not wait for each other, nor do jobs:
// one that hangs holds its own slot alone.
func (r *Runner) loop(ctx context.Context, kind Kind, handle Handler) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	hands := newHands()
	for {
		r.take(ctx, kind, handle, hands)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake[kind]:
		}
	}
}

// hands are the free slots of one kind, and whether more jobs waited than there
// were slots the last time.
type hands struct {
	free chan struct{}
	more atomic.Bool
}

func newHands() *hands {
	h := &hands{free: make(chan struct{}, slots)}
	for range slots {
		h.free <- struct{}{}
	}
	return h
}

// take claims as many due jobs as there are free slots and sets them going. While
// more may wait, a slot that becomes free has the loop look again.
func (r *Runner) take(ctx context.Context, kind Kind, handle Handler, h *hands) {
	n := len(h.free)
	if n == 0 || ctx.Err() != nil {
		return
	}
	var jobs []store.Job
	err := r.Store.Write(ctx, func(c *store.Conn) (err error) {
		jobs, err = c.ClaimJobs(ctx, string(kind), n, c.Now().Add(claimFor))
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			r.Log.WarnContext(ctx, "jobs could not be claimed; it will be tried again", "kind", kind, "error", err)
		}
		return
	}
	h.more.Store(len(jobs) == n)
	for _, j := range jobs {
		<-h.free
		r.done.Go(func() {
			r.run(context.WithoutCancel(ctx), j, handle)
			h.free <- struct{}{}
			if h.more.Load() {
				r.nudge(kind)
			}
		})
	}
}

func (r *Runner) run(ctx context.Context, j store.Job, handle Handler) {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	failure := r.attempt(ctx, j, handle)
	err := r.Store.Write(ctx, func(c *store.Conn) error { return r.mark(ctx, c, j, failure) })
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		// The claim runs out by itself and the job is done again.
		r.Log.WarnContext(ctx, "a job's outcome could not be written", "kind", j.Kind, "job", j.ID, "error", err)
	}
}

// mark writes a job's outcome.
func (r *Runner) mark(ctx context.Context, c *store.Conn, j store.Job, failure error) error {
	next := c.Now().Add(r.backoff(j.Attempts))
	switch {
	case failure == nil:
		return c.FinishJob(ctx, j.ID)
	case errors.Is(failure, ErrPermanent) || next.After(j.ExpiresAt):
		r.Log.ErrorContext(ctx, "a job failed for good", "kind", j.Kind, "job", j.ID, "attempts", j.Attempts, "error", failure)
		return c.FailJob(ctx, j.ID, failure.Error())
	default:
		r.Log.WarnContext(ctx, "a job failed; it will be tried again", "kind", j.Kind, "job", j.ID, "attempts", j.Attempts, "error", failure)
		return c.RetryJob(ctx, j.ID, next, failure.Error())
	}
}

var errExpired = errors.New("its time is over")

// attempt keeps one poisonous job from taking the process with it.
func (r *Runner) attempt(ctx context.Context, j store.Job, handle Handler) (err error) {
	if r.Store.Read().Now().After(j.ExpiresAt) {
		return Permanent(errExpired) // it waited for a server that was away
	}
	defer func() {
		if p := recover(); p != nil {
			err = Permanent(fmt.Errorf("the handler panicked: %v", p))
		}
	}()
	return handle(ctx, j)
}

// backoff doubles from backoffMin, with up to a quarter of jitter, so that what
// failed together does not come back together.
func (r *Runner) backoff(attempts int64) time.Duration {
	d := backoffMin << min(max(attempts-1, 0), 10)
	d = min(d, backoffMax)
	jitter, err := rand.Int(r.Random, big.NewInt(int64(d/4)))
	if err != nil {
		return d
	}
	return d + time.Duration(jitter.Int64())
}

package limit

import (
	"context"
	"sync/atomic"
	"time"

	"watchword"
)

const (
	// maxWaiting bounds how many attempts wait for others, over all keys: beyond
	// it the answer comes at once. Each costs a request, and with Redis its polling.
	maxWaiting = 256
	pollEvery  = 25 * time.Millisecond
	// undecidedWait is the Retry-After of an attempt whose turn did not come.
	undecidedWait = time.Second
	// wrongPassword names in the audit record what attempts were refused for.
	wrongPassword = "wrong_password"
)

// Attempt is one admitted answer to a secret question, such as a password. Its
// first outcome counts and later ones do nothing, so that Abandoned can be
// deferred. One without an outcome counts as wrong after ten seconds.
type Attempt struct {
	limiter *Limiter // nil when limits are off
	flights []flight // one for each digest key
	settled atomic.Bool
}

// flight is an attempt as it is counted under one digest key.
type flight struct {
	key    digest
	id     int64
	shared bool // counted in Redis
}

// Begin admits an attempt of key, which came from somewhere, before its answer is
// looked at, or returns ErrLimited. From the fifth wrong answer in a row on, refusals last one second,
// doubled by every further wrong answer up to fifteen minutes; after each wait
// one attempt is admitted. Wrong answers and attempts in flight together are
// never more than five: a further attempt waits (Config.Patience at most) for
// the outcome of those in flight. A row ends with a right answer, with Clear, or
// a day after the last admitted attempt.
func (l *Limiter) Begin(ctx context.Context, key string, from watchword.Origin) (*Attempt, error) {
	if l.off {
		return &Attempt{}, nil
	}
	a := &Attempt{limiter: l, flights: make([]flight, 0, len(l.keys))}
	for _, keys := range l.keys {
		f := flight{key: keys.digest(attemptsName, key)}
		if r := l.begin(ctx, &f); r.verdict != admitted {
			a.Abandoned(ctx)
			l.metrics.attempts.refused.Inc()
			l.throttled.Note(wrongPassword, Network(from))
			return nil, limited(r.wait)
		}
		a.flights = append(a.flights, f)
	}
	l.metrics.attempts.taken.Inc()
	return a, nil
}

// Clear forgets the wrong answers of key, as after a password reset.
func (l *Limiter) Clear(ctx context.Context, key string) {
	if l.off {
		return
	}
	for _, keys := range l.keys {
		digest := keys.digest(attemptsName, key)
		if l.shared != nil {
			l.shared.clear(ctx, digest)
		}
		l.tallies.clear(digest)
	}
}

// Succeeded reports a right answer: the row of wrong ones ends.
func (a *Attempt) Succeeded(ctx context.Context) { a.settle(ctx, right) }

// Failed reports a wrong answer.
func (a *Attempt) Failed(ctx context.Context) { a.settle(ctx, wrong) }

// Abandoned reports that the answer was never looked at: it does not count.
func (a *Attempt) Abandoned(ctx context.Context) { a.settle(ctx, void) }

// begin looks until the attempt is admitted, refused, or out of patience.
func (l *Limiter) begin(ctx context.Context, f *flight) ruling {
	r := l.look(ctx, f)
	if r.verdict != undecided {
		return r
	}
	out := ruling{verdict: undecided, wait: undecidedWait}
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return out
	}
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	for r.verdict == undecided {
		select {
		case <-r.again:
			r = l.look(ctx, f)
		case <-patience.C:
			return out
		case <-ctx.Done():
			return out
		}
	}
	return r
}

func (l *Limiter) look(ctx context.Context, f *flight) (r ruling) {
	if l.shared != nil {
		r, f.shared = l.shared.begin(ctx, l.policy, f.key)
	}
	if !f.shared {
		if l.shared != nil {
			l.metrics.fallbacks.Inc()
		}
		r = l.tallies.begin(l.localPolicy(), f.key, l.elapsed())
	}
	f.id = r.id
	return r
}

func (a *Attempt) settle(ctx context.Context, how outcome) {
	l := a.limiter
	if l == nil || !a.settled.CompareAndSwap(false, true) {
		return
	}
	for _, f := range a.flights {
		l.land(ctx, f, how)
	}
}

func (l *Limiter) land(ctx context.Context, f flight, how outcome) {
	if !f.shared {
		l.tallies.settle(l.localPolicy(), f.key, f.id, how, l.elapsed())
		return
	}
	told := l.shared.settle(ctx, l.policy, f.key, f.id, how)
	switch {
	case how == right:
		l.tallies.clear(f.key) // what was counted here while Redis was away
	case how == wrong && !told:
		// Redis went away meanwhile: this node, which now counts alone, must know.
		l.tallies.miss(l.localPolicy(), f.key, l.elapsed())
	}
}

// localPolicy is by what this node judges alone.
func (l *Limiter) localPolicy() policy {
	if l.shared != nil {
		return l.policy.stricter()
	}
	return l.policy
}

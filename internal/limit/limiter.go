package limit

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"watchword"
)

// ErrLimited refuses an attempt. What is returned carries RetryAfter in whole
// seconds, at least one.
var ErrLimited = watchword.NewError(watchword.KindLimited, "rate_limited",
	"Too many attempts. Wait a while, then try again.")

// Config is what a Limiter needs.
type Config struct {
	Now func() time.Time
	Log *slog.Logger // gets the alarm when Redis is away; needed with Redis
	// DigestKey keys the digests that stand for keys. Nodes that share a Redis
	// need the same one, derived from the server secret.
	DigestKey []byte
	// OtherKey is that of the other server secret while one replaces the other.
	// Attempts are then counted under both keys, or nodes that have only one of
	// the secrets, or the two the other way round, would each count anew.
	OtherKey []byte
	Redis    *Redis // nil on a node that counts alone
	// Patience is how long an attempt waits for the outcome of earlier ones of
	// the same key: one second if zero.
	Patience time.Duration
}

// Limiter counts attempts. It is safe for concurrent use, and a
// prometheus.Collector.
type Limiter struct {
	off      bool
	now      func() time.Time
	start    time.Time
	keys     []digester // one, or two, in the same order on every node
	shared   *shared    // nil without Redis
	metrics  *metrics
	patience time.Duration
	policy   policy
	waiting  chan struct{} // bounds the attempts that wait at the same time
	tallies  tallies

	throttled Throttled

	mu      sync.RWMutex
	shelves map[string]*shelf
}

// shelf is where one rule's counts and metrics are.
type shelf struct {
	windows windows
	outcomes
}

// New makes a limiter that enforces.
func New(c Config) *Limiter {
	l := &Limiter{
		now: c.Now, start: c.Now(), keys: []digester{c.DigestKey}, patience: c.Patience,
		policy: contractPolicy(), waiting: make(chan struct{}, maxWaiting),
		shelves: make(map[string]*shelf),
	}
	if c.OtherKey != nil {
		l.keys = append(l.keys, c.OtherKey)
		slices.SortFunc(l.keys, func(a, b digester) int { return bytes.Compare(a, b) })
	}
	if l.patience == 0 {
		l.patience = time.Second
	}
	if c.Redis != nil {
		l.shared = &shared{redis: c.Redis, breaker: breaker{now: c.Now, log: c.Log.With("component", "limits")}}
	}
	l.metrics = newMetrics(l.shared)
	return l
}

// Off makes a limiter that accepts everything.
func Off() *Limiter { return &Limiter{off: true} }

// Throttled is what was refused and is not yet in the audit record.
func (l *Limiter) Throttled() *Throttled { return &l.throttled }

// Take counts one attempt of key under rule, which came from somewhere. It
// returns nil, or ErrLimited with the time until the next attempt can pass. It
// never fails otherwise: while Redis is away it counts on this node alone, by a
// stricter rule.
func (l *Limiter) Take(ctx context.Context, rule Rule, key string, from watchword.Origin) error {
	if l.off {
		return nil
	}
	s := l.shelf(rule.Name)
	if wait := l.take(ctx, s, rule, key); wait > 0 {
		l.Refused(rule.Name, from)
		return limited(wait)
	}
	s.taken.Inc()
	return nil
}

// Refused notes a refusal under a limit that is counted elsewhere, like one of
// the limiter's own.
func (l *Limiter) Refused(rule string, from watchword.Origin) {
	if l.off {
		return
	}
	l.shelf(rule).refused.Inc()
	l.throttled.Note(rule, Network(from))
}

func (l *Limiter) take(ctx context.Context, s *shelf, rule Rule, key string) time.Duration {
	if rule.Count < 1 {
		return max(rule.Per, time.Second)
	}
	for _, keys := range l.keys {
		if wait := l.count(ctx, s, rule, keys.digest(rule.Name, key)); wait > 0 {
			return wait
		}
	}
	return 0
}

func (l *Limiter) count(ctx context.Context, s *shelf, rule Rule, digest digest) time.Duration {
	if l.shared != nil {
		if wait, ok := l.shared.take(ctx, rule, digest); ok {
			return wait
		}
		l.metrics.fallbacks.Inc()
		rule = rule.stricter()
	}
	return s.windows.take(rule, digest, l.elapsed())
}

// elapsed is the time since the limiter's start. It follows the monotonic
// clock, so that setting the wall clock frees and locks nobody.
func (l *Limiter) elapsed() time.Duration { return l.now().Sub(l.start) }

func (l *Limiter) shelf(name string) *shelf {
	l.mu.RLock()
	s, ok := l.shelves[name]
	l.mu.RUnlock()
	if ok {
		return s
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok = l.shelves[name]; !ok {
		s = &shelf{outcomes: l.metrics.outcomes(name)}
		l.shelves[name] = s
	}
	return s
}

// limited is ErrLimited with the wait rounded up: a client that comes back after
// whole seconds must not come too early.
func limited(wait time.Duration) error {
	seconds := (wait + time.Second - 1).Truncate(time.Second)
	return ErrLimited.After(max(seconds, time.Second))
}

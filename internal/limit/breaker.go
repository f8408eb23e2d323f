package limit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// probeEvery is how often, while Redis is away, one attempt tries it: so an
	// outage costs one call a second its timeout, not every call.
	probeEvery = time.Second
	// alarmEvery keeps an outage, and a flapping Redis, from flooding the log.
	alarmEvery = time.Minute
)

// breaker knows whether Redis is worth asking. The first failure opens it.
type breaker struct {
	now func() time.Time
	log *slog.Logger

	mu      sync.Mutex
	away    bool
	probeAt time.Time
	alarmAt time.Time // no alarm before
	alarmed bool      // about this outage
}

// ask says whether the caller should ask Redis, and report how that went.
func (b *breaker) ask() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.away {
		return true
	}
	now := b.now()
	if now.Before(b.probeAt) {
		return false
	}
	b.probeAt = now.Add(probeEvery)
	return true
}

// report hears how asking went: nil or the failure.
func (b *breaker) report(ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.opened(ctx, err)
	} else if b.away {
		b.closed(ctx)
	}
}

func (b *breaker) opened(ctx context.Context, err error) {
	now := b.now()
	b.away, b.probeAt = true, now.Add(probeEvery)
	if now.Before(b.alarmAt) {
		return
	}
	b.alarmed, b.alarmAt = true, now.Add(alarmEvery)
	b.log.ErrorContext(ctx, "Redis is away: this node counts limits alone, more strictly", "error", err)
}

func (b *breaker) closed(ctx context.Context) {
	b.away = false
	if b.alarmed { // one line for each alarm
		b.alarmed = false
		b.log.InfoContext(ctx, "Redis is back: limits are shared again")
	}
}

// up is 1 while Redis is believed to answer, else 0.
func (b *breaker) up() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return 0
	}
	return 1
}

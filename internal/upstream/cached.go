package upstream

import (
	"context"
	"sync"
	"time"
)

const (
	refreshEvery = time.Hour
	retryEvery   = time.Minute // while refreshing fails
)

// cached is what a provider publishes of itself. The last one that was good keeps
// working while the provider is down.
type cached[T any] struct {
	fetch func(ctx context.Context) (*T, error)
	clock func() time.Time
	turn  chan struct{} // of size one: who holds it fetches

	mu    sync.Mutex
	value *T // nil: none yet
	due   time.Time
}

func newCached[T any](clock func() time.Time, fetch func(ctx context.Context) (*T, error)) *cached[T] {
	return &cached[T]{fetch: fetch, clock: clock, turn: make(chan struct{}, 1)}
}

func (c *cached[T]) look() (value *T, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.value != nil && c.clock().Before(c.due)
}

// get is the value, fetched where there is none or where it is due again. While
// somebody refreshes it, all others go on with the old one.
func (c *cached[T]) get(ctx context.Context) (*T, error) {
	value, fresh := c.look()
	if fresh {
		return value, nil
	}
	if value != nil {
		select {
		case c.turn <- struct{}{}:
		default:
			return value, nil
		}
		defer c.release()
		if now, fresh := c.look(); fresh {
			return now, nil
		}
		if newer, err := c.renewHolding(ctx); err == nil {
			return newer, nil
		}
		return value, nil
	}
	return c.renew(ctx, nil)
}

// renew is a value other than the one that was seen: that which somebody else has
// fetched meanwhile, or one fetched now.
func (c *cached[T]) renew(ctx context.Context, seen *T) (*T, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer c.release()
	if value, _ := c.look(); value != seen {
		return value, nil
	}
	return c.renewHolding(ctx)
}

func (c *cached[T]) release() { <-c.turn }

// renewHolding fetches. The turn is held.
func (c *cached[T]) renewHolding(ctx context.Context) (*T, error) {
	value, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.due = c.clock().Add(retryEvery)
		return nil, err
	}
	c.value, c.due = value, c.clock().Add(refreshEvery)
	return value, nil
}

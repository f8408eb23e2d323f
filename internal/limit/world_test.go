package limit

import (
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"watchword"
	"watchword/internal/store/storetest"
)

// somewhere is where attempts come from.
var somewhere = watchword.Origin{IP: "192.0.2.7"}

// unit is what one second of the contract's waits lasts in the tests, so that a
// slow machine's own time does not matter beside it.
const unit = time.Minute

func scaledPolicy() policy {
	return policy{wrong: 5, hold: unit, longest: 900 * unit, lease: 10 * unit, memory: 86400 * unit}
}

// world is a place where attempts are counted.
type world struct {
	// node is another node of the world; the memory of one process has only one.
	node    func(t *testing.T) *Limiter
	advance func(t *testing.T, d time.Duration)
}

func memoryWorld(*testing.T) world {
	c := storetest.NewClock()
	l := New(Config{Now: c.Now, Log: slog.New(slog.DiscardHandler), Patience: time.Minute})
	l.policy = scaledPolicy()
	return world{
		node:    func(*testing.T) *Limiter { return l },
		advance: func(_ *testing.T, d time.Duration) { c.Advance(d) },
	}
}

func miniredisWorld(t *testing.T) world {
	return redisWorld(t, "redis://"+miniredis.RunT(t).Addr())
}

func realRedisWorld(t *testing.T) world { return redisWorld(t, startRedis(t).address) }

func redisWorld(t *testing.T, address string) world {
	c := storetest.NewClock()
	direct := openRedis(t, address)
	return world{
		node: func(t *testing.T) *Limiter {
			l := New(Config{
				Now: c.Now, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
				Redis: openRedis(t, address), DigestKey: []byte("of all nodes"),
			})
			l.policy = scaledPolicy()
			return l
		},
		advance: func(t *testing.T, d time.Duration) {
			c.Advance(d)
			age(t, direct.client, d)
		},
	}
}

// openRedis opens Redis with the patience of a busy machine.
func openRedis(t *testing.T, address string) *Redis {
	t.Helper()
	r, err := OpenRedis(address)
	if err != nil {
		t.Fatal(err)
	}
	r.timeout = 20 * time.Second
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// age makes everything in Redis older, whose clock a test cannot turn.
func age(t *testing.T, c redis.UniversalClient, d time.Duration) {
	t.Helper()
	ctx := t.Context()
	for _, key := range must(c.Keys(ctx, "*").Result())(t) {
		ttl := must(c.PTTL(ctx, key).Result())(t)
		if ttl <= 0 {
			t.Fatalf("%s never expires", key)
		}
		if ttl <= d {
			c.Del(ctx, key)
			continue
		}
		switch must(c.Type(ctx, key).Result())(t) {
		case "list":
			for i, at := range must(c.LRange(ctx, key, 0, -1).Result())(t) {
				c.LSet(ctx, key, int64(i), earlier(t, at, d))
			}
		case "hash":
			ageHash(t, c, key, d)
		}
		c.PExpire(ctx, key, ttl-d)
	}
}

func ageHash(t *testing.T, c redis.UniversalClient, key string, d time.Duration) {
	ctx := t.Context()
	fields := must(c.HGetAll(ctx, key).Result())(t)
	c.Del(ctx, key)
	for name, value := range fields {
		switch name {
		case "wrong":
		case "till":
			value = earlier(t, value, d)
		default:
			name = earlier(t, name, d)
		}
		c.HSet(ctx, key, name, value)
	}
}

func earlier(t *testing.T, micros string, d time.Duration) string {
	at := must(strconv.ParseInt(micros, 10, 64))(t)
	return strconv.FormatInt(at-d.Microseconds(), 10)
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// retryAfter demands that err refuses an attempt, and is its wait.
func retryAfter(t *testing.T, err error) time.Duration {
	t.Helper()
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok || e.Kind != watchword.KindLimited || e.Code != "rate_limited" {
		t.Fatalf("got %v, want a refusal", err)
	}
	if e.RetryAfter < time.Second || e.RetryAfter%time.Second != 0 {
		t.Fatalf("Retry-After is %v, want whole seconds, at least one", e.RetryAfter)
	}
	return e.RetryAfter
}

// pass demands that n attempts pass and the next one does not.
func pass(t *testing.T, l *Limiter, rule Rule, key string, n int) time.Duration {
	t.Helper()
	for i := range n {
		if err := l.Take(t.Context(), rule, key, somewhere); err != nil {
			t.Fatalf("attempt %d of %d: %v", i+1, n, err)
		}
	}
	return retryAfter(t, l.Take(t.Context(), rule, key, somewhere))
}

// begin demands that an attempt is admitted.
func begin(t *testing.T, l *Limiter, key string) *Attempt {
	t.Helper()
	a, err := l.Begin(t.Context(), key, somewhere)
	if err != nil {
		t.Fatalf("not admitted: %v", err)
	}
	return a
}

func fail(t *testing.T, l *Limiter, key string, times int) {
	t.Helper()
	for range times {
		begin(t, l, key).Failed(t.Context())
	}
}

// barred demands that an attempt is refused, and is its wait.
func barred(t *testing.T, l *Limiter, key string) time.Duration {
	t.Helper()
	_, err := l.Begin(t.Context(), key, somewhere)
	return retryAfter(t, err)
}

// about demands a wait that began moments ago with the given length.
func about(t *testing.T, got, want time.Duration) {
	t.Helper()
	if got > want || got <= want-unit/2 {
		t.Fatalf("the wait is %v, want %v", got, want)
	}
}

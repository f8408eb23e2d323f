package limit

import (
	"log/slog"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"watchword/internal/store/storetest"
)

// While a server secret replaces another, some nodes have one of them and some
// both, in either order. Each must meet what was counted on the one before.
func TestCountsOutliveAChangeOfTheServerSecret(t *testing.T) {
	t.Parallel()
	address := "redis://" + miniredis.RunT(t).Addr()
	c := storetest.NewClock()
	var nodes []*Limiter
	for _, keys := range [][2]string{{"old", ""}, {"old", "new"}, {"new", "old"}, {"new", ""}} {
		config := Config{
			Now: c.Now, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
			Redis: openRedis(t, address), DigestKey: []byte(keys[0]),
		}
		if keys[1] != "" {
			config.OtherKey = []byte(keys[1])
		}
		l := New(config)
		l.policy = scaledPolicy()
		nodes = append(nodes, l)
	}
	for i, before := range nodes[:len(nodes)-1] {
		after := nodes[i+1]
		email := "ada" + string(rune('0'+i)) + "@example.com"
		for _, pair := range [][2]*Limiter{{before, after}, {after, before}} {
			key := email + map[bool]string{true: " forth", false: " back"}[pair[0] == before]
			pass(t, pair[0], tenPerHour, key, 10)
			retryAfter(t, pair[1].Take(t.Context(), tenPerHour, key, somewhere))

			fail(t, pair[0], key, 5)
			about(t, barred(t, pair[1], key), unit)
		}
	}
}

// What ends a row on a node that knows both secrets ends it under both.
func TestARowEndsUnderBothSecrets(t *testing.T) {
	t.Parallel()
	address := "redis://" + miniredis.RunT(t).Addr()
	node := func(key, other string) *Limiter {
		l := New(Config{
			Now: storetest.NewClock().Now, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
			Redis: openRedis(t, address), DigestKey: []byte(key), OtherKey: []byte(other),
		})
		l.policy = scaledPolicy()
		return l
	}
	one, two := node("old", "new"), node("new", "old")
	fail(t, one, "ada", 4)
	begin(t, two, "ada").Succeeded(t.Context())
	fail(t, one, "ada", 4)
	two.Clear(t.Context(), "ada")
	fail(t, one, "ada", 5)
	barred(t, two, "ada")
}

// An attempt that one of the keys refuses is not in flight under the other.
func TestARefusalUnderOneKeyLeavesNothingUnderTheOther(t *testing.T) {
	t.Parallel()
	address := "redis://" + miniredis.RunT(t).Addr()
	node := func(key string, other []byte) *Limiter {
		l := New(Config{
			Now: storetest.NewClock().Now, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
			Redis: openRedis(t, address), DigestKey: []byte(key), OtherKey: other,
		})
		l.policy = scaledPolicy()
		return l
	}
	a, b, both := node("a", nil), node("b", nil), node("b", []byte("a"))
	fail(t, b, "ada", 5)
	for range 5 {
		barred(t, both, "ada")
	}
	fail(t, a, "ada", 4)
	begin(t, a, "ada").Succeeded(t.Context())
}

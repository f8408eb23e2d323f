package limit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"watchword/internal/store/storetest"
)

func goneContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestRedisHoldsNoAddressesAndNothingForever(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := redisNode(t, storetest.NewClock(), &log, startRedis(t).address)
	const email, ip = "ada@example.com", "192.0.2.77"
	for _, key := range []string{email, ip} {
		if err := l.Take(t.Context(), tenPerHour, key, somewhere); err != nil {
			t.Fatal(err)
		}
		begin(t, l, key).Failed(t.Context())
		begin(t, l, key)
	}
	client := l.shared.redis.client
	keys := must(client.Keys(t.Context(), "*").Result())(t)
	if len(keys) != 4 {
		t.Fatalf("%d keys, want 4", len(keys))
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, "watchword:") {
			t.Errorf("%s is not marked as ours", key)
		}
		if ttl := must(client.PTTL(t.Context(), key).Result())(t); ttl <= 0 {
			t.Errorf("%s never expires", key)
		}
		dump := must(client.Dump(t.Context(), key).Result())(t)
		if strings.Contains(key+dump, "ada") || strings.Contains(key+dump, ip) {
			t.Errorf("%s tells whose it is", key)
		}
	}
	other := New(Config{Now: time.Now, DigestKey: []byte("another secret")})
	if l.keys[0].digest("r", email) == other.keys[0].digest("r", email) {
		t.Error("the digest does not depend on the key: guessed addresses could be tested")
	}
}

func TestRedisPasswordIsNeverTold(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--requirepass", "right-password")
	const canary = "canary-password"
	var log bytes.Buffer
	l := redisNode(t, storetest.NewClock(), &log, strings.Replace(server.address, "//", "//:"+canary+"@", 1))
	pass(t, l, fourPerHour, "k", 2)
	err := l.shared.redis.Ping(t.Context())
	if err == nil || !strings.Contains(log.String(), "Redis is away") {
		t.Fatalf("a wrong password goes unnoticed: %v\n%s", err, &log)
	}
	told := log.String() + err.Error()
	for _, bad := range []string{
		"http://user:" + canary + "@host", "redis://user:" + canary + "@ho st:1", "redis://:" + canary + "@h/x",
		"redis://:" + canary + "%@h", canary, "redis://:" + canary + "@h?nonsense=1", "redis://:" + canary + "@h?addr=h&x=1",
	} {
		r, err := OpenRedis(bad)
		if err == nil {
			t.Errorf("%s is accepted", bad)
			_ = r.Close()
			continue
		}
		told += err.Error()
	}
	if strings.Contains(told, canary) {
		t.Errorf("the password is told:\n%s", told)
	}
}

func TestRedisWithPasswordIsUsed(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--requirepass", "right-password")
	r := openRedis(t, strings.Replace(server.address, "//", "//default:right-password@", 1))
	if err := r.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The store is put into the future, which is what a clock set back looks like.
func TestClockOfRedisSetBackLocksNobodyForLong(t *testing.T) {
	t.Parallel()
	w := realRedisWorld(t)
	l := w.node(t)
	pass(t, l, tenPerHour, "k", 10)
	fail(t, l, "k", 5)
	for range 5 {
		begin(t, l, "lost")
	}
	w.advance(t, -30*time.Minute)
	about(t, retryAfter(t, l.Take(t.Context(), tenPerHour, "k", somewhere)), time.Hour)
	w.advance(t, -10000*unit)
	pass(t, l, tenPerHour, "k", 10)
	about(t, barred(t, l, "k"), 900*unit)
	about(t, barred(t, l, "lost"), unit) // not undecided for days
}

func TestClusterRunsTheScripts(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--cluster-enabled", "yes")
	direct := openRedis(t, server.address).client
	must(direct.ClusterAddSlotsRange(t.Context(), 0, 16383).Result())(t)
	for !strings.Contains(must(direct.ClusterInfo(t.Context()).Result())(t), "cluster_state:ok") {
		time.Sleep(10 * time.Millisecond)
	}
	var log bytes.Buffer
	l := redisNode(t, storetest.NewClock(), &log, fmt.Sprintf("%s?addr=127.0.0.1:%d", server.address, server.port))
	pass(t, l, tenPerHour, "k", 10)
	fail(t, l, "k", 5)
	about(t, barred(t, l, "k"), unit)
	if log.Len() != 0 {
		t.Errorf("the cluster was not used:\n%s", &log)
	}
}

func FuzzOpenRedisNeverTellsTheAddress(f *testing.F) {
	f.Add("redis://user:password@localhost:6379/0")
	f.Add("rediss://:p%40ss@localhost?addr=other:1")
	f.Add("unix:///tmp/redis.sock?db=x")
	f.Fuzz(func(t *testing.T, address string) {
		r, err := OpenRedis(address)
		if err == nil {
			_ = r.Close()
			return
		}
		if !errors.Is(err, ErrRedisURL) || err.Error() != ErrRedisURL.Error() {
			t.Fatalf("an error of its own: %T", err)
		}
	})
}

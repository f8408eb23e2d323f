package limit

import (
	"bytes"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchword/internal/store/storetest"
)

var fourPerHour = Rule{Name: "four", Count: 4, Per: time.Hour}

func redisNode(t *testing.T, c *storetest.Clock, log *bytes.Buffer, address string) *Limiter {
	t.Helper()
	l := New(Config{
		Now: c.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
		Redis: openRedis(t, address), DigestKey: []byte("of all nodes"),
	})
	l.policy = scaledPolicy()
	return l
}

func TestRedisKilledMeansStricterLocalLimitsThenSharedAgain(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	c := storetest.NewClock()
	var logA, logB bytes.Buffer
	a, b := redisNode(t, c, &logA, server.address), redisNode(t, c, &logB, server.address)
	pass(t, a, fourPerHour, "k", 4)
	retryAfter(t, b.Take(t.Context(), fourPerHour, "k", somewhere))
	flying := begin(t, a, "k")

	server.kill()
	pass(t, a, fourPerHour, "k", 2)
	pass(t, a, fourPerHour, "other", 2)
	pass(t, b, fourPerHour, "k", 2)
	flying.Failed(t.Context()) // counts here: two more are left of three
	fail(t, a, "k", 2)
	about(t, barred(t, a, "k"), unit)
	if up := metric(t, a, "watchword_limit_redis_up", ""); up != 0 {
		t.Errorf("redis_up is %v while Redis is away", up)
	}
	if n := metric(t, a, "watchword_limit_fallback_total", ""); n == 0 {
		t.Error("falling back is not counted")
	}

	if !server.start(t) {
		t.Fatal("redis-server does not start again")
	}
	pass(t, a, fourPerHour, "not asked yet", 2) // an outage does not cost every call its timeout
	c.Advance(probeEvery)
	for i, node := range []*Limiter{a, b, a, b} {
		if err := node.Take(t.Context(), fourPerHour, "k", somewhere); err != nil {
			t.Fatalf("attempt %d after the outage: %v", i+1, err)
		}
	}
	retryAfter(t, a.Take(t.Context(), fourPerHour, "k", somewhere))
	retryAfter(t, b.Take(t.Context(), fourPerHour, "k", somewhere))
	if up := metric(t, a, "watchword_limit_redis_up", ""); up != 1 {
		t.Errorf("redis_up is %v after the outage", up)
	}
	if strings.Count(logA.String(), "Redis is away") != 1 || strings.Count(logA.String(), "Redis is back") != 1 {
		t.Errorf("the log does not tell of one outage:\n%s", &logA)
	}
}

func TestRedisThatHangsMeansStricterLocalLimits(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	c := storetest.NewClock()
	var log bytes.Buffer
	l := redisNode(t, c, &log, server.address)
	if err := l.Take(t.Context(), fourPerHour, "before", somewhere); err != nil {
		t.Fatal(err)
	}
	if err := server.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	l.shared.redis.timeout = 20 * time.Millisecond
	pass(t, l, fourPerHour, "k", 2)
	if err := server.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	l.shared.redis.timeout = 20 * time.Second
	c.Advance(probeEvery)
	if err := l.Take(t.Context(), fourPerHour, "k", somewhere); err != nil {
		t.Fatalf("still local: %v", err)
	}
}

func TestRedisThatRefusesToWriteMeansStricterLocalLimits(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	var log bytes.Buffer
	l := redisNode(t, storetest.NewClock(), &log, server.address)
	pass(t, l, fourPerHour, "k", 2)
	fail(t, l, "k", 3)
	about(t, barred(t, l, "k"), unit)
}

func TestRightAnswerEndsWhatWasCountedInAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	c := storetest.NewClock()
	var log bytes.Buffer
	l := redisNode(t, c, &log, server.address)
	server.kill()
	fail(t, l, "k", 2)
	if !server.start(t) {
		t.Fatal("redis-server does not start again")
	}
	c.Advance(probeEvery)
	begin(t, l, "k").Succeeded(t.Context())
	server.kill()
	fail(t, l, "k", 3)
	about(t, barred(t, l, "k"), unit)
}

func TestLongOutageIsAnAlarmAMinute(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	server.kill()
	c := storetest.NewClock()
	var log bytes.Buffer
	l := redisNode(t, c, &log, server.address)
	for range 180 { // seconds: each with a probe that fails
		_ = l.Take(t.Context(), fourPerHour, "k", somewhere)
		c.Advance(probeEvery)
	}
	if n := strings.Count(log.String(), "Redis is away"); n != 3 {
		t.Errorf("%d alarms in three minutes", n)
	}
}

func TestClientsThatGoAwayNeitherOpenTheBreakerNorEscapeTheCount(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := redisNode(t, storetest.NewClock(), &log, startRedis(t).address)
	gone := goneContext(t)
	for range 4 {
		if err := l.Take(gone, fourPerHour, "k", somewhere); err != nil {
			t.Fatal(err)
		}
	}
	retryAfter(t, l.Take(t.Context(), fourPerHour, "k", somewhere))
	for range 5 {
		a, err := l.Begin(gone, "k", somewhere)
		if err != nil {
			t.Fatal(err)
		}
		a.Failed(gone)
	}
	about(t, barred(t, l, "k"), unit)
	if log.Len() != 0 {
		t.Errorf("an alarm about a client:\n%s", &log)
	}
}

package limit

import (
	"net/netip"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watchword/internal/store/storetest"
)

// TestMillionKeysTakeBoundedMemory is not parallel: it measures the heap.
func TestMillionKeysTakeBoundedMemory(t *testing.T) {
	c := storetest.NewClock()
	l := New(Config{Now: c.Now, DigestKey: []byte("secret")})
	pass(t, l, tenPerHour, "at its limit", 10)
	fail(t, l, "locked", 5)
	before := heap()
	for i := range 1_000_000 {
		key := "2001:db8:" + strconv.Itoa(i) + "::/64"
		if err := l.Take(t.Context(), tenPerHour, key, somewhere); err != nil {
			t.Fatalf("a fresh key is refused: %v", err)
		}
		if i%8 == 0 {
			begin(t, l, key).Failed(t.Context())
		}
	}
	grown := heap() - before
	t.Logf("a million keys take %d KiB", grown>>10)
	if grown > 32<<20 {
		t.Error("that is more than two tables may take")
	}
	retryAfter(t, l.Take(t.Context(), tenPerHour, "at its limit", somewhere))
	if wait := barred(t, l, "locked"); wait != time.Second {
		t.Errorf("the wait is %v, want 1s", wait)
	}
	for i := range l.tallies.shards {
		if n := len(l.tallies.shards[i].held); n > shardKeys {
			t.Errorf("a shard of tallies holds %d keys", n)
		}
		if n := len(l.shelf("test").windows.shards[i].held); n > shardKeys {
			t.Errorf("a shard of windows holds %d keys", n)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestExpiredKeysMakeRoomForFreshOnes(t *testing.T) {
	t.Parallel()
	c := storetest.NewClock()
	l := New(Config{Now: c.Now})
	rule := Rule{Name: "short", Count: 1, Per: time.Minute}
	for i := range 20_000 {
		if err := l.Take(t.Context(), rule, strconv.Itoa(i), somewhere); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Second)
	}
	held := 0
	for i := range l.shelf("short").windows.shards {
		held += len(l.shelf("short").windows.shards[i].held)
	}
	if held > 2000 { // 60 are alive at any time
		t.Errorf("%d keys are held", held)
	}
}

func TestFiftyParallelWrongAnswersAreHeldBackUntilTheOutcome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Now: time.Now})
		var looked, turnedAway atomic.Int64
		outcome := make(chan struct{})
		for range 50 {
			go func() {
				a, err := l.Begin(t.Context(), "k", somewhere)
				if err != nil {
					turnedAway.Add(1)
					return
				}
				looked.Add(1)
				<-outcome
				a.Failed(t.Context())
			}()
		}
		synctest.Wait()
		if looked.Load() != 5 || turnedAway.Load() != 0 {
			t.Fatalf("%d looked at, %d turned away before any outcome", looked.Load(), turnedAway.Load())
		}
		close(outcome)
		synctest.Wait()
		if looked.Load() != 5 || turnedAway.Load() != 45 {
			t.Fatalf("%d looked at, %d turned away after five wrong answers", looked.Load(), turnedAway.Load())
		}
	})
}

func TestHundredParallelRightAnswersFitIntoTheDefaultPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Now: time.Now})
		inParallel(100, func(int) {
			a, err := l.Begin(t.Context(), "k", somewhere)
			if err != nil {
				t.Errorf("refused: %v", err)
				return
			}
			time.Sleep(36 * time.Millisecond) // the hash
			a.Succeeded(t.Context())
		})
	})
}

func TestTooManyWaitingAreTurnedAwayAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Now: time.Now})
		for range 5 {
			begin(t, l, "k")
		}
		for range maxWaiting {
			go func() { _, _ = l.Begin(t.Context(), "k", somewhere) }()
		}
		synctest.Wait()
		before := time.Now()
		barred(t, l, "k")
		if !time.Now().Equal(before) {
			t.Error("one more than may wait has waited")
		}
	})
}

func TestContractWaits(t *testing.T) {
	t.Parallel()
	c := storetest.NewClock()
	l := New(Config{Now: c.Now})
	fail(t, l, "k", 5)
	for _, seconds := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		if wait := barred(t, l, "k"); wait != seconds*time.Second {
			t.Fatalf("the wait is %v, want %ds", wait, seconds)
		}
		c.Advance(1)
		if wait := barred(t, l, "k"); wait != seconds*time.Second {
			t.Fatalf("the wait is %v, less than what is left of %ds", wait, seconds)
		}
		c.Advance(seconds*time.Second - 2)
		if wait := barred(t, l, "k"); wait != time.Second {
			t.Fatalf("the last nanosecond is a wait of %v", wait)
		}
		c.Advance(1)
		fail(t, l, "k", 1)
	}
}

func TestOffAcceptsEverything(t *testing.T) {
	t.Parallel()
	l := Off()
	for range 50 {
		if err := l.Take(t.Context(), Rule{Name: "r", Count: 1, Per: time.Hour}, "k", somewhere); err != nil {
			t.Fatal(err)
		}
		begin(t, l, "k").Failed(t.Context())
	}
	l.Clear(t.Context(), "k")
}

func TestIPKey(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.7":                    "192.0.2.7",
		"::ffff:192.0.2.7":             "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":         "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff:ffff:": "",
		"fe80::1%eth0":                 "fe80::/64",
		"::1":                          "::/64",
	} {
		addr, err := netip.ParseAddr(ip)
		if want == "" {
			want = "invalid IP"
		} else if err != nil {
			t.Fatal(err)
		}
		if got := IPKey(addr); got != want {
			t.Errorf("IPKey(%s) = %s, want %s", ip, got, want)
		}
	}
}

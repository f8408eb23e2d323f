package limit

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"

	"watchword/internal/store/storetest"
)

// TestNoWindowHoldsMoreThanTheCount looks back from every attempt that passed,
// and demands that a refusal is due and its wait exact.
func TestNoWindowHoldsMoreThanTheCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rule := Rule{
			Name: "any", Count: rapid.IntRange(1, 8).Draw(t, "count"),
			Per: time.Duration(rapid.IntRange(1, 50).Draw(t, "per")),
		}
		c := storetest.NewClock()
		l := New(Config{Now: c.Now})
		digest := l.keys[0].digest(rule.Name, "k")
		var passed []time.Duration
		for range rapid.IntRange(1, 80).Draw(t, "attempts") {
			c.Advance(time.Duration(rapid.IntRange(0, 20).Draw(t, "pause")))
			now := l.elapsed()
			inWindow := slices.DeleteFunc(slices.Clone(passed), func(at time.Duration) bool { return at+rule.Per <= now })
			wait := l.shelf(rule.Name).windows.take(rule, digest, now)
			switch {
			case len(inWindow) < rule.Count && wait != 0:
				t.Fatalf("refused with %d of %d", len(inWindow), rule.Count)
			case len(inWindow) == rule.Count && wait != inWindow[0]+rule.Per-now:
				t.Fatalf("the wait is %v, want %v", wait, inWindow[0]+rule.Per-now)
			}
			if wait == 0 {
				passed = append(passed, now)
			}
		}
	})
}

// TestScriptsJudgeAsTheMemoryDoes gives both the same attempts at the same times.
func TestScriptsJudgeAsTheMemoryDoes(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	remote := openRedis(t, "redis://"+server.Addr())
	rapid.Check(t, func(t *rapid.T) {
		server.FlushAll()
		ctx := t.Context()
		c := storetest.NewClock()
		server.SetTime(c.Now())
		policy := contractPolicy()
		there := &shared{redis: remote, breaker: breaker{now: c.Now, log: slog.New(slog.DiscardHandler)}}
		here := New(Config{Now: c.Now})
		type flight struct{ here, there int64 }
		var flights []flight
		rule := Rule{Name: "r", Count: 3, Per: 7 * time.Second}
		key := here.keys[0].digest("r", "k")
		t.Repeat(map[string]func(*rapid.T){
			"advance": func(t *rapid.T) {
				d := rapid.SampledFrom([]time.Duration{
					time.Millisecond, time.Second, 2 * time.Second, 10 * time.Second, 15 * time.Minute, 24 * time.Hour,
				}).Draw(t, "by")
				c.Advance(d)
				server.FastForward(d)
				server.SetTime(c.Now())
			},
			"take": func(t *rapid.T) {
				a := here.shelf("r").windows.take(rule, key, here.elapsed())
				b, ok := there.take(ctx, rule, key)
				if !ok || a != b {
					t.Fatalf("here %v, there %v", a, b)
				}
			},
			"begin": func(t *rapid.T) {
				a := here.tallies.begin(policy, key, here.elapsed())
				b, ok := there.begin(ctx, policy, key)
				if !ok || a.verdict != b.verdict || a.wait != b.wait {
					t.Fatalf("here %+v, there %+v", a, b)
				}
				if a.verdict == admitted {
					flights = append(flights, flight{a.id, b.id})
				}
			},
			"settle": func(t *rapid.T) {
				if len(flights) == 0 {
					t.Skip("nothing in flight")
				}
				at := rapid.IntRange(0, len(flights)-1).Draw(t, "which")
				how := rapid.SampledFrom([]outcome{right, wrong, void}).Draw(t, "how")
				here.tallies.settle(policy, key, flights[at].here, how, here.elapsed())
				if !there.settle(ctx, policy, key, flights[at].there, how) {
					t.Fatal("not settled")
				}
				flights = slices.Delete(flights, at, at+1)
			},
		})
	})
}

// TestNeverMoreThanFiveUnprovenAnswers demands that wrong answers in a row and
// answers being looked at are at most five, or one after each wait.
func TestNeverMoreThanFiveUnprovenAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := storetest.NewClock()
		l := New(Config{Now: c.Now, Patience: time.Nanosecond})
		l.policy.lease = time.Hour // no attempt is lost here
		var flying []*Attempt
		inRow, free := 0, c.Now()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c.Advance(time.Duration(rapid.IntRange(0, 800).Draw(t, "pause")) * time.Millisecond)
			a, err := l.Begin(t.Context(), "k", somewhere)
			if err == nil {
				flying = append(flying, a)
				if inRow >= 5 && (len(flying) > 1 || c.Now().Before(free)) || inRow < 5 && inRow+len(flying) > 5 {
					t.Fatalf("admitted with %d wrong and %d in flight", inRow, len(flying))
				}
			}
			for len(flying) > 0 && rapid.Bool().Draw(t, "ends") {
				if rapid.IntRange(0, 9).Draw(t, "right") == 0 {
					flying[0].Succeeded(t.Context())
					inRow = 0
				} else {
					flying[0].Failed(t.Context())
					if inRow++; inRow >= 5 {
						free = c.Now().Add(min(time.Second<<(inRow-5), 15*time.Minute))
					}
				}
				flying = flying[1:]
			}
		}
	})
}

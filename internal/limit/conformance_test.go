package limit

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var tenPerHour = Rule{Name: "test", Count: 10, Per: time.Hour}

// TestEveryBackendKeepsThePromises runs one table over the ways of counting.
func TestEveryBackendKeepsThePromises(t *testing.T) {
	t.Parallel()
	worlds := map[string]func(*testing.T) world{
		"memory": memoryWorld, "miniredis": miniredisWorld, "redis-server": realRedisWorld,
	}
	promises := map[string]func(*testing.T, world){
		"the eleventh of ten is refused":               eleventhIsRefused,
		"keys and rules count apart":                   keysCountApart,
		"the window slides":                            windowSlides,
		"refused attempts do not prolong the wait":     refusedDoNotProlong,
		"in parallel exactly the count passes":         parallelTakes,
		"a rule of nothing refuses":                    ruleOfNothing,
		"waits begin at the fifth wrong and double":    waitsDouble,
		"a right answer ends the row of its key alone": rightEndsRow,
		"a reset ends the row":                         clearEndsRow,
		"abandoned attempts do not count":              abandonedDoNotCount,
		"only the first outcome counts":                firstOutcomeCounts,
		"attempts without outcome count as wrong":      lostCountAsWrong,
		"a late outcome does not count twice":          lateCountsOnce,
		"a row is forgotten after a day":               rowIsForgotten,
		"the sixth waits for an outcome":               sixthWaits,
		"waiting has an end":                           waitingEnds,
		"who goes away waits no longer":                cancelledWaits,
		"parallel wrong answers: five are looked at":   parallelWrong,
		"parallel right answers: none is refused":      parallelRight,
	}
	for where, open := range worlds {
		for promise, keep := range promises {
			t.Run(where+"/"+promise, func(t *testing.T) {
				t.Parallel()
				keep(t, open(t))
			})
		}
	}
}

func eleventhIsRefused(t *testing.T, w world) {
	l := w.node(t)
	about(t, pass(t, l, tenPerHour, "k", 10), time.Hour)
	w.advance(t, 30*time.Minute)
	about(t, retryAfter(t, l.Take(t.Context(), tenPerHour, "k", somewhere)), 30*time.Minute)
	w.advance(t, 30*time.Minute)
	pass(t, l, tenPerHour, "k", 10)
}

func keysCountApart(t *testing.T, w world) {
	l := w.node(t)
	other := tenPerHour
	other.Name = "other"
	pass(t, l, tenPerHour, "k", 10)
	pass(t, l, tenPerHour, "other", 10)
	pass(t, l, other, "k", 10)
}

func windowSlides(t *testing.T, w world) {
	l := w.node(t)
	rule := Rule{Name: "slide", Count: 3, Per: time.Hour}
	if err := l.Take(t.Context(), rule, "k", somewhere); err != nil {
		t.Fatal(err)
	}
	w.advance(t, 40*time.Minute)
	about(t, pass(t, l, rule, "k", 2), 20*time.Minute)
	w.advance(t, 20*time.Minute) // only the first has left the window
	about(t, pass(t, l, rule, "k", 1), 40*time.Minute)
}

func refusedDoNotProlong(t *testing.T, w world) {
	l := w.node(t)
	rule := Rule{Name: "once", Count: 1, Per: time.Hour}
	pass(t, l, rule, "k", 1)
	w.advance(t, 50*time.Minute)
	about(t, retryAfter(t, l.Take(t.Context(), rule, "k", somewhere)), 10*time.Minute)
	w.advance(t, 10*time.Minute)
	pass(t, l, rule, "k", 1)
}

func parallelTakes(t *testing.T, w world) {
	var passed atomic.Int64
	nodes := []*Limiter{w.node(t), w.node(t)}
	inParallel(100, func(i int) {
		if nodes[i%2].Take(t.Context(), tenPerHour, "k", somewhere) == nil {
			passed.Add(1)
		}
	})
	if passed.Load() != 10 {
		t.Fatalf("%d attempts passed, want 10", passed.Load())
	}
}

func ruleOfNothing(t *testing.T, w world) {
	retryAfter(t, w.node(t).Take(t.Context(), Rule{Name: "zero"}, "k", somewhere))
}

func waitsDouble(t *testing.T, w world) {
	l := w.node(t)
	fail(t, l, "k", 5)
	for _, units := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		about(t, barred(t, l, "k"), units*unit)
		w.advance(t, units*unit)
		fail(t, l, "k", 1)
	}
	fail(t, l, "other", 1)
}

func rightEndsRow(t *testing.T, w world) {
	l := w.node(t)
	fail(t, l, "k", 4)
	fail(t, l, "other", 5)
	begin(t, l, "k").Succeeded(t.Context())
	fail(t, l, "k", 5)
	about(t, barred(t, l, "k"), unit)
	about(t, barred(t, l, "other"), unit)
	w.advance(t, unit)
	begin(t, l, "k").Succeeded(t.Context())
	fail(t, l, "k", 5)
	about(t, barred(t, l, "k"), unit)
}

func clearEndsRow(t *testing.T, w world) {
	l := w.node(t)
	fail(t, l, "k", 5)
	barred(t, l, "k")
	l.Clear(t.Context(), "k")
	l.Clear(t.Context(), "never seen")
	fail(t, l, "k", 5)
	about(t, barred(t, l, "k"), unit)
}

func abandonedDoNotCount(t *testing.T, w world) {
	l := w.node(t)
	for range 20 {
		begin(t, l, "k").Abandoned(t.Context())
	}
	fail(t, l, "k", 5)
	w.advance(t, unit)
	begin(t, l, "k").Abandoned(t.Context())
	fail(t, l, "k", 1)
	about(t, barred(t, l, "k"), 2*unit)
}

func firstOutcomeCounts(t *testing.T, w world) {
	l := w.node(t)
	for range 5 {
		a := begin(t, l, "k")
		a.Failed(t.Context())
		a.Failed(t.Context())
		a.Succeeded(t.Context())
		a.Abandoned(t.Context())
	}
	about(t, barred(t, l, "k"), unit)
}

func lostCountAsWrong(t *testing.T, w world) {
	l := w.node(t)
	for range 5 {
		begin(t, l, "k")
	}
	w.advance(t, 10*unit+time.Second)
	about(t, barred(t, l, "k"), unit)
}

func lateCountsOnce(t *testing.T, w world) {
	l := w.node(t)
	late := begin(t, l, "k")
	w.advance(t, 10*unit)
	fail(t, l, "k", 3) // with the late one four
	late.Failed(t.Context())
	fail(t, l, "k", 1)
	about(t, barred(t, l, "k"), unit)
}

func rowIsForgotten(t *testing.T, w world) {
	l := w.node(t)
	fail(t, l, "k", 4)
	w.advance(t, 86400*unit)
	fail(t, l, "k", 5)
	about(t, barred(t, l, "k"), unit)
}

func sixthWaits(t *testing.T, w world) {
	l := w.node(t)
	fail(t, l, "k", 2)
	flying := []*Attempt{begin(t, l, "k"), begin(t, l, "k"), begin(t, l, "k")}
	next := make(chan error)
	go func() {
		_, err := l.Begin(t.Context(), "k", somewhere)
		next <- err
	}()
	flying[0].Succeeded(t.Context())
	if err := <-next; err != nil {
		t.Fatalf("refused although an answer was right: %v", err)
	}
}

func waitingEnds(t *testing.T, w world) {
	l := w.node(t)
	l.patience = time.Millisecond
	for range 5 {
		begin(t, l, "k")
	}
	if wait := barred(t, l, "k"); wait != time.Second {
		t.Fatalf("Retry-After is %v, want 1s", wait)
	}
}

func cancelledWaits(t *testing.T, w world) {
	l := w.node(t)
	l.patience = time.Hour
	for range 5 {
		begin(t, l, "k")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Begin(gone, "k", somewhere)
	retryAfter(t, err)
}

func parallelWrong(t *testing.T, w world) {
	var looked atomic.Int64
	nodes := []*Limiter{w.node(t), w.node(t)}
	inParallel(100, func(i int) {
		a, err := nodes[i%2].Begin(t.Context(), "k", somewhere)
		if err != nil {
			return
		}
		looked.Add(1)
		time.Sleep(time.Millisecond) // the hash
		a.Failed(t.Context())
	})
	if looked.Load() != 5 {
		t.Fatalf("%d wrong answers were looked at, want 5", looked.Load())
	}
	about(t, barred(t, nodes[0], "k"), unit)
}

func parallelRight(t *testing.T, w world) {
	nodes := []*Limiter{w.node(t), w.node(t)}
	inParallel(100, func(i int) {
		a, err := nodes[i%2].Begin(t.Context(), "k", somewhere)
		if err != nil {
			t.Errorf("attempt %d: %v", i, err)
			return
		}
		a.Succeeded(t.Context())
	})
}

func inParallel(n int, act func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { act(i) })
	}
	all.Wait()
}

package secret

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"watchword"
)

// occupied is a pool whose workers are all busy until the returned func is called.
func occupied(t *testing.T, workers int, maxWait time.Duration) (*pool, func()) {
	t.Helper()
	p := newPool(workers, maxWait, time.Now)
	free := make(chan struct{})
	for range workers {
		go func() { _ = p.run(t.Context(), func() { <-free }) }()
	}
	synctest.Wait()
	return p, func() { close(free) }
}

func TestAtMostWorkersRunAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2, time.Hour, time.Now)
		for range 10 {
			go func() { _ = p.run(t.Context(), func() { time.Sleep(time.Second) }) }()
		}
		for range 5 {
			synctest.Wait()
			if s := p.stats(); s.Running != 2 {
				t.Errorf("%d run at once", s.Running)
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if s := p.stats(); s.Running != 0 || s.Done != 10 {
			t.Errorf("at the end %+v", s)
		}
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, free := occupied(t, 1, time.Hour)
		var served []int
		for i := range 8 {
			go func() { _ = p.run(t.Context(), func() { served = append(served, i) }) }()
			synctest.Wait()
		}
		free()
		synctest.Wait()
		if !slices.IsSorted(served) || len(served) != 8 {
			t.Errorf("served %v", served)
		}
	})
}

func TestQueueIsBoundedByExpectedWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		workers int
		average time.Duration
		admits  int
	}{
		{1, 100 * time.Millisecond, 10},
		{2, 100 * time.Millisecond, 20},
		{1, 600 * time.Millisecond, 1},
		{2, time.Hour, 2}, // the floor: one for each worker
	} {
		synctest.Test(t, func(t *testing.T) {
			p, free := occupied(t, c.workers, time.Second)
			defer synctest.Wait()
			defer free()
			p.average = c.average
			for range c.admits {
				go func() { _ = p.run(t.Context(), func() {}) }()
			}
			synctest.Wait()
			err := p.run(t.Context(), func() { t.Error("ran beyond the queue") })
			if s := p.stats(); !errors.Is(err, ErrBusy) || s.Queued != c.admits || s.Refused != 1 {
				t.Errorf("%+v: %v, %+v", c, err, s)
			}
		})
	}
}

func TestBusyTellsWhenToComeBack(t *testing.T) {
	t.Parallel()
	if ErrBusy.Kind != watchword.KindUnavailable || ErrBusy.Code != "busy" || ErrBusy.RetryAfter != time.Second {
		t.Errorf("got %+v", ErrBusy)
	}
}

func TestColdPoolAdmitsSome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, free := occupied(t, 1, time.Second)
		defer synctest.Wait()
		defer free()
		for range 5 {
			go func() { _ = p.run(t.Context(), func() {}) }()
		}
		synctest.Wait()
		if s := p.stats(); s.Queued != 5 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestCancelledLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, free := occupied(t, 1, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- p.run(ctx, func() { t.Error("ran after it had gone") }) }()
		synctest.Wait()
		stayed := false
		go func() { _ = p.run(t.Context(), func() { stayed = true }) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if err := <-left; !errors.Is(err, context.Canceled) || p.stats().Queued != 1 {
			t.Errorf("%v, %+v", err, p.stats())
		}
		free()
		synctest.Wait()
		if !stayed || p.stats().Running != 0 {
			t.Errorf("the next one ran: %v; %+v", stayed, p.stats())
		}
	})
}

func TestTurnThatComesTooLateIsHandedOn(t *testing.T) {
	t.Parallel()
	p := newPool(1, time.Hour, time.Now)
	p.running = 1
	first, second := make(chan struct{}), make(chan struct{})
	place := p.waiting.PushBack(first)
	p.waiting.PushBack(second)
	p.release(0) // gives the slot to the first,
	p.leave(first, place)
	select {
	case <-second: // which had gone
	default:
		t.Error("the slot is lost")
	}
	p.release(0)
	if s := p.stats(); s.Running != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestPanicFreesTheSlot(t *testing.T) {
	t.Parallel()
	p := newPool(1, time.Second, time.Now)
	func() {
		defer func() { _ = recover() }()
		_ = p.run(t.Context(), func() { panic("no") })
	}()
	if s := p.stats(); s.Running != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestAverageFollowsWhatHashesTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1, time.Second, time.Now)
		for range 60 {
			_ = p.run(t.Context(), func() { time.Sleep(400 * time.Millisecond) })
		}
		if s := p.stats(); s.Average < 390*time.Millisecond || s.Average > 400*time.Millisecond {
			t.Errorf("average %v", s.Average)
		}
	})
}

func TestStatsTellTheState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, free := occupied(t, 2, time.Hour)
		h := &Hasher{pool: p}
		go func() { _ = p.run(t.Context(), func() {}) }()
		synctest.Wait()
		if s := h.Stats(); s.Workers != 2 || s.Running != 2 || s.Queued != 1 || s.Done != 0 {
			t.Errorf("got %+v", s)
		}
		free()
		synctest.Wait()
		if s := h.Stats(); s.Running != 0 || s.Queued != 0 || s.Done != 3 {
			t.Errorf("at the end %+v", s)
		}
	})
}

package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

const nowhere = "127.0.0.1:1" // never opened by a journey that does not speak

func TestLoadStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	l := load{address: nowhere, connections: 4, window: time.Minute, limit: 400}
	tally, err := l.run(t.Context(), func(int) journey { return func(*conn) error { return nil } })
	if err != nil {
		t.Fatal(err)
	}
	if tally.latencies.total != 400 || tally.failed() != 0 || tally.busy != 0 {
		t.Errorf("%d requests, %d failed, %d busy", tally.latencies.total, tally.failed(), tally.busy)
	}
}

func TestEveryConnectionHasItsOwnJourney(t *testing.T) {
	t.Parallel()
	played := make([]int, 8)
	l := load{address: nowhere, connections: len(played), window: time.Minute, limit: 80}
	_, err := l.run(t.Context(), func(part int) journey {
		return func(*conn) error { played[part]++; return nil }
	})
	if err != nil {
		t.Fatal(err)
	}
	for part, n := range played {
		if n < 10 {
			t.Errorf("connection %d played %d times", part, n)
		}
	}
}

func TestWrongAndBusyAnswersAreNotCountedAsServed(t *testing.T) {
	t.Parallel()
	outcomes := []error{errors.New("answered 500 fault"), errBusy, errBusy, nil, nil, nil}
	next := 0
	l := load{address: nowhere, connections: 1, window: time.Minute, limit: 3}
	tally, err := l.run(t.Context(), func(int) journey {
		return func(*conn) error { next++; return outcomes[(next-1)%len(outcomes)] }
	})
	if err != nil {
		t.Fatal(err)
	}
	if tally.failed() != 1 || tally.faults["answered 500 fault"] != 1 || tally.busy != 2 || tally.latencies.total < 1 {
		t.Errorf("%d requests, faults %v, %d busy", tally.latencies.total, tally.faults, tally.busy)
	}
}

func TestWarmUpIsPlayedAndNotCounted(t *testing.T) {
	t.Parallel()
	var played atomic.Int64
	l := load{address: nowhere, connections: 2, warmUp: 20 * time.Millisecond, window: time.Minute, limit: 10}
	tally, err := l.run(t.Context(), func(int) journey {
		return func(*conn) error { played.Add(1); time.Sleep(time.Millisecond); return nil }
	})
	if err != nil {
		t.Fatal(err)
	}
	if tally.latencies.total != 10 || played.Load() <= 10 {
		t.Errorf("%d counted of %d played", tally.latencies.total, played.Load())
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	l := load{address: nowhere, connections: 2, window: time.Hour}
	_, err := l.run(ctx, func(int) journey { return func(*conn) error { cancel(); return nil } })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("run = %v, want that it was cancelled", err)
	}
}

func TestLoadOnAForeignMachineIsRefused(t *testing.T) {
	t.Parallel()
	l := load{address: "192.0.2.1:80", connections: 2, window: time.Hour}
	if _, err := l.run(t.Context(), bareHash); !errors.Is(err, errNotLoopback) {
		t.Errorf("run = %v, want a refusal", err)
	}
}

func TestWhatGoesWrongInTheFloodIsTold(t *testing.T) {
	t.Parallel()
	flooded := make(chan struct{})
	l := load{address: nowhere, connections: 1, window: time.Minute, limit: 1}
	flood := func(int) journey {
		turn := 0
		return func(*conn) error {
			turn++
			switch turn {
			case 1:
				return errors.New("answered 500 fault")
			case 2:
				return errBusy
			case 3:
				close(flooded)
			}
			time.Sleep(time.Millisecond)
			return nil
		}
	}
	tally, err := l.runIn(t.Context(), func(int) journey { return func(*conn) error { <-flooded; return nil } }, 1, flood)
	if err != nil {
		t.Fatal(err)
	}
	if tally.latencies.total != 1 || tally.busy != 1 || tally.faults["in the flood: answered 500 fault"] != 1 {
		t.Errorf("%d requests, %d busy, faults %v", tally.latencies.total, tally.busy, tally.faults)
	}
}

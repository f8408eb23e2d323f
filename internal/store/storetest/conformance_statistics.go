package storetest

import (
	"time"

	"watchword/internal/store"
)

var statisticsChecks = map[string]func(*subject){
	"statistics are taken by one at a time": checkStatisticsClaim,
	"older statistics give way to newer":    checkStatisticsOrder,
}

func checkStatisticsClaim(s *subject) {
	ctx := s.Context()
	claim := func() error {
		return s.do(func(c *store.Conn) error { return c.ClaimStatistics(ctx, s.now().Add(time.Minute)) })
	}
	first, err := s.Read().Statistics(ctx)
	if err != nil || first.Body != "" || !first.TakenAt.IsZero() {
		s.Errorf("got %+v (%v)", first, err)
	}
	s.ok(claim())
	s.is(claim(), store.ErrNotFound)
	s.clock.Advance(time.Minute - time.Microsecond)
	s.is(claim(), store.ErrNotFound)
	s.clock.Advance(time.Microsecond)
	s.ok(claim())
	taken := store.Snapshot{Body: "{}", TakenAt: s.now(), NextAt: s.now().Add(2 * time.Minute)}
	s.ok(s.do(func(c *store.Conn) error { return c.SaveStatistics(ctx, taken) }))
	if got, err := s.Read().Statistics(ctx); err != nil || got != taken {
		s.Errorf("got %+v, want %+v (%v)", got, taken, err)
	}
	s.clock.Advance(time.Minute)
	s.is(claim(), store.ErrNotFound)
}

// Whoever counts for longer than they may must not undo what another has counted.
func checkStatisticsOrder(s *subject) {
	ctx := s.Context()
	save := func(taken store.Snapshot) error {
		return s.do(func(c *store.Conn) error { return c.SaveStatistics(ctx, taken) })
	}
	newer := store.Snapshot{Body: "newer", TakenAt: s.now(), NextAt: s.now().Add(time.Minute)}
	s.ok(save(newer))
	s.is(save(store.Snapshot{Body: "older", TakenAt: s.now().Add(-time.Microsecond), NextAt: s.now().Add(time.Hour)}), store.ErrNotFound)
	if got, err := s.Read().Statistics(ctx); err != nil || got != newer {
		s.Errorf("got %+v, want %+v (%v)", got, newer, err)
	}
}

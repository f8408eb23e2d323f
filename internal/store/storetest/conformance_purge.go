package storetest

import (
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

var purgeChecks = map[string]func(*subject){
	"a purge works in batches":                checkPurgeBatches,
	"a purge leaves what is wanted":           checkPurgeLeaves,
	"an expired job loses its payload":        checkPurgeExpiredJobs,
	"a parked job loses its payload, too":     checkPurgeParkedJobs,
	"a purge takes signing keys that are out": checkPurgeSigningKeys,
}

func (s *subject) event(typ watchword.EventType) {
	s.Helper()
	s.ok(s.do(func(c *store.Conn) error { return c.InsertEvent(s.Context(), watchword.Event{Type: typ}) }))
}

func (s *subject) countEvents() int {
	s.Helper()
	list, _, err := s.Read().Events(s.Context(), watchword.EventFilter{}, watchword.Page{Limit: 999})
	s.ok(err)
	return len(list)
}

func checkPurgeBatches(s *subject) {
	for range 25 {
		s.event(watchword.EventSessionEnded)
	}
	s.clock.Advance(time.Hour)
	left := []int{15, 5, 0}
	for i, want := range left {
		more, err := s.Purge(s.Context(), store.Retention{Events: s.now(), BatchSize: 10})
		s.ok(err)
		if got := s.countEvents(); got != want || more != (i < len(left)-1) {
			s.Errorf("after batch %d: %d left, more %v; want %d left", i+1, got, more, want)
		}
	}
}

func checkPurgeLeaves(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	s.event(watchword.EventSignInFailed)
	s.event(watchword.EventThrottled)
	s.event(watchword.EventSessionEnded)
	ended, live := s.session(ada, watchword.Claims{}), s.session(ada, watchword.Claims{})
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, ended.ID) }))
	token := store.OneTimeToken{Digest: []byte("old"), Purpose: store.TokenVerifyEmail, UserID: ada, ExpiresAt: s.now()}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, token) }))
	s.clock.Advance(time.Hour)
	now := s.now()
	s.event(watchword.EventSignInFailed) // at the very time is not before it
	young := s.session(ada, watchword.Claims{})
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, young.ID) }))
	fresh := token
	fresh.Digest, fresh.ExpiresAt = []byte("new"), now
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, fresh) }))

	_, err := s.Purge(ctx, store.Retention{Failures: now, Sessions: now, OneTime: now, Jobs: now, BatchSize: 100, Events: now.Add(-time.Hour)})
	s.ok(err)
	if got := s.countEvents(); got != 2 {
		s.Errorf("%d events left, want that of the session and the young failure", got)
	}
	for id, want := range map[watchword.SessionID]error{ended.ID: store.ErrNotFound, live.ID: nil, young.ID: nil} {
		_, err := s.Read().Session(ctx, id)
		s.is(err, want)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, token) }))
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, fresh) }), store.ErrDuplicate)

	s.clock.Advance(fullLife)
	_, err = s.Purge(ctx, store.Retention{Sessions: s.now(), BatchSize: 100})
	s.ok(err)
	_, err = s.Read().Session(ctx, live.ID)
	s.is(err, store.ErrNotFound)
}

func checkPurgeExpiredJobs(s *subject) {
	ctx := s.Context()
	id := s.job("mail")
	purge := func(jobs time.Time) {
		s.Helper()
		_, err := s.Purge(ctx, store.Retention{Jobs: jobs, BatchSize: 100})
		s.ok(err)
	}
	s.clock.Advance(time.Hour)
	purge(s.now().Add(-24 * time.Hour))
	if jobs, err := s.Read().WaitingJobs(ctx, "", 9); err != nil || len(jobs) != 1 {
		s.Fatalf("at the end of its life: %+v (%v)", jobs, err)
	}
	s.clock.Advance(time.Microsecond)
	purge(s.now().Add(-24 * time.Hour))
	if jobs, err := s.Read().WaitingJobs(ctx, "", 9); err != nil || len(jobs) != 0 {
		s.Errorf("after its life: %+v (%v)", jobs, err)
	}
	s.is(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "again") }), store.ErrNotFound) // it is parked
	s.ok(s.do(func(c *store.Conn) error { return c.RetryJob(ctx, id, s.now(), "") }))               // and there
	purge(s.now())
	s.is(s.do(func(c *store.Conn) error { return c.RetryJob(ctx, id, s.now(), "") }), store.ErrNotFound)
}

func checkPurgeParkedJobs(s *subject) {
	ctx := s.Context()
	id := s.job("mail")
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "reason") }))
	holds := func() error {
		return s.do(func(c *store.Conn) error {
			return c.ResealJob(ctx, store.Job{ID: id, Payload: []byte("mail")}, []byte("mail"))
		})
	}
	s.ok(holds())
	s.clock.Advance(time.Hour + time.Microsecond)
	for _, want := range []bool{true, false} { // one job is a batch of one
		more, err := s.Purge(ctx, store.Retention{Jobs: s.now().Add(-24 * time.Hour), BatchSize: 1})
		s.ok(err)
		if more != want {
			s.Errorf("more to purge: %v, want %v", more, want)
		}
	}
	s.is(holds(), store.ErrNotFound)
}

func checkPurgeSigningKeys(s *subject) {
	ctx := s.Context()
	for i := range int64(3) {
		s.ok(s.do(func(c *store.Conn) error {
			return c.InsertSigningKey(ctx, store.SigningKey{ID: strconv.FormatInt(i, 10), Sequence: i, Sealed: []byte("k"), SignsAt: s.now()})
		}))
		if i < 2 {
			s.ok(s.do(func(c *store.Conn) error {
				return c.ExpireSigningKey(ctx, strconv.FormatInt(i, 10), s.now().Add(time.Duration(i+1)*time.Hour))
			}))
		}
	}
	for i, want := range []int{3, 2, 1, 1} {
		_, err := s.Purge(ctx, store.Retention{BatchSize: 100})
		s.ok(err)
		if keys, err := s.Read().SigningKeys(ctx); err != nil || len(keys) != want {
			s.Errorf("after %d hours: %d keys (%v), want %d", i, len(keys), err, want)
		}
		s.clock.Advance(time.Hour + time.Second)
	}
}

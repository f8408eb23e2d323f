package storetest

import (
	"bytes"
	"sync"
	"time"

	"watchword"
	"watchword/internal/store"
)

var jobChecks = map[string]func(*subject){
	"a job is claimed, held and given back":      checkClaim,
	"each job is claimed exactly once":           checkClaimRace,
	"a finished job is erased":                   checkFinish,
	"a failed job is parked":                     checkFail,
	"what waits and what failed is counted":      checkBacklog,
	"waiting jobs are listed whole and resealed": checkReseal,
}

// job queues a job of a kind and answers its id.
func (s *subject) job(kind string) watchword.MessageID {
	s.Helper()
	j := store.Job{ID: s.Read().NewJobID(), Kind: kind, Payload: []byte(kind), ExpiresAt: s.now().Add(time.Hour)}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertJob(s.Context(), j) }))
	return j.ID
}

// claim takes jobs of a kind for a minute, as a worker does.
func (s *subject) claim(kind string, n int) (jobs []store.Job) {
	s.Helper()
	err := s.do(func(c *store.Conn) (err error) {
		jobs, err = c.ClaimJobs(s.Context(), kind, n, c.Now().Add(time.Minute))
		return err
	})
	if err != nil {
		s.Error(err) // from a worker's goroutine, too
	}
	return jobs
}

func checkClaim(s *subject) {
	ctx := s.Context()
	id, created := s.job("mail"), s.now()
	s.job("other")
	jobs := s.claim("mail", 5)
	if len(jobs) != 1 || jobs[0].ID != id || jobs[0].Kind != "mail" || jobs[0].Attempts != 1 || !bytes.Equal(jobs[0].Payload, []byte("mail")) ||
		!jobs[0].CreatedAt.Equal(created) || !jobs[0].ExpiresAt.Equal(created.Add(time.Hour)) {
		s.Fatalf("got %+v", jobs)
	}
	if again := s.claim("mail", 5); len(again) != 0 {
		s.Errorf("a held job was claimed: %+v", again)
	}
	s.clock.Advance(time.Minute) // whoever held it has died
	if again := s.claim("mail", 5); len(again) != 1 || again[0].Attempts != 2 {
		s.Errorf("got %+v", again)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.RetryJob(ctx, id, s.now().Add(5*time.Second), "reason") }))
	if early := s.claim("mail", 5); len(early) != 0 {
		s.Errorf("claimed before its time: %+v", early)
	}
	s.clock.Advance(5 * time.Second)
	if again := s.claim("mail", 5); len(again) != 1 || again[0].Attempts != 3 {
		s.Errorf("got %+v", again)
	}
	if jobs := s.claim("none", 5); len(jobs) != 0 {
		s.Errorf("got %+v", jobs)
	}
	s.is(s.do(func(c *store.Conn) error {
		return c.InsertJob(ctx, store.Job{ID: id, Kind: "mail", Payload: []byte("mail")})
	}), store.ErrDuplicate)
}

func checkClaimRace(s *subject) {
	const count, workers = 200, 8
	for range count {
		s.job("mail")
	}
	var mu sync.Mutex
	claims := map[watchword.MessageID]int{}
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				jobs := s.claim("mail", 7)
				mu.Lock()
				for _, j := range jobs {
					claims[j.ID]++
				}
				done := len(claims) >= count || s.Failed()
				mu.Unlock()
				if done {
					return
				}
			}
		})
	}
	wait.Wait()
	for id, n := range claims {
		if n != 1 {
			s.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(claims) != count {
		s.Errorf("%d of %d jobs were claimed", len(claims), count)
	}
}

func checkFinish(s *subject) {
	ctx := s.Context()
	id := s.job("mail")
	s.claim("mail", 1)
	s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, id) }))
	s.is(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, id) }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.RetryJob(ctx, id, s.now(), "") }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "") }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error {
		return c.ResealJob(ctx, store.Job{ID: id, Payload: []byte("mail")}, []byte("live"))
	}), store.ErrNotFound)
	s.clock.Advance(2 * time.Minute)
	if jobs := s.claim("mail", 1); len(jobs) != 0 {
		s.Errorf("a finished job was claimed: %+v", jobs)
	}
	s.is(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, "msg_none") }), store.ErrNotFound)
}

func checkFail(s *subject) {
	ctx := s.Context()
	id := s.job("mail")
	s.claim("mail", 1)
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "reason") }))
	s.is(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "reason") }), store.ErrNotFound)
	s.clock.Advance(2 * time.Minute)
	if jobs := s.claim("mail", 1); len(jobs) != 0 {
		s.Errorf("a parked job was claimed: %+v", jobs)
	}
}

func checkBacklog(s *subject) {
	ctx := s.Context()
	first := s.now()
	done, failed := s.job("mail"), s.job("mail")
	s.clock.Advance(time.Second)
	s.job("mail")
	s.job("other")
	s.claim("mail", 1) // held is waiting, too
	list, err := s.Read().Backlogs(ctx)
	s.ok(err)
	for _, b := range list {
		if b.Kind == "mail" && (b.Waiting != 3 || !b.Oldest.Equal(first)) || b.Kind == "other" && b.Waiting != 1 {
			s.Errorf("got %+v", b)
		}
	}
	if len(list) != 2 {
		s.Errorf("got %+v", list)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, done) }))
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, failed, "reason") }))
	failures, err := s.Read().FailedJobs(ctx)
	s.ok(err)
	if len(failures) != 1 || failures[0] != (store.Failures{Kind: "mail", Failed: 1, Latest: s.now()}) {
		s.Errorf("got %+v", failures)
	}
	if list, err := s.Read().Backlogs(ctx); err != nil || len(list) != 2 || list[0].Waiting != 1 || list[1].Waiting != 1 {
		s.Errorf("got %+v (%v)", list, err)
	}
}

func checkReseal(s *subject) {
	ctx := s.Context()
	done := s.job("mail")
	s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, done) }))
	waiting := map[watchword.MessageID]bool{}
	for range 7 {
		waiting[s.job("mail")] = true
	}
	var after watchword.MessageID
	for {
		jobs, err := s.Read().WaitingJobs(ctx, after, 3)
		s.ok(err)
		for _, j := range jobs {
			if !waiting[j.ID] {
				s.Errorf("%s waits no more, or was listed before", j.ID)
			}
			delete(waiting, j.ID)
			s.ok(s.do(func(c *store.Conn) error { return c.ResealJob(ctx, j, []byte("new")) }))
			s.is(s.do(func(c *store.Conn) error { return c.ResealJob(ctx, j, []byte("newer")) }), store.ErrNotFound)
			after = j.ID
		}
		if len(jobs) < 3 {
			break
		}
	}
	if len(waiting) != 0 {
		s.Errorf("%d were not listed", len(waiting))
	}
	for _, j := range s.claim("mail", 99) {
		if string(j.Payload) != "new" {
			s.Errorf("the payload is %q", j.Payload)
		}
	}
}

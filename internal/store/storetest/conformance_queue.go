package storetest

import (
	"slices"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

var queueChecks = map[string]func(*subject){
	"jobs are listed by kind and status":   checkJobList,
	"a parked job is tried once more":      checkRevive,
	"a parked job that is erased is done":  checkErasedFailure,
	"expired payloads are erased, all":     checkEraseExpired,
	"a job of before is nobody's to erase": checkEraseLeaves,
}

func (s *subject) listJobs(status store.JobStatus) (ids []string) {
	s.Helper()
	return turned(s, 2, func(p watchword.Page) ([]store.ListedJob, string, error) {
		return s.Read().Jobs(s.Context(), "mail", status, p)
	},
		func(j store.ListedJob) string { return string(j.ID) })
}

func checkJobList(s *subject) {
	ctx, created := s.Context(), s.now()
	var all []string
	make1 := func(kind string) watchword.MessageID {
		s.clock.Advance(time.Millisecond) // ids sort by it
		j := store.Job{ID: s.Read().NewJobID(), Kind: kind, Label: "reset_password", Payload: []byte("p"), ExpiresAt: s.now().Add(time.Hour)}
		s.ok(s.do(func(c *store.Conn) error { return c.InsertJob(ctx, j) }))
		return j.ID
	}
	ids := map[store.JobStatus][]string{}
	for n := range 9 {
		id := make1("mail")
		status := []store.JobStatus{store.JobWaiting, store.JobFailed, store.JobDone}[n%3]
		switch status {
		case store.JobFailed:
			s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "reason "+strconv.Itoa(n)) }))
		case store.JobDone:
			s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, id) }))
		case store.JobWaiting:
		}
		all = append(all, string(id))
		ids[status] = append(ids[status], string(id))
		make1("other")
	}
	ids[""] = all
	for status, want := range ids {
		slices.Reverse(want)
		if got := s.listJobs(status); !slices.Equal(got, want) {
			s.Errorf("%q: got %v, want %v", status, got, want)
		}
	}
	list, _, err := s.Read().Jobs(ctx, "mail", store.JobFailed, watchword.Page{Limit: 9})
	s.ok(err)
	j := list[len(list)-1]
	if j.Label != "reset_password" || j.Status != store.JobFailed || j.LastError != "reason 1" || !j.EndedAt.After(created) || !j.ExpiresAt.Equal(j.CreatedAt.Add(time.Hour)) || !j.RunAt.Equal(j.CreatedAt) {
		s.Errorf("got %+v", j)
	}
	if none, _, err := s.Read().Jobs(ctx, "none", "", watchword.Page{Limit: 9}); err != nil || len(none) != 0 {
		s.Errorf("got %+v (%v)", none, err)
	}
}

func checkRevive(s *subject) {
	ctx := s.Context()
	revive := func(kind string, id watchword.MessageID) error {
		return s.do(func(c *store.Conn) error { return c.ReviveJob(ctx, kind, id) })
	}
	id := s.job("mail")
	s.claim("mail", 1)
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, id, "reason") }))
	s.is(revive("other", id), store.ErrNotFound)
	s.is(revive("mail", "msg_none"), store.ErrNotFound)
	s.ok(revive("mail", id))
	if jobs := s.claim("mail", 9); len(jobs) != 1 || jobs[0].ID != id || jobs[0].Attempts != 1 || string(jobs[0].Payload) != "mail" {
		s.Errorf("got %+v", jobs)
	}
	s.is(revive("mail", id), store.ErrNotFound) // somebody is at it: it would be done twice
	if jobs := s.claim("mail", 9); len(jobs) != 0 {
		s.Errorf("two hold %+v", jobs)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.RetryJob(ctx, id, s.now().Add(30*time.Minute), "reason") }))
	s.ok(revive("mail", id)) // at once, instead of later
	if jobs := s.claim("mail", 9); len(jobs) != 1 {
		s.Errorf("got %+v", jobs)
	}
	s.clock.Advance(time.Minute) // whoever held it has died
	s.ok(revive("mail", id))
	s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, id) }))
	s.is(revive("mail", id), store.ErrNotFound)

	late := s.job("mail")
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, late, "reason") }))
	s.clock.Advance(time.Hour)
	s.is(revive("mail", late), store.ErrNotFound)
	if jobs := s.claim("mail", 9); len(jobs) != 0 {
		s.Errorf("got %+v", jobs)
	}
}

func checkErasedFailure(s *subject) {
	ctx := s.Context()
	digest := []byte("digest")
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		err := c.InsertOneTimeToken(ctx, store.OneTimeToken{
			Digest: digest, Purpose: store.TokenMagicLink, Address: "ada@example.com", ExpiresAt: c.Now().Add(time.Hour),
		})
		if err != nil {
			return err
		}
		id := c.NewJobID()
		if err := c.InsertJob(ctx, store.Job{ID: id, Kind: "mail", TokenDigest: digest, Payload: []byte("p"), ExpiresAt: c.Now().Add(time.Hour)}); err != nil {
			return err
		}
		if err := c.FailJob(ctx, id, "reason"); err != nil {
			return err
		}
		if err := c.VoidAddressTokens(ctx, "ada@example.com"); err != nil {
			return err
		}
		return c.EraseDeadMails(ctx, "ada@example.com")
	}))
	if failed, err := s.Read().FailedJobs(ctx); err != nil || len(failed) != 0 {
		s.Errorf("%+v (%v)", failed, err)
	}
	if failed, done := s.listJobs(store.JobFailed), s.listJobs(store.JobDone); len(failed) != 0 || len(done) != 1 {
		s.Errorf("%d failed, %d done", len(failed), len(done))
	}
}

func checkEraseExpired(s *subject) {
	ctx := s.Context()
	const many = 1203 // more than a batch
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		for range many {
			if err := c.InsertJob(ctx, store.Job{ID: c.NewJobID(), Kind: "mail", Payload: []byte("p"), ExpiresAt: c.Now().Add(time.Hour)}); err != nil {
				return err
			}
		}
		return nil
	}))
	s.clock.Advance(time.Hour + time.Microsecond)
	young := s.job("mail")
	s.ok(s.EraseExpired(ctx))
	if jobs, err := s.Read().WaitingJobs(ctx, "", 9999); err != nil || len(jobs) != 1 || jobs[0].ID != young {
		s.Errorf("%d hold a payload (%v)", len(jobs), err)
	}
	failed, err := s.Read().FailedJobs(ctx)
	s.ok(err)
	if len(failed) != 1 || failed[0].Failed != many {
		s.Errorf("got %+v", failed)
	}
	s.ok(s.EraseExpired(ctx)) // nothing is left to do
}

func checkEraseLeaves(s *subject) {
	ctx := s.Context()
	parked, done := s.job("mail"), s.job("mail")
	s.ok(s.do(func(c *store.Conn) error { return c.FailJob(ctx, parked, "reason") }))
	s.ok(s.do(func(c *store.Conn) error { return c.FinishJob(ctx, done) }))
	s.clock.Advance(time.Hour)
	s.ok(s.EraseExpired(ctx)) // at its very end
	if jobs, err := s.Read().WaitingJobs(ctx, "", 9); err != nil || len(jobs) != 1 {
		s.Errorf("%d hold a payload (%v)", len(jobs), err)
	}
	s.clock.Advance(time.Microsecond)
	s.ok(s.EraseExpired(ctx))
	list, _, err := s.Read().Jobs(ctx, "mail", "", watchword.Page{Limit: 9})
	s.ok(err)
	for _, j := range list {
		if j.ID == parked && (j.Status != store.JobFailed || j.LastError != "reason") || j.ID == done && j.Status != store.JobDone {
			s.Errorf("got %+v", j)
		}
	}
}

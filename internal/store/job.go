package store

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Job is a piece of work that outlives the request that caused it.
type Job struct {
	ID          watchword.MessageID
	Kind        string
	Label       string    // what it is, for people: no secret
	TokenDigest []byte    // of the one-time token that it carries; nil: none
	Payload     []byte    // sealed
	RunAt       time.Time // zero: at once
	Attempts    int64
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// NewJobID is for a job whose payload is sealed under its id.
func (c *Conn) NewJobID() watchword.MessageID {
	return watchword.NewID[watchword.MessageID](c.now, c.random)
}

// InsertJob queues a job. j's Attempts and CreatedAt are not read.
func (c *Conn) InsertJob(ctx context.Context, j Job) error {
	if j.RunAt.IsZero() {
		j.RunAt = c.now
	}
	err := c.q.InsertJob(c.bound(ctx), sqlgen.InsertJobParams{
		ID: string(j.ID), Kind: j.Kind, Label: j.Label, TokenDigest: j.TokenDigest, Payload: j.Payload,
		RunAt: micros(j.RunAt), Now: micros(c.now), ExpiresAt: micros(j.ExpiresAt),
	})
	return translate("insert job", err)
}

// ClaimJobs takes up to n due jobs of a kind and holds them until lockUntil.
func (c *Conn) ClaimJobs(ctx context.Context, kind string, n int, lockUntil time.Time) ([]Job, error) {
	rows, err := c.q.ClaimJobs(c.bound(ctx), sqlgen.ClaimJobsParams{
		Kind: kind, Now: micros(c.now), LockUntil: micros(lockUntil), N: int64(n),
	})
	if err != nil {
		return nil, translate("claim jobs", err)
	}
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = Job{
			ID: watchword.MessageID(row.ID), Kind: row.Kind, Payload: row.Payload, Attempts: row.Attempts,
			CreatedAt: at(row.CreatedAt), ExpiresAt: at(row.ExpiresAt),
		}
	}
	return jobs, nil
}

// FinishJob marks a job done and erases its payload. ErrNotFound: it was done before.
func (c *Conn) FinishJob(ctx context.Context, id watchword.MessageID) error {
	n, err := c.q.FinishJob(c.bound(ctx), nullMicros(c.now), []byte{}, string(id))
	return affected("finish job", n, err)
}

// RetryJob gives a claimed job back, to be run again at a later time. why holds
// no secret: operators read it.
func (c *Conn) RetryJob(ctx context.Context, id watchword.MessageID, runAt time.Time, why string) error {
	n, err := c.q.RetryJob(c.bound(ctx), micros(runAt), why, string(id))
	return affected("retry job", n, err)
}

// FailJob parks a job for good.
func (c *Conn) FailJob(ctx context.Context, id watchword.MessageID, why string) error {
	n, err := c.q.FailJob(c.bound(ctx), nullMicros(c.now), why, string(id))
	return affected("fail job", n, err)
}

// Backlog is how many jobs of a kind wait, and since when the oldest does.
type Backlog struct {
	Kind    string
	Waiting int64
	Oldest  time.Time
}

// Backlogs counts what waits.
func (c *Conn) Backlogs(ctx context.Context) ([]Backlog, error) {
	rows, err := c.q.CountJobs(c.bound(ctx))
	if err != nil {
		return nil, translate("count jobs", err)
	}
	list := make([]Backlog, len(rows))
	for i, row := range rows {
		list[i] = Backlog{Kind: row.Kind, Waiting: row.Waiting, Oldest: at(row.Oldest)}
	}
	return list, nil
}

// Failures is how many jobs of a kind failed for good and are not yet purged,
// and when the latest did.
type Failures struct {
	Kind   string
	Failed int64
	Latest time.Time
}

// FailedJobs counts what failed for good.
func (c *Conn) FailedJobs(ctx context.Context) ([]Failures, error) {
	rows, err := c.q.CountFailedJobs(c.bound(ctx))
	if err != nil {
		return nil, translate("count failed jobs", err)
	}
	list := make([]Failures, len(rows))
	for i, row := range rows {
		list[i] = Failures{Kind: row.Kind, Failed: row.Failed, Latest: at(row.Latest)}
	}
	return list, nil
}

// WaitingJobs lists jobs that still hold a payload, by id, after a given one.
func (c *Conn) WaitingJobs(ctx context.Context, after watchword.MessageID, n int) ([]Job, error) {
	rows, err := c.q.ListSealedJobs(c.bound(ctx), string(after), int64(n))
	if err != nil {
		return nil, translate("list jobs", err)
	}
	list := make([]Job, len(rows))
	for i, row := range rows {
		list[i] = Job{ID: watchword.MessageID(row.ID), Payload: row.Payload}
	}
	return list, nil
}

// ResealJob replaces a payload. ErrNotFound: the job has moved on meanwhile.
func (c *Conn) ResealJob(ctx context.Context, j Job, payload []byte) error {
	n, err := c.q.ResealJob(c.bound(ctx), payload, string(j.ID), j.Payload)
	return affected("reseal job", n, err)
}

// JobStatus says where a job stands.
type JobStatus string

// The states of a job.
const (
	JobWaiting JobStatus = "waiting"
	JobFailed  JobStatus = "failed" // parked for good
	JobDone    JobStatus = "done"
)

// ListedJob is a job as operators see it.
type ListedJob struct {
	ID        watchword.MessageID
	Label     string
	Status    JobStatus
	Attempts  int64
	RunAt     time.Time // when it is tried next
	LastError string
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time // done or parked; zero while it waits
}

// Jobs is a page of jobs of a kind, newest first, and the cursor of the next; an
// empty status lists all.
func (c *Conn) Jobs(ctx context.Context, kind string, status JobStatus, page watchword.Page) (list []ListedJob, next string, err error) {
	ctx = c.bound(ctx)
	switch status {
	case "":
		rows, err := c.lists.ListJobs(ctx, kind, before(page), limit(page.OneMore()))
		return listedJobs(rows, "", page, err)
	case JobFailed:
		rows, err := c.lists.ListFailedJobs(ctx, kind, before(page), limit(page.OneMore()))
		return listedJobs(rows, "", page, err)
	case JobWaiting:
		rows, err := c.lists.ListWaitingJobs(ctx, kind, before(page), limit(page.OneMore()))
		return listedJobs(rows, "", page, err)
	case JobDone:
	}
	rows, stopped, err := sift[sqlgen.SiftDoneJobsRow, string]{
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipJobs(ctx, kind, from, entries)
		},
		read: func(from, to string, n int64) ([]sqlgen.SiftDoneJobsRow, error) {
			return c.lists.SiftDoneJobs(ctx, sqlgen.SiftDoneJobsParams{Kind: kind, Before: from, Since: to, N: n})
		},
	}.rows(before(page), limit(page.OneMore()))
	return listedJobs(rows, stopped, page, err)
}

// jobRow is any of the rows that lists of jobs come in.
type jobRow interface {
	sqlgen.ListJobsRow | sqlgen.ListWaitingJobsRow | sqlgen.ListFailedJobsRow | sqlgen.SiftDoneJobsRow
}

func listedJobs[R jobRow](rows []R, stopped string, page watchword.Page, err error) (list []ListedJob, next string, _ error) {
	if err != nil {
		return nil, "", translate("list jobs", err)
	}
	list = make([]ListedJob, len(rows))
	for i, row := range rows {
		list[i] = listedJob(sqlgen.ListJobsRow(row))
	}
	if list, next = watchword.Cut(list, page, func(j ListedJob) watchword.MessageID { return j.ID }); next == "" {
		next = stopped
	}
	return list, next, nil
}

func listedJob(row sqlgen.ListJobsRow) ListedJob {
	j := ListedJob{
		ID: watchword.MessageID(row.ID), Label: row.Label, Status: JobWaiting, Attempts: row.Attempts, RunAt: at(row.RunAt),
		LastError: row.LastError, CreatedAt: at(row.CreatedAt), ExpiresAt: at(row.ExpiresAt),
	}
	switch {
	case row.DoneAt.Valid:
		j.Status, j.EndedAt = JobDone, atNull(row.DoneAt)
	case row.FailedAt.Valid:
		j.Status, j.EndedAt = JobFailed, atNull(row.FailedAt)
	}
	return j
}

// ReviveJob has a job that waits or was parked tried at once, as often as a new
// one. ErrNotFound: there is none, or it is done, expired or erased, or somebody is
// at it just now.
func (c *Conn) ReviveJob(ctx context.Context, kind string, id watchword.MessageID) error {
	n, err := c.q.ReviveJob(c.bound(ctx), micros(c.now), string(id), kind)
	return affected("revive job", n, err)
}

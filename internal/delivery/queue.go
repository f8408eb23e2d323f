package delivery

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/store"
)

// Queue is the mails that were queued, as operators see them: never what they
// hold, for that may be a live token.
type Queue struct {
	Store *store.Store
	Jobs  job.Queue // told that a mail is due
}

// Status says where a mail stands.
type Status string

// The states of a mail.
const (
	StatusWaiting = Status(store.JobWaiting)
	StatusFailed  = Status(store.JobFailed) // parked: nobody tries it again by itself
	StatusDone    = Status(store.JobDone)   // sent, or not wanted any more
)

// Mail is a mail in the queue.
type Mail struct {
	ID        watchword.MessageID
	Template  string // which letter it is
	Status    Status
	Attempts  int64
	NextAt    time.Time // when it is tried next; zero unless it waits
	LastError string
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time // done or parked; zero while it waits
}

// ErrMailGone says that a mail cannot be tried again.
var ErrMailGone = watchword.NewError(watchword.KindNotFound, "mail_not_found",
	"There is no such mail that could be sent: it was delivered or is being sent, it has expired, or its link is dead.")

// List is a page of mails, newest first, and the cursor of the next. An empty
// status lists all.
func (q Queue) List(ctx context.Context, status Status, page watchword.Page) (list []Mail, next string, err error) {
	jobs, next, err := q.Store.Read().Jobs(ctx, string(job.KindMail), store.JobStatus(status), page)
	if err != nil {
		return nil, "", err
	}
	list = make([]Mail, len(jobs))
	for i, j := range jobs {
		list[i] = mailOf(j)
	}
	return list, next, nil
}

func mailOf(j store.ListedJob) Mail {
	m := Mail{
		ID: j.ID, Template: j.Label, Status: Status(j.Status), Attempts: j.Attempts, LastError: j.LastError,
		CreatedAt: j.CreatedAt, ExpiresAt: j.ExpiresAt, EndedAt: j.EndedAt,
	}
	if m.Status == StatusWaiting {
		m.NextAt = j.RunAt
	}
	return m
}

// Retry has a mail that waits or was parked sent at once.
func (q Queue) Retry(ctx context.Context, by watchword.Administrator, id watchword.MessageID) error {
	err := q.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.ReviveJob(ctx, string(job.KindMail), id); err != nil {
			return err
		}
		return event.Record(ctx, c, by.Origin, watchword.Event{
			Type: watchword.EventMailRetried, Actor: by.Actor, Data: map[string]string{"message_id": string(id)},
		})
	})
	if errors.Is(err, store.ErrNotFound) {
		return ErrMailGone.Because(err)
	}
	if err == nil {
		q.Jobs.Announce()
	}
	return err
}

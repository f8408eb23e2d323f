package delivery

import (
	"context"
	"errors"

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

// ErrMailGone says that a mail cannot be tried again.
var ErrMailGone = watchword.NewError(watchword.KindNotFound, "mail_not_found",
	"There is no such mail that could be sent: it was delivered or is being sent, it has expired, or its link is dead.")

// List is a page of mails, newest first, and the cursor of the next. An empty
// status lists all.
func (q Queue) List(ctx context.Context, status store.JobStatus, page watchword.Page) (list []store.ListedJob, next string, err error) {
	return q.Store.Read().Jobs(ctx, string(job.KindMail), status, page)
}

// Retry has a mail that waits or was parked sent at once.
func (q Queue) Retry(ctx context.Context, id watchword.MessageID, actor string) error {
	err := q.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.ReviveJob(ctx, string(job.KindMail), id); err != nil {
			return err
		}
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{
			Type: watchword.EventMailRetried, Actor: actor, Data: map[string]string{"message_id": string(id)},
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

package waitlist

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// run is one approval, or a job's part of one.
type run struct {
	Features
	by      watchword.Administrator
	feature watchword.FeatureName
	begun   time.Time
	done    int64 // entries approved
	mails   int64 // queued, by the runs before this one too
}

// Mails of an approval are due in bursts. All at once they would stand before the
// sign-in links that others wait for, and mail servers take such a flood for spam.
const (
	burst      = 50
	burstEvery = 5 * time.Second
	mailLife   = 7 * 24 * time.Hour
)

// batch approves some entries in one transaction with the events and the mails of
// it, and answers how many.
func (r *run) batch(ctx context.Context, approve func(*store.Conn) ([]store.Approved, error)) (int64, error) {
	var got, mails int64
	err := r.Store.Tx(ctx, func(c *store.Conn) error {
		// One approval of a feature at a time: each finds who still waits.
		feature, err := c.LockFeature(ctx, r.feature)
		if err != nil {
			return unknown(err)
		}
		list, err := approve(c)
		if err != nil {
			return err
		}
		got = int64(len(list))
		mails, err = r.tell(ctx, c, feature, list)
		return err
	})
	if err != nil {
		return 0, err
	}
	r.done += got
	r.mails += mails
	return got, nil
}

// tell records who was approved, and queues a mail to each who can be reached:
// one, in however many accounts they were.
func (r *run) tell(ctx context.Context, c *store.Conn, feature watchword.Feature, list []store.Approved) (mails int64, err error) {
	told := map[watchword.UserID]bool{}
	for _, a := range list {
		err := event.Record(ctx, c, r.by.Origin, watchword.Event{
			Type: watchword.EventWaitlistApproved, UserID: a.UserID, AccountID: a.AccountID, Actor: r.by.Actor,
			Data: map[string]string{"feature": string(r.feature), "entry": string(a.ID)},
		})
		if err != nil {
			return 0, err
		}
		if !a.Reachable || told[a.UserID] {
			continue
		}
		told[a.UserID] = true
		due := r.begun.Add(time.Duration((r.mails+mails)/burst) * burstEvery)
		err = r.Jobs.EnqueueMailAt(ctx, c, mail.Message{Template: mail.WaitlistApproved, UserID: a.UserID, Subject: titleOf(feature)}, due, due.Add(mailLife))
		if err != nil {
			return 0, err
		}
		mails++
	}
	return mails, nil
}

// titleOf is what people call the feature.
func titleOf(f watchword.Feature) string {
	if f.Title == "" {
		return string(f.Name)
	}
	return f.Title
}

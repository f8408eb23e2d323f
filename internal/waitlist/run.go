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
	by    watchword.Administrator
	begun time.Time
	mails int64 // queued, by the runs before this one too
}

// Mails of an approval are due in bursts. All at once they would stand before the
// sign-in links that others wait for, and mail servers take such a flood for spam.
const (
	burst      = 50
	burstEvery = 5 * time.Second
	mailLife   = 7 * 24 * time.Hour
)

// batch does a piece of the work in one transaction, with the events and the mails
// of it. It answers how many were approved, and what is left.
func (r *run) batch(ctx context.Context, w work) (got int64, left work, more bool, err error) {
	var mails int64
	err = r.Store.Tx(ctx, func(c *store.Conn) error {
		// One approval of a feature at a time: each finds who still waits.
		feature, err := held(ctx, c, w.Feature, w.FeatureID)
		if err != nil {
			return err
		}
		var list []store.Approved
		if list, left, more, err = w.piece(ctx, c, batchSize); err != nil {
			return err
		}
		got = int64(len(list))
		mails, err = r.tell(ctx, c, feature, list)
		return err
	})
	if err != nil {
		return 0, w, false, err
	}
	r.mails += mails
	return got, left, more, nil
}

// piece approves up to most entries, and answers what is left. Fewer are no sign of
// the end: some may leave at that moment.
func (w work) piece(ctx context.Context, c *store.Conn, most int64) (list []store.Approved, left work, more bool, err error) {
	if w.Accounts == nil {
		list, err = c.ApproveFirst(ctx, w.Feature, w.Through, most)
		return list, w, len(list) > 0, err
	}
	for looks := int64(0); len(w.Accounts) > 0 && int64(len(list)) < most && looks < 2*most; looks++ {
		some, err := c.ApproveAccount(ctx, w.Feature, w.Accounts[0], w.Through, most-int64(len(list)))
		if err != nil {
			return nil, w, false, err
		}
		if len(some) == 0 {
			w.Accounts = w.Accounts[1:]
		}
		list = append(list, some...)
	}
	return list, w, len(w.Accounts) > 0, nil
}

// tell records who was approved, and queues a mail to each who can be reached:
// one, in however many accounts they were.
func (r *run) tell(ctx context.Context, c *store.Conn, feature watchword.Feature, list []store.Approved) (mails int64, err error) {
	told := map[watchword.UserID]bool{}
	for _, a := range list {
		err := event.Record(ctx, c, r.by.Origin, watchword.Event{
			Type: watchword.EventWaitlistApproved, UserID: a.UserID, AccountID: a.AccountID, Actor: r.by.Actor,
			Data: map[string]string{"feature": string(feature.Name), "entry": string(a.ID)},
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

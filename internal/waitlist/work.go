package waitlist

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/store"
)

// act is what a job does.
type act string

const (
	actApprove act = "approve"
	actDelete  act = "delete"
)

// work is what a job goes on with where a call has stopped. It says of which
// feature, whoever has its name by then, and up to which entry, and not how many:
// done twice it does no more.
type work struct {
	Act       act                       `json:"act"`
	Feature   watchword.FeatureName     `json:"feature"`
	FeatureID watchword.FeatureID       `json:"feature_id"`
	Through   watchword.WaitlistEntryID `json:"through,omitempty"`
	Accounts  []watchword.AccountID     `json:"accounts,omitempty"`
	Actor     string                    `json:"actor,omitempty"`
	Origin    watchword.Origin          `json:"origin"`
	Begun     time.Time                 `json:"begun"`
	Mails     int64                     `json:"mails"`
}

// workLife is how long a job is tried: what it does was promised.
const workLife = 7 * 24 * time.Hour

func (f Features) enqueue(ctx context.Context, c *store.Conn, w work) error {
	return f.Jobs.Enqueue(ctx, c, job.KindWaitlist, w, c.Now().Add(workLife))
}

// Work is the handler of the jobs.
func (f Features) Work(ctx context.Context, j store.Job) error {
	var w work
	if err := job.Decode(f.Jobs.Keyring, j, &w); err != nil {
		return job.Permanent(err)
	}
	defer f.Jobs.Announce()
	left, more, err := f.share(ctx, w)
	if errors.Is(err, ErrUnknownFeature) {
		return nil // it was deleted meanwhile
	}
	if err != nil || !more {
		return err
	}
	return f.Store.Write(ctx, func(c *store.Conn) error { return f.enqueue(ctx, c, left) })
}

// share does what one job shall do of the work, and tells what is left for the next.
func (f Features) share(ctx context.Context, w work) (left work, more bool, err error) {
	if w.Act == actDelete {
		done, err := f.clear(ctx, w)
		return w, !done, err
	}
	r := &run{Features: f, by: watchword.Administrator{Actor: w.Actor, Origin: w.Origin}, begun: w.Begun, mails: w.Mails}
	for done := int64(0); done < runSize; {
		var got int64
		if got, w, more, err = r.batch(ctx, w); err != nil || !more {
			return w, false, err
		}
		done += got
	}
	w.Mails = r.mails
	return w, true, nil
}

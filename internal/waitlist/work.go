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

// work is what a job goes on with where a call has stopped. It says up to which
// entry, or in which accounts, and not how many: done twice it does no more.
type work struct {
	Act      act                       `json:"act"`
	Feature  watchword.FeatureName     `json:"feature"`
	Through  watchword.WaitlistEntryID `json:"through,omitempty"`
	Accounts []watchword.AccountID     `json:"accounts,omitempty"`
	Actor    string                    `json:"actor,omitempty"`
	Origin   watchword.Origin          `json:"origin"`
	Begun    time.Time                 `json:"begun"`
	Mails    int64                     `json:"mails"`
}

// workLife is how long a job is tried: what it does was promised.
const workLife = 7 * 24 * time.Hour

func (f Features) enqueue(ctx context.Context, c *store.Conn, w work) error {
	return f.Jobs.Enqueue(ctx, c, job.KindWaitlist, w, c.Now().Add(workLife))
}

// goOn leaves the rest of a run to a job.
func (r *run) goOn(ctx context.Context, w work) error {
	w.Feature, w.Actor, w.Origin, w.Begun, w.Mails = r.feature, r.by.Actor, r.by.Origin, r.begun, r.mails
	return r.Store.Write(ctx, func(c *store.Conn) error { return r.enqueue(ctx, c, w) })
}

// Work is the handler of the jobs.
func (f Features) Work(ctx context.Context, j store.Job) error {
	var w work
	if err := job.Decode(f.Jobs.Keyring, j, &w); err != nil {
		return job.Permanent(err)
	}
	if w.Act == actDelete {
		done, err := f.clear(ctx, w.Feature)
		if err != nil || done {
			return err
		}
		defer f.Jobs.Announce()
		return f.Store.Write(ctx, func(c *store.Conn) error { return f.enqueue(ctx, c, w) })
	}
	r := &run{
		Features: f, by: watchword.Administrator{Actor: w.Actor, Origin: w.Origin}, feature: w.Feature, begun: w.Begun, mails: w.Mails,
	}
	defer f.Jobs.Announce()
	err := r.approveOn(ctx, w)
	if errors.Is(err, ErrUnknownFeature) {
		return nil // it was deleted meanwhile
	}
	return err
}

// approveOn does a job's share and leaves what remains to the next.
func (r *run) approveOn(ctx context.Context, w work) error {
	if w.Accounts != nil {
		left, err := r.accountsUpTo(ctx, w.Accounts, runSize)
		if err != nil || len(left) == 0 {
			return err
		}
		return r.goOn(ctx, work{Act: actApprove, Accounts: left})
	}
	for r.done < runSize {
		got, err := r.batch(ctx, func(c *store.Conn) ([]store.Approved, error) {
			return c.ApproveFirst(ctx, r.feature, w.Through, batchSize)
		})
		if err != nil || got == 0 {
			return err
		}
	}
	return r.goOn(ctx, work{Act: actApprove, Through: w.Through})
}

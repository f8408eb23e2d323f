package waitlist

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/store"
)

// promise is what a call has approved and left to a job.
type promise struct {
	Approved int64                     `json:"approved"`          // how many in all
	Through  watchword.WaitlistEntryID `json:"through,omitempty"` // who is the last of them; empty where no job is
	pending  int64                     // how many the job has left
}

// settle says whom a cohort of the queue or of accounts means, and how many they
// are: those who wait now, and nobody who comes later, whenever they are approved.
func (co Cohort) settle(ctx context.Context, c *store.Conn, feature watchword.Feature) (n int64, w work, err error) {
	w = work{Act: actApprove, Feature: feature.Name, FeatureID: feature.ID}
	if co.Accounts != nil {
		w.Accounts, w.Through = []watchword.AccountID{}, ""
		for _, id := range co.accounts() {
			some, last, err := c.WaitingOfAccount(ctx, feature.Name, id, store.EveryEntry)
			if err != nil {
				return 0, w, err
			}
			if some > 0 {
				n, w.Accounts, w.Through = n+some, append(w.Accounts, id), max(w.Through, last)
			}
		}
		return n, w, nil
	}
	most := int64(math.MaxInt64)
	switch {
	case co.Count != nil:
		most = int64(*co.Count)
	case co.Percent != nil:
		waiting, err := c.CountWaiting(ctx, feature.Name)
		if err != nil {
			return 0, w, err
		}
		most = (waiting*int64(*co.Percent) + 99) / 100
	}
	n, w.Through, err = c.FirstWaiting(ctx, feature.Name, store.EveryEntry, most)
	return n, w, err
}

// accounts are each once. None is not everybody: it stays an empty list.
func (co Cohort) accounts() []watchword.AccountID {
	list := slices.Clone(co.Accounts)
	slices.Sort(list)
	return slices.Compact(list)
}

// made is what is kept of the promise under the key of its call.
func (p promise) made() idempotency.Made {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // a number and a text: cannot fail
	}
	return idempotency.Made{Resource: string(text)}
}

// promised is what an earlier call with the key has promised, and how much of that
// is to be done yet.
func (f Features) promised(ctx context.Context, name watchword.FeatureName, co Cohort, made idempotency.Made) (Approval, error) {
	var p promise
	if err := json.Unmarshal([]byte(made.Resource), &p); err != nil {
		return Approval{}, fmt.Errorf("read the promise of a call: %w", err)
	}
	if p.Through == "" {
		return Approval{Approved: p.Approved}, nil
	}
	rest := work{Feature: name, Through: p.Through}
	if co.Accounts != nil {
		rest.Accounts = co.accounts()
	}
	pending, err := rest.waiting(ctx, f.Store.Read(), p.Approved)
	return Approval{Approved: p.Approved, Pending: pending}, err
}

// waiting is how many of those whom the work is about wait now, most at the most.
func (w work) waiting(ctx context.Context, c *store.Conn, most int64) (sum int64, err error) {
	if w.Accounts == nil {
		sum, _, err = c.FirstWaiting(ctx, w.Feature, w.Through, most)
		return sum, err
	}
	for _, id := range w.Accounts {
		n, _, err := c.WaitingOfAccount(ctx, w.Feature, id, w.Through)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return min(sum, most), nil
}

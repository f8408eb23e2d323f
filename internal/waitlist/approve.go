package waitlist

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// Cohort says whom to approve: exactly one of its fields is set.
type Cohort struct {
	Count     *int // the first so many who wait
	Percent   *int // of those who wait, rounded up, the first
	Users     []watchword.UserID
	Accounts  []watchword.AccountID
	Addresses []string // canonical
	Everybody bool     // who waits now
}

// MaxNamed is how many users, accounts or addresses one call may name.
const MaxNamed = 1000

var errCohort = watchword.InvalidField("", "exactly_one",
	"Say exactly one of count, percent, user_ids, account_ids, emails and all.")

func (co Cohort) check() error {
	given := 0
	for _, is := range []bool{co.Count != nil, co.Percent != nil, co.Users != nil, co.Accounts != nil, co.Addresses != nil, co.Everybody} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errCohort
	}
	if max(len(co.Users), len(co.Accounts), len(co.Addresses)) > MaxNamed {
		return watchword.InvalidField("", "too_long", "One call can name at most 1000.")
	}
	return nil
}

// Approval is what came of a wish to approve.
type Approval struct {
	Approved int64 // how many are approved by it in all
	Pending  int64 // how many of them will only be in the next minutes
}

const (
	batchSize = 250   // entries in one transaction: nobody waits long behind it
	callSize  = 2000  // entries that a call approves itself, before a job goes on
	runSize   = 20000 // entries that one job works at, before the next goes on
)

// Approve approves those of a cohort who wait, and mails them. No entry is approved
// twice, so that nobody is mailed twice for one, whatever calls run at once or again.
// Of many, the first are approved at once and the others in the background.
//
// Errors: ErrUnknownFeature, and where the cohort is none validation_failed.
func (f Features) Approve(ctx context.Context, by watchword.Administrator, name watchword.FeatureName, co Cohort) (Approval, error) {
	if _, err := f.Get(ctx, name); err != nil {
		return Approval{}, err
	}
	if err := co.check(); err != nil {
		return Approval{}, err
	}
	r := &run{Features: f, by: by, feature: name, begun: f.Store.Read().Now()}
	defer f.Jobs.Announce()
	switch {
	case co.Accounts != nil:
		return r.accounts(ctx, co.Accounts)
	case co.Users != nil:
		return r.each(ctx, len(co.Users), func(c *store.Conn, i int) ([]store.Approved, error) {
			return c.ApproveUser(ctx, name, co.Users[i])
		})
	case co.Addresses != nil:
		return r.each(ctx, len(co.Addresses), func(c *store.Conn, i int) ([]store.Approved, error) {
			return c.ApproveAddress(ctx, name, co.Addresses[i])
		})
	default:
		return r.first(ctx, co)
	}
}

// first approves the first in the queue.
func (r *run) first(ctx context.Context, co Cohort) (Approval, error) {
	wanted, err := r.wanted(ctx, co)
	if err != nil {
		return Approval{}, err
	}
	for wanted > r.done && r.done < callSize {
		n := min(wanted-r.done, batchSize)
		got, err := r.batch(ctx, func(c *store.Conn) ([]store.Approved, error) {
			return c.ApproveFirst(ctx, r.feature, store.EveryEntry, n)
		})
		if err != nil {
			return Approval{}, err
		}
		if got == 0 {
			return Approval{Approved: r.done}, nil
		}
	}
	if wanted <= r.done {
		return Approval{Approved: r.done}, nil
	}
	// The job is told up to whom: done again, it approves nobody more.
	left, err := r.Store.Read().CountWaiting(ctx, r.feature)
	if left = min(left, wanted-r.done); err != nil || left == 0 {
		return Approval{Approved: r.done}, err
	}
	through, err := r.Store.Read().Waiting(ctx, r.feature, left-1)
	if err != nil {
		return Approval{}, unknown(err)
	}
	return Approval{Approved: r.done + left, Pending: left}, r.goOn(ctx, work{Act: actApprove, Through: through})
}

// wanted is how many are to be approved.
func (r *run) wanted(ctx context.Context, co Cohort) (int64, error) {
	if co.Count != nil {
		return int64(*co.Count), nil
	}
	waiting, err := r.Store.Read().CountWaiting(ctx, r.feature)
	if co.Percent != nil {
		waiting = (waiting*int64(*co.Percent) + 99) / 100
	}
	return waiting, err
}

// accounts approves all who wait in some accounts.
func (r *run) accounts(ctx context.Context, list []watchword.AccountID) (Approval, error) {
	left, err := r.accountsUpTo(ctx, list, callSize)
	if err != nil || len(left) == 0 {
		return Approval{Approved: r.done}, err
	}
	var pending int64
	for _, id := range left {
		n, err := r.Store.Read().CountWaitingOfAccount(ctx, r.feature, id)
		if err != nil {
			return Approval{}, err
		}
		pending += n
	}
	return Approval{Approved: r.done + pending, Pending: pending}, r.goOn(ctx, work{Act: actApprove, Accounts: left})
}

// accountsUpTo approves in some accounts until about so many are, and answers the
// accounts that are left.
func (r *run) accountsUpTo(ctx context.Context, list []watchword.AccountID, most int64) (left []watchword.AccountID, err error) {
	for len(list) > 0 && r.done < most {
		got, err := r.batch(ctx, func(c *store.Conn) ([]store.Approved, error) {
			return c.ApproveAccount(ctx, r.feature, list[0], batchSize)
		})
		if err != nil {
			return nil, err
		}
		if got < batchSize {
			list = list[1:]
		}
	}
	return list, nil
}

// namedBatch is how many users or addresses are looked for in one transaction.
const namedBatch = 100

// each approves what is named one by one.
func (r *run) each(ctx context.Context, n int, approve func(c *store.Conn, i int) ([]store.Approved, error)) (Approval, error) {
	for from := 0; from < n; from += namedBatch {
		_, err := r.batch(ctx, func(c *store.Conn) ([]store.Approved, error) {
			var all []store.Approved
			for i := from; i < min(from+namedBatch, n); i++ {
				some, err := approve(c, i)
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
			return all, nil
		})
		if err != nil {
			return Approval{}, err
		}
	}
	return Approval{Approved: r.done}, nil
}

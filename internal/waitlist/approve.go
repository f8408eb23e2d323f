package waitlist

import (
	"context"

	"watchword"
	"watchword/internal/idempotency"
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
	callSize  = 1000  // entries that a call approves itself, in one transaction
	batchSize = 250   // entries in each transaction of a job: nobody waits long behind it
	runSize   = 20000 // entries that one job works at, before the next goes on
)

// Approve approves those of a cohort who wait, and mails them. No entry is approved
// twice, so that nobody is mailed twice for one, whatever calls run at once or again.
// A call that is sent again with its key approves nobody more, and answers what
// became of the first.
//
// One transaction settles whom a call approves, and approves them; of many, the first
// of them, and the others are left to a job by the same transaction: what fails on
// the way has done nothing.
//
// Errors: ErrUnknownFeature, idempotency_key_reused, and where the cohort is none
// validation_failed.
func (f Features) Approve(ctx context.Context, by watchword.Administrator, name watchword.FeatureName, co Cohort, call idempotency.Call) (Approval, error) {
	if _, err := f.Get(ctx, name); err != nil {
		return Approval{}, err
	}
	if err := co.check(); err != nil {
		return Approval{}, err
	}
	read := func(made idempotency.Made) (Approval, error) { return f.promised(ctx, name, co, made) }
	approval, err := idempotency.Once(ctx, f.Store, f.Jobs.Keyring, call, read, func(c *store.Conn) (Approval, idempotency.Made, error) {
		p, err := f.approve(ctx, c, by, name, co)
		return Approval{Approved: p.Approved, Pending: p.pending}, p.made(), err
	})
	if err == nil {
		f.Jobs.Announce()
	}
	return approval, err
}

// approve is Approve within its transaction.
func (f Features) approve(ctx context.Context, c *store.Conn, by watchword.Administrator, name watchword.FeatureName, co Cohort) (promise, error) {
	feature, err := c.LockFeature(ctx, name)
	if err != nil {
		return promise{}, unknown(err)
	}
	r := &run{Features: f, by: by, begun: c.Now()}
	var meant int64 // of whom a job may do some
	var list []store.Approved
	var left work
	switch {
	case co.Users != nil:
		list, err = each(co.Users, func(id watchword.UserID) ([]store.Approved, error) { return c.ApproveUser(ctx, name, id) })
	case co.Addresses != nil:
		list, err = each(co.Addresses, func(address string) ([]store.Approved, error) { return c.ApproveAddress(ctx, name, address) })
	default:
		if meant, left, err = co.settle(ctx, c, feature); err == nil {
			list, left, _, err = left.piece(ctx, c, min(meant, callSize))
		}
	}
	if err != nil {
		return promise{}, err
	}
	if r.mails, err = r.tell(ctx, c, feature, list); err != nil {
		return promise{}, err
	}
	p := promise{Approved: int64(len(list))}
	if meant <= callSize {
		return p, nil
	}
	if p.pending, err = left.waiting(ctx, c, meant-p.Approved); err != nil || p.pending == 0 {
		return p, err
	}
	p.Approved, p.Through = p.Approved+p.pending, left.Through
	left.Actor, left.Origin, left.Begun, left.Mails = by.Actor, by.Origin, r.begun, r.mails
	return p, f.enqueue(ctx, c, left)
}

// each approves what is named one by one.
func each[T any](list []T, approve func(T) ([]store.Approved, error)) (all []store.Approved, err error) {
	for _, one := range list {
		some, err := approve(one)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

package waitlist

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/limit"
	"watchword/internal/store"
)

// Caller is a signed-in user in the account that their token names.
type Caller struct {
	UserID    watchword.UserID
	AccountID watchword.AccountID // empty where there is none
	Session   watchword.SessionID
	Origin    watchword.Origin
}

// Opening says what users may join.
type Opening string

// The two: features that are there, or any, which the first to join makes.
const (
	ListedFeatures Opening = "listed"
	OpenFeatures   Opening = "open"
)

// Places are the callers' own on waitlists, each in one account. Whether they are
// in that account is read from live rows, never from what a token says.
type Places struct {
	Store   *store.Store
	Limiter *limit.Limiter
	Opening Opening
}

// What can be refused to those who wait.
var (
	ErrNoAccount = watchword.NewError(watchword.KindForbidden, "no_account_context",
		"Your token stands in no account that you are in. Ask POST /auth/switch-account for another.")
	ErrUnknownFeature = watchword.NewError(watchword.KindNotFound, "unknown_feature",
		"There is no such feature.")
	ErrFeatureClosed = watchword.NewError(watchword.KindConflict, "feature_closed",
		"This waitlist takes nobody any more.")
	ErrTooMany = watchword.NewError(watchword.KindConflict, "too_many_waitlists",
		"You can be on at most 200 waitlists in an account. Leave another first.")
)

// List is a page of the caller's places, newest first, and the cursor of the next.
func (p Places) List(ctx context.Context, caller Caller, page watchword.Page) (list []watchword.WaitlistEntry, next string, err error) {
	list, err = p.Store.Read().OwnEntries(ctx, caller.UserID, caller.AccountID, page.OneMore())
	if err != nil {
		return nil, "", err
	}
	if len(list) == 0 { // a place is itself the proof that its user is in the account
		if err := p.inAccount(ctx, caller); err != nil {
			return nil, "", err
		}
	}
	list, next = watchword.Cut(list, page, func(e watchword.WaitlistEntry) watchword.WaitlistEntryID { return e.ID })
	return list, next, nil
}

// Get is the caller's place on a waitlist; without an id where they have none, be
// there such a feature or not.
func (p Places) Get(ctx context.Context, caller Caller, feature watchword.FeatureName) (watchword.WaitlistEntry, error) {
	standing, err := p.standing(ctx, caller, feature)
	return standing.Entry, err
}

// Leave gives the caller's place up, if they have one.
func (p Places) Leave(ctx context.Context, caller Caller, feature watchword.FeatureName) error {
	if err := p.Limiter.Take(ctx, changeLimit, string(caller.UserID), caller.Origin); err != nil {
		return err
	}
	err := p.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.DeleteWaitlistEntry(ctx, caller.UserID, caller.AccountID, feature); err != nil {
			return err
		}
		return caller.record(ctx, c, watchword.EventWaitlistLeft, feature)
	})
	if errors.Is(err, store.ErrNotFound) {
		return p.inAccount(ctx, caller)
	}
	return err
}

func (p Places) standing(ctx context.Context, caller Caller, feature watchword.FeatureName) (store.Standing, error) {
	standing, err := p.Store.Read().Standing(ctx, caller.UserID, caller.AccountID, feature)
	if errors.Is(err, store.ErrNotFound) {
		return standing, ErrNoAccount.Because(err)
	}
	return standing, err
}

func (p Places) inAccount(ctx context.Context, caller Caller) error {
	_, err := p.standing(ctx, caller, "")
	return err
}

func (caller Caller) record(ctx context.Context, c *store.Conn, typ watchword.EventType, feature watchword.FeatureName) error {
	return event.Record(ctx, c, caller.Origin, watchword.Event{
		Type: typ, UserID: caller.UserID, AccountID: caller.AccountID, SessionID: caller.Session,
		Data: map[string]string{"feature": string(feature)},
	})
}

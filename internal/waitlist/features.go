package waitlist

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/store"
)

// Features are what users wait for, in the hands of administrators.
type Features struct {
	Store *store.Store
	Jobs  job.Queue
}

// What can be refused to administrators, besides ErrUnknownFeature.
var (
	ErrFeatureExists = watchword.NewError(watchword.KindConflict, "already_exists",
		"There is a feature of this name.")
	ErrClaimsTooLong = watchword.NewError(watchword.KindConflict, "claims_too_long",
		"Access tokens cannot hold the names of more features. Take another out of them first.")
)

// List is a page of features, newest first, and the cursor of the next.
func (f Features) List(ctx context.Context, page watchword.Page) (list []watchword.Feature, next string, err error) {
	list, err = f.Store.Read().Features(ctx, page.OneMore())
	if err != nil {
		return nil, "", err
	}
	list, next = watchword.Cut(list, page, func(f watchword.Feature) watchword.FeatureID { return f.ID })
	return list, next, nil
}

// Get is a feature, with how many are on its waitlist.
func (f Features) Get(ctx context.Context, name watchword.FeatureName) (watchword.Feature, error) {
	feature, err := f.Store.Read().Feature(ctx, name)
	return feature, unknown(err)
}

// Entries is a page of who is on a waitlist, in the order of the queue, and the
// cursor of the next.
func (f Features) Entries(ctx context.Context, name watchword.FeatureName, filter watchword.WaitlistFilter, page watchword.Page) (list []watchword.WaitlistEntry, next string, err error) {
	list, next, err = f.Store.Read().Entries(ctx, name, filter, page)
	if err != nil {
		return nil, "", err
	}
	if len(list) == 0 {
		if _, err := f.Get(ctx, name); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// held holds the row of a feature until the transaction ends. A name is given anew
// once its feature is deleted: what was begun for one must not befall the next.
// ErrUnknownFeature: this one is gone.
func held(ctx context.Context, c *store.Conn, name watchword.FeatureName, id watchword.FeatureID) (watchword.Feature, error) {
	feature, err := c.LockFeature(ctx, name)
	if err == nil && feature.ID != id {
		return watchword.Feature{}, ErrUnknownFeature
	}
	return feature, unknown(err)
}

func unknown(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrUnknownFeature.Because(err)
	}
	return err
}

// record writes what an administrator did.
func record(ctx context.Context, c *store.Conn, by watchword.Administrator, typ watchword.EventType, data map[string]string) error {
	return event.Record(ctx, c, by.Origin, watchword.Event{Type: typ, Actor: by.Actor, Data: data})
}

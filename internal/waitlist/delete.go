package waitlist

import (
	"context"
	"errors"
	"strconv"

	"watchword"
	"watchword/internal/store"
)

// Delete deletes a feature and everybody's place on its waitlist. A long waitlist
// is closed at once and goes in the background, piece by piece: in one piece others
// would wait for it.
//
// Errors: ErrUnknownFeature, watchword.ErrPrecondition.
func (f Features) Delete(ctx context.Context, by watchword.Administrator, name watchword.FeatureName, only watchword.Precondition) error {
	err := f.Store.Tx(ctx, func(c *store.Conn) error {
		locked, err := c.LockFeature(ctx, name)
		if err != nil {
			return unknown(err)
		}
		if err := only.Holds(locked.Revision()); err != nil {
			return err
		}
		feature, err := c.Feature(ctx, name)
		if err != nil {
			return err
		}
		entries := feature.Waiting + feature.Approved
		err = record(ctx, c, by, watchword.EventFeatureDeleted, map[string]string{
			"feature": string(name), "entries": strconv.FormatInt(entries, 10),
		})
		if err != nil {
			return err
		}
		if entries <= batchSize {
			return c.DeleteFeature(ctx, name)
		}
		if locked.ClosedAt.IsZero() {
			locked.ClosedAt = c.Now()
		}
		locked.UpdatedAt = later(c.Now(), locked.UpdatedAt)
		if err := c.UpdateFeature(ctx, locked); err != nil {
			return err
		}
		return f.enqueue(ctx, c, work{Act: actDelete, Feature: name})
	})
	if err == nil {
		f.Jobs.Announce()
	}
	return err
}

// clear deletes what a long waitlist holds, and then the feature. done is false
// where more is left than one job shall do.
func (f Features) clear(ctx context.Context, name watchword.FeatureName) (done bool, err error) {
	for range runSize / batchSize {
		var deleted int64
		err := f.Store.Write(ctx, func(c *store.Conn) (err error) {
			deleted, err = c.DeleteEntries(ctx, name, batchSize)
			return err
		})
		if err != nil {
			return false, err
		}
		if deleted == batchSize {
			continue
		}
		err = f.Store.Write(ctx, func(c *store.Conn) error { return c.DeleteFeature(ctx, name) })
		if errors.Is(err, store.ErrNotFound) {
			err = nil // it was done before
		}
		return true, err
	}
	return false, nil
}

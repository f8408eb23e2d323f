package waitlist

import (
	"context"
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
		return f.enqueue(ctx, c, work{Act: actDelete, Feature: name, FeatureID: locked.ID})
	})
	if err == nil {
		f.Jobs.Announce()
	}
	return err
}

// clear deletes what a long waitlist holds, and then the feature. done is false
// where more is left than one job shall do. Whoever deletes it twice does no harm.
func (f Features) clear(ctx context.Context, w work) (done bool, err error) {
	for range runSize / batchSize {
		err := f.Store.Tx(ctx, func(c *store.Conn) error {
			done = false
			if _, err := held(ctx, c, w.Feature, w.FeatureID); err != nil {
				return err
			}
			deleted, err := c.DeleteEntries(ctx, w.Feature, batchSize)
			if err != nil || deleted > 0 { // fewer than asked for where some leave just now
				return err
			}
			done = true
			return c.DeleteFeature(ctx, w.Feature)
		})
		if done || err != nil {
			return true, err
		}
	}
	return false, nil
}

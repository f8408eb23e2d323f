package waitlist

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store"
)

// Door says whether a waitlist takes new users.
type Door string

// The two.
const (
	DoorOpen   Door = "open"
	DoorClosed Door = "closed"
)

// Change is what of a feature shall be otherwise; nil leaves it as it is.
type Change struct {
	Title       *string
	Description *string
	AddClaim    *bool
	Door        *Door
}

// Update changes a feature. What tokens say already stays so until their claims are
// made afresh, and whoever is on the waitlist of a closed feature stays on it.
//
// Errors: ErrUnknownFeature, watchword.ErrPrecondition, ErrClaimsTooLong.
func (f Features) Update(ctx context.Context, by watchword.Administrator, name watchword.FeatureName, change Change, only watchword.Precondition) (watchword.Feature, error) {
	change, err := change.clean()
	if err != nil {
		return watchword.Feature{}, err
	}
	var after watchword.Feature
	err = f.Store.Tx(ctx, func(c *store.Conn) error {
		before, err := c.LockFeature(ctx, name)
		if err != nil {
			return unknown(err)
		}
		if err := only.Holds(before.Revision()); err != nil {
			return err
		}
		if after = change.of(before, c.Now()); after == before {
			return nil
		}
		after.UpdatedAt = later(c.Now(), before.UpdatedAt)
		if err := c.UpdateFeature(ctx, after); err != nil {
			return err
		}
		if after.AddClaim && !before.AddClaim {
			if err := claimsFit(ctx, c); err != nil {
				return err
			}
		}
		return record(ctx, c, by, watchword.EventFeatureUpdated, differences(before, after))
	})
	if err != nil {
		return watchword.Feature{}, err
	}
	counted, err := f.Get(ctx, name)
	after.Waiting, after.Approved = counted.Waiting, counted.Approved
	return after, err
}

// clean is the change with its texts as they are kept.
func (change Change) clean() (Change, error) {
	for _, text := range []struct {
		given **string
		clean func(string) (string, error)
	}{{&change.Title, cleanTitle}, {&change.Description, cleanDescription}} {
		if *text.given == nil {
			continue
		}
		kept, err := text.clean(**text.given)
		if err != nil {
			return change, err
		}
		*text.given = &kept
	}
	return change, nil
}

// of is the feature with the change.
func (change Change) of(f watchword.Feature, now time.Time) watchword.Feature {
	if change.Title != nil {
		f.Title = *change.Title
	}
	if change.Description != nil {
		f.Description = *change.Description
	}
	if change.AddClaim != nil {
		f.AddClaim = *change.AddClaim
	}
	switch {
	case change.Door == nil:
	case *change.Door == DoorOpen:
		f.ClosedAt = time.Time{}
	case f.ClosedAt.IsZero():
		f.ClosedAt = now
	}
	return f
}

// differences say what was changed, and not to what: texts are in the row.
func differences(before, after watchword.Feature) map[string]string {
	data := map[string]string{"feature": string(before.Name)}
	for field, changed := range map[string]bool{"title": before.Title != after.Title, "description": before.Description != after.Description} {
		if changed {
			data[field] = "changed"
		}
	}
	if before.AddClaim != after.AddClaim {
		data["add_claim"] = "no"
		if after.AddClaim {
			data["add_claim"] = "yes"
		}
	}
	if before.ClosedAt.IsZero() != after.ClosedAt.IsZero() {
		data["door"] = string(DoorOpen)
		if !after.ClosedAt.IsZero() {
			data["door"] = string(DoorClosed)
		}
	}
	return data
}

// later is now, or the moment after before where the clock stands still or goes
// back: two states must not have one revision.
func later(now, before time.Time) time.Time {
	if now.After(before) {
		return now
	}
	return before.Add(time.Microsecond)
}

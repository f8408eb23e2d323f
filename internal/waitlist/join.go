package waitlist

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/store"
)

// Joining says what came of a wish to join.
type Joining string

// The two.
const (
	Joined    Joining = "joined"
	WasInside Joining = "was_inside" // already: nothing has changed
)

// changeLimit bounds what one user joins and leaves: each is an event, and where
// the settings allow it a feature in the administrators' list. It leaves room for
// many calls at once that all want the same.
var changeLimit = limit.Rule{Name: "waitlist_change", Count: 1000, Per: time.Hour}

// MaxPlaces is how many waitlists a user can be on in one account. Where users make
// features themselves nothing else bounds them, and GET /auth/me lists them all.
const MaxPlaces = 200

// Join takes a place on a waitlist; whoever has one keeps it, and of many calls at
// once one takes it. Where the settings allow it, the first to join makes the
// feature.
//
// Errors: ErrNoAccount, ErrUnknownFeature, ErrFeatureClosed, ErrTooMany, rate_limited.
func (p Places) Join(ctx context.Context, caller Caller, feature watchword.FeatureName) (watchword.WaitlistEntry, Joining, error) {
	for {
		entry, joining, err := p.joinOnce(ctx, caller, feature)
		if !errors.Is(err, errChanged) {
			return entry, joining, err
		}
		// Somebody was quicker. Looking again tells what they did: the same call, the
		// feature's end, the caller's removal.
	}
}

// errChanged says that things changed between the look and the leap.
var errChanged = errors.New("the waitlist has changed")

func (p Places) joinOnce(ctx context.Context, caller Caller, feature watchword.FeatureName) (watchword.WaitlistEntry, Joining, error) {
	standing, err := p.standing(ctx, caller, feature)
	switch {
	case err != nil:
		return watchword.WaitlistEntry{}, "", err
	case standing.Entry.ID != "":
		return standing.Entry, WasInside, nil
	case standing.Feature.Name == "" && p.Opening != OpenFeatures:
		return watchword.WaitlistEntry{}, "", ErrUnknownFeature
	case !standing.Feature.ClosedAt.IsZero():
		return watchword.WaitlistEntry{}, "", ErrFeatureClosed
	}
	if err := p.Limiter.Take(ctx, changeLimit, string(caller.UserID), caller.Origin); err != nil {
		return watchword.WaitlistEntry{}, "", err
	}
	var entry watchword.WaitlistEntry
	err = p.Store.Tx(ctx, func(c *store.Conn) error {
		places, err := c.LockPlaces(ctx, caller.UserID, caller.AccountID)
		if err != nil {
			return err
		}
		if places >= MaxPlaces {
			return ErrTooMany
		}
		if standing.Feature.Name == "" {
			if err := p.open(ctx, c, caller, feature); err != nil {
				return err
			}
		}
		if entry, err = c.InsertWaitlistEntry(ctx, caller.UserID, caller.AccountID, feature); err != nil {
			return err
		}
		return caller.record(ctx, c, watchword.EventWaitlistJoined, feature)
	})
	if errors.Is(err, store.ErrDuplicate) || errors.Is(err, store.ErrNotFound) {
		return entry, "", errChanged
	}
	return entry, Joined, err
}

// open makes the feature, if nobody else has by now.
func (p Places) open(ctx context.Context, c *store.Conn, caller Caller, feature watchword.FeatureName) error {
	_, err := c.InsertFeature(ctx, watchword.Feature{Name: feature})
	if errors.Is(err, store.ErrDuplicate) {
		return nil
	}
	if err != nil {
		return err
	}
	return caller.record(ctx, c, watchword.EventFeatureCreated, feature)
}

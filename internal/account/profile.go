package account

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/limit"
	"watchword/internal/store"
)

// Profiles changes what users say of themselves.
type Profiles struct {
	Store   *store.Store
	Limiter *limit.Limiter
}

// profileLimit is more than a person can want, and bounds what one user can fill
// the audit record with.
var profileLimit = limit.Rule{Name: "profile_change", Count: 120, Per: time.Hour}

// ProfileChange is a PATCH of the caller's own profile: nil leaves a field alone.
type ProfileChange struct {
	Name     *string
	Locale   *string
	Picture  *string // empty: none
	Metadata []byte  // a JSON object
}

// ErrUserGone says that the user was disabled or deleted meanwhile.
var ErrUserGone = watchword.NewError(watchword.KindUnauthenticated, "session_revoked", "This session has ended. Sign in again.")

// Change applies a change and answers the user as they are then.
func (p Profiles) Change(ctx context.Context, id watchword.UserID, change ProfileChange, origin watchword.Origin) (watchword.User, error) {
	if err := p.Limiter.Take(ctx, profileLimit, string(id), origin); err != nil {
		return watchword.User{}, err
	}
	var after watchword.User
	err := p.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockUser(ctx, id); err != nil {
			return gone(err)
		}
		user, err := c.User(ctx, id)
		if err != nil {
			return gone(err)
		}
		if err := change.apply(&user); err != nil {
			return err
		}
		if err := c.SaveProfile(ctx, user); err != nil {
			return gone(err)
		}
		after = user
		return event.Record(ctx, c, origin, watchword.Event{Type: watchword.EventUserUpdated, UserID: id})
	})
	return after, err
}

func (change ProfileChange) apply(user *watchword.User) (err error) {
	if change.Name != nil {
		if user.Name, err = CleanName("name", *change.Name); err != nil {
			return err
		}
	}
	if change.Locale != nil {
		if user.Locale, err = CleanLocale(*change.Locale); err != nil {
			return err
		}
	}
	if change.Picture != nil {
		if user.Picture, err = CleanPicture(*change.Picture); err != nil {
			return err
		}
	}
	if change.Metadata != nil {
		user.Metadata, err = cleanMetadata("metadata", change.Metadata)
	}
	return err
}

func gone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrUserGone.Because(err)
	}
	return err
}

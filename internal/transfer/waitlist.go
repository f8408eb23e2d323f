package transfer

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store"
)

// featureLine is something that users wait for.
type featureLine struct {
	Type        Type                  `json:"type"`
	ID          watchword.FeatureID   `json:"id"`
	Name        watchword.FeatureName `json:"name"`
	Title       string                `json:"title"`
	Description string                `json:"description"`
	AddClaim    bool                  `json:"add_claim"`
	ClosedAt    moment                `json:"closed_at,omitzero"`
	CreatedAt   moment                `json:"created_at"`
	UpdatedAt   moment                `json:"updated_at"`
}

func featureLineOf(f watchword.Feature) record {
	return &featureLine{
		Type: TypeFeature, ID: f.ID, Name: f.Name, Title: f.Title, Description: f.Description, AddClaim: f.AddClaim,
		ClosedAt: moment{f.ClosedAt}, CreatedAt: moment{f.CreatedAt}, UpdatedAt: moment{f.UpdatedAt},
	}
}

func (l *featureLine) id() string { return string(l.ID) }

func (l *featureLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	f.must(l.Name.Valid(), "name", "invalid", "This is no name that a feature can have.")
	f.texts(maxText, "title", l.Title, "description", l.Description)
	f.times(timeField{"created_at", l.CreatedAt}, timeField{"updated_at", l.UpdatedAt})
}

func (l *featureLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportFeature(ctx, watchword.Feature{
		ID: l.ID, Name: l.Name, Title: l.Title, Description: l.Description, AddClaim: l.AddClaim,
		ClosedAt: l.ClosedAt.at, CreatedAt: l.CreatedAt.at, UpdatedAt: l.UpdatedAt.at,
	})
}

func (l *featureLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	f, err := c.FeatureRow(ctx, l.ID)
	return featureLineOf(f), err
}

func (l *featureLine) rival(ctx context.Context, c *store.Conn) error {
	_, err := c.FeatureNamed(ctx, l.Name)
	return free("name", err)
}

func (l *featureLine) needs() []need    { return nil }
func (l *featureLine) brings() []string { return []string{featureKey(l.Name)} }

// waitlistEntryLine is a member's place on a waitlist.
type waitlistEntryLine struct {
	Type       Type                      `json:"type"`
	ID         watchword.WaitlistEntryID `json:"id"`
	Feature    watchword.FeatureName     `json:"feature"`
	AccountID  watchword.AccountID       `json:"account_id"`
	UserID     watchword.UserID          `json:"user_id"`
	Status     watchword.WaitlistStatus  `json:"status"`
	JoinedAt   moment                    `json:"joined_at"`
	ApprovedAt moment                    `json:"approved_at,omitzero"`
}

func waitlistEntryLineOf(e watchword.WaitlistEntry) record {
	return &waitlistEntryLine{
		Type: TypeWaitlistEntry, ID: e.ID, Feature: e.Feature, AccountID: e.AccountID, UserID: e.User.ID, Status: e.Status,
		JoinedAt: moment{e.JoinedAt}, ApprovedAt: moment{e.ApprovedAt},
	}
}

func (l *waitlistEntryLine) id() string { return string(l.ID) }

func (l *waitlistEntryLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	raw, err = watchword.IDToBytes(l.AccountID)
	f.identifier("account_id", raw, err)
	raw, err = watchword.IDToBytes(l.UserID)
	f.identifier("user_id", raw, err)
	f.must(l.Feature.Valid(), "feature", "invalid", "This is no name that a feature can have.")
	f.must(l.Status == watchword.WaitlistWaiting || l.Status == watchword.WaitlistApproved, "status", "not_allowed", "This must be waiting or approved.")
	f.times(timeField{"joined_at", l.JoinedAt})
}

func (l *waitlistEntryLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportWaitlistEntry(ctx, watchword.WaitlistEntry{
		ID: l.ID, Feature: l.Feature, AccountID: l.AccountID, User: watchword.User{ID: l.UserID}, Status: l.Status,
		JoinedAt: l.JoinedAt.at, ApprovedAt: l.ApprovedAt.at,
	})
}

func (l *waitlistEntryLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	e, err := c.WaitlistEntry(ctx, l.ID)
	return waitlistEntryLineOf(e), err
}

func (l *waitlistEntryLine) rival(ctx context.Context, c *store.Conn) error {
	standing, err := c.Standing(ctx, l.UserID, l.AccountID, l.Feature)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err == nil && standing.Entry.ID != "":
		return taken("user_id")
	}
	return err
}

func (l *waitlistEntryLine) needs() []need {
	return []need{
		{"user_id", memberKey(l.UserID, l.AccountID), func(ctx context.Context, c *store.Conn) error {
			_, err := c.Membership(ctx, l.UserID, l.AccountID)
			return err
		}},
		{"feature", featureKey(l.Feature), func(ctx context.Context, c *store.Conn) error {
			_, err := c.FeatureNamed(ctx, l.Feature)
			return err
		}},
	}
}

func (l *waitlistEntryLine) brings() []string {
	return []string{"place of " + memberKey(l.UserID, l.AccountID) + " " + string(l.Feature)}
}

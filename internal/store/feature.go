package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// InsertFeature makes a feature; f's own id and times are not read. ErrDuplicate:
// there is one of this name; the transaction can go on.
func (c *Conn) InsertFeature(ctx context.Context, f watchword.Feature) (watchword.Feature, error) {
	f.ID, f.CreatedAt, f.UpdatedAt = watchword.NewID[watchword.FeatureID](c.now, c.random), c.now, c.now
	n, err := c.q.InsertFeature(c.bound(ctx), sqlgen.InsertFeatureParams{
		Name: string(f.Name), ID: string(f.ID), Title: f.Title, Description: f.Description, AddClaim: f.AddClaim, Now: micros(c.now),
	})
	return f, inserted("insert feature", n, err)
}

// Feature reads a feature and counts who is on its waitlist.
func (c *Conn) Feature(ctx context.Context, name watchword.FeatureName) (watchword.Feature, error) {
	row, err := c.q.GetFeature(c.bound(ctx), string(name))
	if err != nil {
		return watchword.Feature{}, translate("read feature", err)
	}
	return countedFeature(sqlgen.ListFeaturesRow(row)), nil
}

// Features lists features, newest first, and counts who is on their waitlists.
func (c *Conn) Features(ctx context.Context, page watchword.Page) ([]watchword.Feature, error) {
	rows, err := c.lists.ListFeatures(c.bound(ctx), before(page), limit(page))
	if err != nil {
		return nil, translate("list features", err)
	}
	list := make([]watchword.Feature, len(rows))
	for i, row := range rows {
		list[i] = countedFeature(row)
	}
	return list, nil
}

// LockFeature holds a feature's row until the transaction ends, and reads it
// without the counts. Whoever changes it or approves its entries holds it first.
func (c *Conn) LockFeature(ctx context.Context, name watchword.FeatureName) (watchword.Feature, error) {
	row, err := c.q.LockFeature(c.bound(ctx), string(name))
	if err != nil {
		return watchword.Feature{}, translate("lock feature", err)
	}
	return feature(row), nil
}

// UpdateFeature writes what of a feature can change.
func (c *Conn) UpdateFeature(ctx context.Context, f watchword.Feature) error {
	n, err := c.q.UpdateFeature(c.bound(ctx), sqlgen.UpdateFeatureParams{
		Title: f.Title, Description: f.Description, AddClaim: f.AddClaim, ClosedAt: nullMicros(f.ClosedAt),
		UpdatedAt: micros(f.UpdatedAt), Name: string(f.Name),
	})
	return affected("update feature", n, err)
}

// DeleteFeature deletes a feature and what is left of its waitlist.
func (c *Conn) DeleteFeature(ctx context.Context, name watchword.FeatureName) error {
	n, err := c.q.DeleteFeature(c.bound(ctx), string(name))
	return affected("delete feature", n, err)
}

// DeleteEntries deletes up to n entries of a feature and answers how many.
func (c *Conn) DeleteEntries(ctx context.Context, name watchword.FeatureName, n int64) (int64, error) {
	deleted, err := c.q.DeleteEntriesOfFeature(c.bound(ctx), string(name), n)
	return deleted, translate("delete entries", err)
}

// LockClaimNames lets one transaction after the other change which names access
// tokens may have to hold: each must count what the others have added. They meet at
// a name that no feature has, for there may be no row yet; who comes second waits
// until the first has ended, and nobody ever sees it.
func (c *Conn) LockClaimNames(ctx context.Context) error {
	const common = watchword.FeatureName("")
	if _, err := c.InsertFeature(ctx, watchword.Feature{Name: common}); err != nil {
		return err
	}
	return c.DeleteFeature(ctx, common)
}

// ClaimNames is how many characters the names take up, with what parts them, that
// an access token may have to hold.
func (c *Conn) ClaimNames(ctx context.Context) (int64, error) {
	n, err := c.q.CountClaimNames(c.bound(ctx))
	return n, translate("count claim names", err)
}

func countedFeature(row sqlgen.ListFeaturesRow) watchword.Feature {
	f := feature(sqlgen.Feature{
		Name: row.Name, ID: row.ID, Title: row.Title, Description: row.Description, AddClaim: row.AddClaim,
		ClosedAt: row.ClosedAt, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	})
	f.Waiting, f.Approved = row.Waiting, row.Approved
	return f
}

func feature(row sqlgen.Feature) watchword.Feature {
	return watchword.Feature{
		ID: watchword.FeatureID(row.ID), Name: watchword.FeatureName(row.Name), Title: row.Title, Description: row.Description,
		AddClaim: row.AddClaim, ClosedAt: atNull(row.ClosedAt), CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt),
	}
}

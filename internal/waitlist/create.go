package waitlist

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/store"
)

// NewFeature is a feature to be made.
type NewFeature struct {
	Name        watchword.FeatureName
	Title       string
	Description string
	AddClaim    bool
}

// How long the texts of a feature are at the most, in characters.
const (
	maxTitle       = 200
	maxDescription = 2000
)

// maxClaimNames bounds what the names of features add to an access token, in
// characters with what parts them. A token is a cookie, too, and browsers keep none
// of more than 4096 bytes.
const maxClaimNames = 1200

var errName = watchword.InvalidField("feature", "invalid",
	"This must be 1 to 64 lower-case letters, digits, dots, - and _, the first a letter or digit.")

// Create makes a feature. A call that is sent again makes none and answers what
// the first has made.
//
// Errors: ErrFeatureExists, ErrClaimsTooLong, idempotency_key_reused.
func (f Features) Create(ctx context.Context, by watchword.Administrator, in NewFeature, call idempotency.Call) (watchword.Feature, error) {
	feature := watchword.Feature{Name: in.Name, AddClaim: in.AddClaim}
	if !in.Name.Valid() {
		return feature, errName
	}
	var err error
	if feature.Title, err = cleanTitle(in.Title); err != nil {
		return feature, err
	}
	if feature.Description, err = cleanDescription(in.Description); err != nil {
		return feature, err
	}
	read := func(made idempotency.Made) (watchword.Feature, error) {
		return f.Get(ctx, watchword.FeatureName(made.Resource))
	}
	return idempotency.Once(ctx, f.Store, f.Jobs.Keyring, call, read, func(c *store.Conn) (watchword.Feature, idempotency.Made, error) {
		made, err := insert(ctx, c, by, feature)
		return made, idempotency.Made{Resource: string(made.Name)}, err
	})
}

func insert(ctx context.Context, c *store.Conn, by watchword.Administrator, feature watchword.Feature) (watchword.Feature, error) {
	made, err := c.InsertFeature(ctx, feature)
	if errors.Is(err, store.ErrDuplicate) {
		return made, ErrFeatureExists.Because(err)
	}
	if err != nil {
		return made, err
	}
	if feature.AddClaim {
		if err := claimsFit(ctx, c); err != nil {
			return made, err
		}
	}
	return made, record(ctx, c, by, watchword.EventFeatureCreated, map[string]string{"feature": string(feature.Name)})
}

// claimsFit looks once the change is made, within its transaction.
func claimsFit(ctx context.Context, c *store.Conn) error {
	if err := c.LockClaimNames(ctx); err != nil {
		return err
	}
	n, err := c.ClaimNames(ctx)
	if err == nil && n > maxClaimNames {
		err = ErrClaimsTooLong
	}
	return err
}

// Ensure makes those of the features that are not there yet, as the settings ask
// at each start of each node.
func (f Features) Ensure(ctx context.Context, names []watchword.FeatureName, actor string) error {
	for _, name := range names {
		_, err := f.Get(ctx, name)
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrUnknownFeature) {
			return err
		}
		err = f.Store.Tx(ctx, func(c *store.Conn) error {
			_, err := insert(ctx, c, watchword.Administrator{Actor: actor}, watchword.Feature{Name: name})
			return err
		})
		if err != nil && !errors.Is(err, ErrFeatureExists) {
			return err
		}
	}
	return nil
}

// cleanTitle refuses what could disguise itself in a list or a mail.
func cleanTitle(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxTitle {
		return "", watchword.InvalidField("title", "too_long", "This must have at most 200 characters.")
	}
	if strings.ContainsFunc(text, watchword.Disguises) {
		return "", watchword.InvalidField("title", "invalid_characters", "This must not hold control or invisible characters.")
	}
	return text, nil
}

func cleanDescription(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxDescription {
		return "", watchword.InvalidField("description", "too_long", "This must have at most 2000 characters.")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && watchword.Disguises(r) }) {
		return "", watchword.InvalidField("description", "invalid_characters", "This must not hold control or invisible characters.")
	}
	return text, nil
}

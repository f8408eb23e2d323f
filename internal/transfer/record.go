package transfer

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store"
)

// record is a line that stands for a row.
type record interface {
	id() string
	// check names what no row can have.
	check(f *faults)
	// insert brings the row in, as the Import operations of the store do.
	insert(ctx context.Context, c *store.Conn) error
	// stored is the row that has the id; store.ErrNotFound: there is none.
	stored(ctx context.Context, c *store.Conn) (record, error)
	// rival names what another row has that only one can have.
	rival(ctx context.Context, c *store.Conn) error
	// needs is what it refers to.
	needs() []need
	// brings is what others may refer to, or only one can have.
	brings() []string
}

// need is something that a line refers to.
type need struct {
	field string
	key   string // as the line that brings it says
	here  func(ctx context.Context, c *store.Conn) error
}

// missing names what of its needs is not here; lines that are only read may have
// brought it, too.
func missing(ctx context.Context, c *store.Conn, r record, brought func(string) bool) error {
	for _, n := range r.needs() {
		if brought(n.key) {
			continue
		}
		err := n.here(ctx, c)
		if errors.Is(err, store.ErrNotFound) {
			return watchword.InvalidField(n.field, "not_found", "What this names is not here. Its line must come before, and be accepted.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func userKey(id watchword.UserID) string           { return "user " + string(id) }
func accountKey(id watchword.AccountID) string     { return "account " + string(id) }
func featureKey(name watchword.FeatureName) string { return "feature " + string(name) }
func memberKey(user watchword.UserID, account watchword.AccountID) string {
	return "member " + string(user) + " " + string(account)
}

func needsUser(field string, id watchword.UserID) need {
	return need{field, userKey(id), func(ctx context.Context, c *store.Conn) error {
		_, err := c.UserRow(ctx, id)
		return err
	}}
}

func needsAccount(field string, id watchword.AccountID) need {
	return need{field, accountKey(id), func(ctx context.Context, c *store.Conn) error {
		_, err := c.Account(ctx, id)
		return err
	}}
}

// taken is the fault of a field whose value another row has.
func taken(field string) error {
	return watchword.InvalidField(field, "already_exists", "Something else here has this already.")
}

// free says of a look for another row whether there is none: nil where it found
// nothing, the fault of the field where it did.
func free(field string, err error) error {
	if err == nil {
		return taken(field)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

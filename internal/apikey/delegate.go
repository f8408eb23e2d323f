package apikey

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// ErrBeyond says that a key was to make or end one with more power than its own.
var ErrBeyond = watchword.NewError(watchword.KindForbidden, "insufficient_scope",
	"An API key makes and revokes only keys whose scopes it has itself.")

// Delegate makes a key in an administrator's name that has no more power than they
// have themselves, and answers it, the only time that it can be seen. A call that
// is sent again within a day makes none and sees it once more.
//
// Errors: ErrBeyond, watchword.ErrFreshSignIn, idempotency_key_reused, those of fields.
func (k Keys) Delegate(ctx context.Context, by watchword.Administrator, n New, call idempotency.Call) (watchword.APIKey, secret.String, error) {
	if err := check(n); err != nil {
		return watchword.APIKey{}, secret.String{}, err
	}
	// Before anything is looked up: what was shown once is not shown to who may not
	// have it any more.
	if err := k.within(by, n.Scopes); err != nil {
		return watchword.APIKey{}, secret.String{}, err
	}
	if !by.AuthTime.IsZero() {
		// A key outlives the session that it was made in: who comes upon a browser
		// that was left open must not take one along.
		if err := by.MayMakeAdministrators(k.Clock()); err != nil {
			return watchword.APIKey{}, secret.String{}, err
		}
	}
	if !by.Expires.IsZero() && (n.Expires.IsZero() || n.Expires.After(by.Expires)) {
		return watchword.APIKey{}, secret.String{}, errOutlives
	}
	type made struct {
		row watchword.APIKey
		key secret.String
	}
	read := func(first idempotency.Made) (made, error) {
		row, err := k.Store.Read().APIKeyByID(ctx, watchword.KeyID(first.Resource))
		return made{row.APIKey, first.Secret}, notFound(err)
	}
	got, err := idempotency.Once(ctx, k.Store, k.Keyring, call, read, func(c *store.Conn) (made, idempotency.Made, error) {
		if !n.Expires.IsZero() && !n.Expires.After(c.Now()) {
			return made{}, idempotency.Made{}, errPast
		}
		key := secret.NewToken(Prefix, k.Random)
		row, err := insert(ctx, c, by, n, key)
		return made{row.APIKey, key}, idempotency.Made{Resource: string(row.ID), Secret: key}, err
	})
	return got.row, got.key, err
}

// What is wrong with the end of a key.
var (
	errPast     = watchword.InvalidField("expires_at", "out_of_range", "This must be in the future.")
	errOutlives = watchword.InvalidField("expires_at", "out_of_range", "A key makes none that lives longer than itself.")
)

// RevokeAs ends a key at once, on every node, where the administrator could have
// made one with its scopes: whoever got hold of a lesser key must not shut those
// out who would take it away.
//
// Errors: ErrNotFound, ErrBeyond, watchword.ErrFreshSignIn.
func (k Keys) RevokeAs(ctx context.Context, by watchword.Administrator, id watchword.KeyID) error {
	return k.end(ctx, by, id, func(row store.APIKey) error {
		if row.Status(k.Clock()) == watchword.APIKeyRevoked {
			return ErrNotFound // whoever may end it or not
		}
		return k.within(by, row.Scopes)
	})
}

// within says whether an administrator has these scopes to give. A key has its own.
// A signed-in user has all, that which makes administrators only after a fresh
// sign-in.
func (k Keys) within(by watchword.Administrator, scopes []watchword.Scope) error {
	if by.AuthTime.IsZero() {
		if slices.ContainsFunc(scopes, func(s watchword.Scope) bool { return !slices.Contains(by.Scopes, s) }) {
			return ErrBeyond
		}
		return nil
	}
	if slices.Contains(scopes, watchword.ScopeAdminsWrite) {
		return by.MayMakeAdministrators(k.Clock())
	}
	return nil
}

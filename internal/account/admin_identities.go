package account

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/store"
)

// NewIdentity is a user at a provider, as an administrator knows them.
type NewIdentity struct {
	Provider string
	Issuer   string // empty: the provider's only one
	Subject  string
	Email    string // to be shown; it proves nothing
	Call     idempotency.Call
}

// What can be refused about a new identity.
var (
	ErrProviderUnknown = watchword.NewError(watchword.KindNotFound, "provider_not_found", "There is no such provider.")
	ErrIdentityHeld    = watchword.NewError(watchword.KindConflict, "identity_taken", "A user signs in with this identity already.")
	errIssuerNeeded    = watchword.InvalidField("issuer", "required", "This provider has several issuers. Say by which one the subject is known.")
	errIssuerWrong     = watchword.InvalidField("issuer", "not_allowed", "This is not the issuer of the provider.")
)

// AddIdentity lets a user sign in by what they are at a provider.
//
// Errors: ErrUserNotFound, ErrProviderUnknown, ErrIdentityHeld, and about an
// administrator insufficient_scope or fresh_sign_in_required: it is a way to be them.
func (a Administration) AddIdentity(ctx context.Context, by watchword.Administrator, id watchword.UserID, in NewIdentity) (watchword.Identity, error) {
	if in.Email != "" {
		var err error
		if in.Email, err = CanonicalAddress(in.Email); err != nil {
			return watchword.Identity{}, err
		}
	}
	read := func(made idempotency.Made) (watchword.Identity, error) {
		return a.identity(ctx, id, watchword.IdentityID(made.Resource))
	}
	return idempotency.Once(ctx, a.Store, a.Keyring, in.Call, read, func(c *store.Conn) (watchword.Identity, idempotency.Made, error) {
		made, err := a.addIdentity(ctx, c, by, id, in)
		return made, idempotency.Made{Resource: string(made.ID)}, err
	})
}

func (a Administration) addIdentity(ctx context.Context, c *store.Conn, by watchword.Administrator, id watchword.UserID, in NewIdentity) (watchword.Identity, error) {
	made := watchword.Identity{UserID: id, Provider: in.Provider, Subject: in.Subject, Email: in.Email, CreatedAt: c.Now()}
	if err := c.TouchUser(ctx, id); err != nil { // which holds the row
		return made, notFound(err)
	}
	user, err := c.User(ctx, id)
	if err != nil {
		return made, err
	}
	if err := mayTakeOver(c, by, user); err != nil {
		return made, err
	}
	if made.Issuer, err = a.issuer(in); err != nil {
		return made, err
	}
	made.ID, err = c.InsertIdentity(ctx, made)
	if errors.Is(err, store.ErrDuplicate) {
		return made, ErrIdentityHeld.Because(err)
	}
	if err != nil {
		return made, err
	}
	return made, record(ctx, c, by, watchword.EventIdentityLinked, id, identityData(made))
}

func (a Administration) issuer(in NewIdentity) (string, error) {
	issuer, ok := a.Issuer(in.Provider)
	switch {
	case !ok:
		return "", ErrProviderUnknown
	case issuer == "" && in.Issuer == "":
		return "", errIssuerNeeded
	case issuer == "":
		return in.Issuer, nil
	case in.Issuer != "" && in.Issuer != issuer:
		return "", errIssuerWrong
	default:
		return issuer, nil
	}
}

func (a Administration) identity(ctx context.Context, user watchword.UserID, id watchword.IdentityID) (watchword.Identity, error) {
	list, err := a.Store.Read().Identities(ctx, user)
	if err != nil {
		return watchword.Identity{}, err
	}
	for _, one := range list {
		if one.ID == id {
			return one, nil
		}
	}
	return watchword.Identity{}, ErrNoIdentity
}

// RemoveIdentity takes a provider from a user, their last way in as well: an
// administrator can give them another.
func (a Administration) RemoveIdentity(ctx context.Context, by watchword.Administrator, id watchword.UserID, identity watchword.IdentityID) error {
	return a.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.TouchUser(ctx, id); err != nil {
			return notFound(err)
		}
		list, err := c.Identities(ctx, id)
		if err != nil {
			return err
		}
		for _, one := range list {
			if one.ID != identity {
				continue
			}
			if err := c.DeleteIdentity(ctx, id, identity); err != nil {
				return err
			}
			return record(ctx, c, by, watchword.EventIdentityUnlinked, id, identityData(one))
		}
		return ErrNoIdentity
	})
}

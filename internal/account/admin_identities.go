package account

import (
	"context"
	"errors"
	"slices"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/mail"
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

// AddIdentity lets a user sign in by what they are at a provider. They are told by
// mail at a verified address.
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
	made, err := idempotency.Once(ctx, a.Store, a.Keyring, in.Call, read, func(c *store.Conn) (watchword.Identity, idempotency.Made, error) {
		made, err := a.addIdentity(ctx, c, by, id, in)
		return made, idempotency.Made{Resource: string(made.ID)}, err
	})
	if err == nil {
		a.Jobs.Announce()
	}
	return made, err
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
	if err := record(ctx, c, by, watchword.EventIdentityLinked, id, identityData(made)); err != nil {
		return made, err
	}
	return made, a.tellIdentity(ctx, c, mail.IdentityLinked, user, made.Provider)
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
// administrator can give them another. The user is told by mail.
//
// Errors: as AddIdentity, and ErrNoIdentity, precondition_failed.
func (a Administration) RemoveIdentity(ctx context.Context, by watchword.Administrator, id watchword.UserID, want watchword.Precondition, identity watchword.IdentityID) error {
	// What an administrator loses could be linked to somebody else.
	_, err := a.change(ctx, by, id, want, makes, func(c *store.Conn, user watchword.User) error {
		list, err := c.Identities(ctx, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(one watchword.Identity) bool { return one.ID == identity })
		if at < 0 {
			return ErrNoIdentity
		}
		if err := c.DeleteIdentity(ctx, id, identity); err != nil {
			return err
		}
		if err := c.TouchUser(ctx, id); err != nil {
			return err
		}
		if err := record(ctx, c, by, watchword.EventIdentityUnlinked, id, identityData(list[at])); err != nil {
			return err
		}
		return a.tellIdentity(ctx, c, mail.IdentityUnlinked, user, list[at].Provider)
	})
	return err
}

// tellIdentity queues the notice of a link that was made or taken by somebody else.
func (a Administration) tellIdentity(ctx context.Context, c *store.Conn, template mail.Template, user watchword.User, provider string) error {
	if !user.TakesNotices() {
		return nil
	}
	return a.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: template, UserID: user.ID, ClientID: a.Client, Locale: user.Locale, Subject: a.Name(provider),
	}, c.Now().Add(mail.NoticeLife))
}

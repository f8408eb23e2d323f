package account

import (
	"context"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/idempotency"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Welcome says whether somebody who was made by an administrator is told by mail.
type Welcome string

// The two: they are not, or they get a link by which they choose a password.
const (
	WelcomeNone Welcome = "none"
	WelcomeMail Welcome = "mail"
)

// EmailProof says whether an administrator vouches for an address.
type EmailProof string

// The two.
const (
	EmailUnproven EmailProof = "unproven"
	EmailVouched  EmailProof = "vouched"
)

// AdminNewUser is a user whom an administrator makes, with an account of their own.
type AdminNewUser struct {
	Email         string // empty: none
	Proof         EmailProof
	Password      secret.String // zero: none
	Profile       ProfileChange
	AdminMetadata []byte // a JSON object; nil: {}
	AccountName   string // empty: as at a sign-up
	Welcome       Welcome
	Call          idempotency.Call
}

// CreateUser makes a user. An address that somebody else was given at a sign-up
// and never proved is theirs if the administrator vouches for it.
//
// Errors: ErrAddressTaken, password_too_weak, busy, rate_limited, those of fields.
func (a Administration) CreateUser(ctx context.Context, by watchword.Administrator, in AdminNewUser) (watchword.UserRecord, error) {
	user, address, err := a.newcomer(in)
	if err != nil {
		return watchword.UserRecord{}, err
	}
	read := func(made idempotency.Made) (watchword.UserRecord, error) {
		return a.User(ctx, watchword.UserID(made.Resource))
	}
	// Looked at first: a repetition mails and hashes nothing, and counts for nothing.
	if made, ok, err := idempotency.Repeated(ctx, a.Store, a.Keyring, in.Call, read); ok || err != nil {
		return made, err
	}
	if in.Welcome == WelcomeMail {
		if err := a.takeMail(ctx, by, address); err != nil {
			return watchword.UserRecord{}, err
		}
	}
	if user.Hash, err = a.hash(ctx, in.Password, address, user.Name); err != nil {
		return watchword.UserRecord{}, err
	}
	record, err := idempotency.Once(ctx, a.Store, a.Keyring, in.Call, read, func(c *store.Conn) (watchword.UserRecord, idempotency.Made, error) {
		id, err := a.insertUser(ctx, c, by, user, address, in)
		if err != nil {
			return watchword.UserRecord{}, idempotency.Made{}, err
		}
		record, err := c.UserRecord(ctx, id)
		return record, idempotency.Made{Resource: string(id)}, err
	})
	if err == nil {
		a.Jobs.Announce()
	}
	return record, err
}

// newcomer is who is to be made, and their canonical address.
func (a Administration) newcomer(in AdminNewUser) (user NewUser, address string, err error) {
	var profile watchword.User
	if err := in.Profile.apply(&profile); err != nil {
		return user, "", err
	}
	user = NewUser{Name: profile.Name, Picture: profile.Picture, Locale: profile.Locale, Metadata: profile.Metadata}
	if user.AccountName, err = CleanName("account_name", in.AccountName); err != nil {
		return user, "", err
	}
	if in.AdminMetadata != nil {
		if user.AdminMetadata, err = cleanMetadata("admin_metadata", in.AdminMetadata); err != nil {
			return user, "", err
		}
	}
	switch {
	case in.Email != "":
		address, err = CanonicalAddress(in.Email)
	case in.Proof == EmailVouched || in.Welcome == WelcomeMail:
		err = watchword.InvalidField("email", "required", "This needs an address.")
	}
	user.AccountName = accountName(NewUser{Address: address, Name: user.Name, AccountName: user.AccountName})
	return user, address, err
}

func (a Administration) insertUser(ctx context.Context, c *store.Conn, by watchword.Administrator, user NewUser, address string, in AdminNewUser) (watchword.UserID, error) {
	caller := byAdministrator(by)
	made, err := insert(ctx, c, a.Random, user)
	if err != nil {
		return "", err
	}
	for _, typ := range []watchword.EventType{watchword.EventUserCreated, watchword.EventAccountCreated} {
		err := caller.record(ctx, c, watchword.Event{Type: typ, UserID: made.UserID, AccountID: made.Account.ID})
		if err != nil {
			return "", err
		}
	}
	if address == "" {
		return made.UserID, nil
	}
	e, err := a.setEmail(ctx, c, by, watchword.User{ID: made.UserID}, address, in.Proof)
	if err != nil || in.Welcome != WelcomeMail {
		return made.UserID, err
	}
	_, err = a.queueReset(ctx, c, e, mail.Welcome, a.InviteLife)
	return made.UserID, err
}

// hash is that of a password which an administrator gives; the zero one of none.
func (a Administration) hash(ctx context.Context, password secret.String, address, name string) (secret.Hash, error) {
	if password.IsZero() {
		return secret.Hash{}, nil
	}
	if err := a.Policy.Check(password, address, name); err != nil {
		return secret.Hash{}, err
	}
	return a.Hasher.Hash(ctx, password)
}

// record writes what an administrator did to a user.
func record(ctx context.Context, c *store.Conn, by watchword.Administrator, typ watchword.EventType, user watchword.UserID, data map[string]string) error {
	return event.Record(ctx, c, by.Origin, watchword.Event{Type: typ, Actor: by.Actor, UserID: user, Data: data})
}

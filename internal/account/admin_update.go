package account

import (
	"context"
	"strconv"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// UserChange is a PATCH of a user: what is zero or nil stays as it is.
type UserChange struct {
	Profile       ProfileChange
	AdminMetadata []byte // a JSON object
	Email         *string
	Proof         EmailProof // of Email, else of the primary address; zero: it stays
	Password      secret.String
	Administrator *bool
}

// needs is what the change takes if the user is an administrator: their address or
// password is all that it takes to be them.
func (change UserChange) needs() power {
	if change.Email != nil || change.Proof != "" || !change.Password.IsZero() {
		return makes
	}
	return ordinary
}

var (
	errProofLost = watchword.InvalidField("email_verified", "not_allowed", "An address that was proven stays so. Give the user another one.")
	errNoAddress = watchword.InvalidField("email", "required", "The user has no address. Give one.")
)

// UpdateUser changes a user and answers them as they are then.
//
// Errors: ErrUserNotFound, precondition_failed, insufficient_scope or
// fresh_sign_in_required, ErrAddressTaken, password_too_weak, busy,
// those of fields.
func (a Administration) UpdateUser(ctx context.Context, by watchword.Administrator, id watchword.UserID, want watchword.Precondition, change UserChange) (watchword.UserRecord, error) {
	address, err := change.check()
	if err != nil {
		return watchword.UserRecord{}, err
	}
	hash, err := a.newHash(ctx, by, id, change, address)
	if err != nil {
		return watchword.UserRecord{}, err
	}
	after, err := a.change(ctx, by, id, want, change.needs(), func(c *store.Conn, user watchword.User) error {
		for _, step := range []func() error{
			func() error { return a.changeProfile(ctx, c, by, user, change) },
			func() error { return a.changeEmail(ctx, c, by, user, address, change.Proof) },
			func() error { return a.changePassword(ctx, c, by, user, hash) },
			func() error { return a.changeFlag(ctx, c, by, user, change.Administrator) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !hash.IsZero() {
		for _, e := range after.Emails {
			if e.Verified() {
				a.Mails.Limiter.Clear(ctx, "address:"+e.Address)
			}
		}
	}
	return after, err
}

// check refuses what no user can have, and answers the new address as it is stored.
func (change UserChange) check() (address string, err error) {
	if err := change.apply(&watchword.User{}); err != nil {
		return "", err
	}
	if change.Email != nil {
		address, err = CanonicalAddress(*change.Email)
	}
	return address, err
}

// apply changes what lies in the row of a user alone.
func (change UserChange) apply(user *watchword.User) (err error) {
	if err := change.Profile.apply(user); err != nil {
		return err
	}
	if change.AdminMetadata != nil {
		user.AdminMetadata, err = cleanMetadata("admin_metadata", change.AdminMetadata)
	}
	return err
}

// newHash is that of the new password, if there is one. Who may not give it costs
// no hash.
func (a Administration) newHash(ctx context.Context, by watchword.Administrator, id watchword.UserID, change UserChange, address string) (secret.Hash, error) {
	if change.Password.IsZero() {
		return secret.Hash{}, nil
	}
	c := a.Store.Read()
	user, err := c.User(ctx, id)
	if err != nil {
		return secret.Hash{}, notFound(err)
	}
	if err := mayTakeOver(c, by, user); err != nil {
		return secret.Hash{}, err
	}
	if address == "" {
		address = user.Email
	}
	return a.hash(ctx, change.Password, address, user.Name)
}

func (a Administration) changeProfile(ctx context.Context, c *store.Conn, by watchword.Administrator, before watchword.User, change UserChange) error {
	user := before
	if err := change.apply(&user); err != nil {
		return err
	}
	if user == before {
		return nil
	}
	if err := c.SaveUser(ctx, user); err != nil {
		return err
	}
	return record(ctx, c, by, watchword.EventUserUpdated, user.ID, nil)
}

func (a Administration) changeEmail(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, address string, proof EmailProof) error {
	switch {
	case address == "" && proof == "":
		return nil
	case address == "" && proof == EmailUnproven:
		return errProofLost
	case address == "" && user.Email == "":
		return errNoAddress
	case address == "":
		address = user.Email
	}
	if proof == "" {
		proof = EmailUnproven
	}
	if err := c.TouchUser(ctx, user.ID); err != nil {
		return err
	}
	_, err := a.setEmail(ctx, c, by, user, address, proof)
	return err
}

// changePassword gives the user a password, and ends all that the old one, or who
// knew it, may have begun.
func (a Administration) changePassword(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, hash secret.Hash) error {
	if hash.IsZero() {
		return nil
	}
	if err := c.ReplacePassword(ctx, user.ID, hash); err != nil {
		return err
	}
	ended, err := endAll(ctx, c, user)
	if err != nil {
		return err
	}
	err = record(ctx, c, by, watchword.EventPasswordChanged, user.ID, map[string]string{"sessions_ended": strconv.FormatInt(ended, 10)})
	if err != nil || !user.TakesNotices() {
		return err
	}
	return a.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.PasswordChange, UserID: user.ID, ClientID: a.Client, Locale: user.Locale,
	}, c.Now().Add(mail.NoticeLife))
}

// endAll ends every session of a user, and voids every link and code that would
// begin another.
func endAll(ctx context.Context, c *store.Conn, user watchword.User) (ended int64, err error) {
	if ended, err = c.RevokeSessions(ctx, user.ID, ""); err != nil {
		return 0, err
	}
	if err := c.VoidTokens(ctx, user.ID); err != nil {
		return 0, err
	}
	return ended, c.EraseDeadMailsOf(ctx, user.ID)
}

// changeFlag makes an administrator of a user, or a user of an administrator.
func (a Administration) changeFlag(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, flag *bool) error {
	if flag == nil || *flag == user.Administrator {
		return nil
	}
	if err := by.MayMakeAdministrators(c.Now()); err != nil {
		return err
	}
	if *flag {
		if err := c.GrantAdministrator(ctx, user.ID); err != nil {
			return err
		}
		return record(ctx, c, by, watchword.EventAdminGranted, user.ID, nil)
	}
	if err := c.RevokeAdministrator(ctx, user.ID); err != nil {
		return err
	}
	return record(ctx, c, by, watchword.EventAdminRevoked, user.ID, nil)
}

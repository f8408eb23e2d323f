package store

import (
	"cmp"
	"context"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store/internal/sqlgen"
)

// NewUser is a user to be inserted.
type NewUser struct {
	Name          string
	Picture       string
	Locale        string
	Metadata      string // a JSON object; empty: {}, as the next one
	AdminMetadata string
	PasswordHash  secret.Hash // zero: none
	LastAccountID watchword.AccountID
}

// FirstPasswordVersion is the password version of a new user.
const FirstPasswordVersion = 1

// InsertUser makes an active user and answers its id.
func (c *Conn) InsertUser(ctx context.Context, u NewUser) (watchword.UserID, error) {
	id := watchword.NewID[watchword.UserID](c.now, c.random)
	err := c.q.InsertUser(c.bound(ctx), sqlgen.InsertUserParams{
		ID: string(id), Status: string(watchword.UserActive), Name: u.Name, NameKey: NameKey(u.Name), Picture: u.Picture, Locale: u.Locale,
		Metadata: cmp.Or(u.Metadata, "{}"), AdminMetadata: cmp.Or(u.AdminMetadata, "{}"),
		PasswordHash: u.PasswordHash.Reveal(), LastAccountID: string(u.LastAccountID), Now: micros(c.now),
	})
	return id, translate("insert user", err)
}

// Credential is what a password is checked against, and the guard that must
// still hold when the session starts.
type Credential struct {
	UserID          watchword.UserID
	EmailID         watchword.EmailID // of the address that it was found by
	Status          watchword.UserStatus
	Hash            secret.Hash
	PasswordVersion int64
	EmailVerified   bool
}

// CredentialFor is the credential of whoever holds the address exclusively.
func (c *Conn) CredentialFor(ctx context.Context, address string) (Credential, error) {
	row, err := c.q.GetLogin(c.bound(ctx), address)
	if err != nil {
		return Credential{}, translate("read credential", err)
	}
	return Credential{
		UserID: watchword.UserID(row.ID), EmailID: watchword.EmailID(row.EmailID), Status: watchword.UserStatus(row.Status),
		Hash: secret.StoredHash(row.PasswordHash), PasswordVersion: row.PasswordVersion,
		EmailVerified: row.VerifiedAt.Valid,
	}, nil
}

// WaysIn are the credentials with which a user can come in, besides their mailbox.
type WaysIn struct {
	HasPassword bool
	Providers   []string // one for each identity
}

// WaysInOf are those of whoever holds the address exclusively, in one round trip.
// ErrNotFound: nobody does.
func (c *Conn) WaysInOf(ctx context.Context, address string) (WaysIn, error) {
	rows, err := c.q.ListWaysIn(c.bound(ctx), address)
	if err != nil {
		return WaysIn{}, translate("list ways in", err)
	}
	if len(rows) == 0 {
		return WaysIn{}, ErrNotFound
	}
	ways := WaysIn{HasPassword: rows[0].HasPassword}
	for _, row := range rows {
		if row.Provider != "" {
			ways.Providers = append(ways.Providers, row.Provider)
		}
	}
	return ways, nil
}

// User reads a user.
func (c *Conn) User(ctx context.Context, id watchword.UserID) (watchword.User, error) {
	u, _, err := c.UserWithCredential(ctx, id)
	return u, err
}

// UserWithCredential reads a user and what its password is checked against.
func (c *Conn) UserWithCredential(ctx context.Context, id watchword.UserID) (watchword.User, Credential, error) {
	row, err := c.q.GetUser(c.bound(ctx), string(id))
	if err != nil {
		return watchword.User{}, Credential{}, translate("read user", err)
	}
	u := watchword.User{
		ID: id, Status: watchword.UserStatus(row.Status), Name: row.Name, Picture: row.Picture, Locale: row.Locale,
		Email: row.Address.String, EmailVerified: row.VerifiedAt.Valid,
		Metadata: row.Metadata, AdminMetadata: row.AdminMetadata, Administrator: row.Administrator,
		HasPassword: row.PasswordHash != "", CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt),
		LastSignInAt: atNull(row.LastSignInAt), DeleteAt: atNull(row.DeleteAt),
	}
	return u, Credential{
		UserID: id, Status: u.Status, Hash: secret.StoredHash(row.PasswordHash),
		PasswordVersion: row.PasswordVersion, EmailVerified: u.EmailVerified,
	}, nil
}

// BeginSession marks a sign-in and answers the account last used. ErrNotFound
// says that the guard no longer holds: a reset, a wipe or a disable committed
// since the credential was read. It locks the user's row until the transaction
// ends, so that none of them can slip in before the session is there.
func (c *Conn) BeginSession(ctx context.Context, cred Credential) (watchword.AccountID, error) {
	last, err := c.q.MarkSignIn(c.bound(ctx), nullMicros(c.now), string(cred.UserID), cred.PasswordVersion)
	return watchword.AccountID(last), translate("mark sign-in", err)
}

// SetLastAccount remembers the context of the user's next sign-in.
func (c *Conn) SetLastAccount(ctx context.Context, id watchword.UserID, account watchword.AccountID) error {
	return translate("set last account", c.q.SetLastAccount(c.bound(ctx), string(account), string(id)))
}

// Rehash replaces a hash by a better one of the same password, and never a newer
// password's (ErrNotFound).
func (c *Conn) Rehash(ctx context.Context, id watchword.UserID, old, better secret.Hash) error {
	n, err := c.q.RehashPassword(c.bound(ctx), better.Reveal(), string(id), old.Reveal())
	return affected("rehash password", n, err)
}

// SetPassword gives an active user a new password, unless it has been changed
// since the credential was read (ErrNotFound).
func (c *Conn) SetPassword(ctx context.Context, cred Credential, hash secret.Hash) error {
	n, err := c.q.SetPassword(c.bound(ctx), sqlgen.SetPasswordParams{
		PasswordHash: hash.Reveal(), Now: micros(c.now), ID: string(cred.UserID), PasswordVersion: cred.PasswordVersion,
	})
	return affected("set password", n, err)
}

// SetStatus disables or enables a user; one who is to be deleted is disabled, and
// stays when they are enabled. ErrNotFound: no such user, or no change.
func (c *Conn) SetStatus(ctx context.Context, id watchword.UserID, status watchword.UserStatus) error {
	n, err := c.q.SetUserStatus(c.bound(ctx), string(status), micros(c.now), string(id))
	return affected("set user status", n, err)
}

// GrantAdministrator makes the user an administrator. ErrNotFound: no such user,
// or one already.
func (c *Conn) GrantAdministrator(ctx context.Context, id watchword.UserID) error {
	n, err := c.q.SetAdministrator(c.bound(ctx), true, micros(c.now), string(id))
	return affected("grant administrator", n, err)
}

// RevokeAdministrator makes the user one like others. ErrNotFound: no such user,
// or no administrator.
func (c *Conn) RevokeAdministrator(ctx context.Context, id watchword.UserID) error {
	n, err := c.q.SetAdministrator(c.bound(ctx), false, micros(c.now), string(id))
	return affected("revoke administrator", n, err)
}

// DeleteUser deletes a user and what is theirs alone; accounts stay.
func (c *Conn) DeleteUser(ctx context.Context, id watchword.UserID) error {
	n, err := c.q.DeleteUser(c.bound(ctx), string(id))
	return affected("delete user", n, err)
}

// SaveProfile writes what users may change of themselves: name, picture, locale
// and metadata of u.
func (c *Conn) SaveProfile(ctx context.Context, u watchword.User) error {
	n, err := c.q.UpdateProfile(c.bound(ctx), sqlgen.UpdateProfileParams{
		Name: u.Name, NameKey: NameKey(u.Name), Picture: u.Picture, Locale: u.Locale, Metadata: u.Metadata, Now: micros(c.now), ID: string(u.ID),
	})
	return affected("save profile", n, err)
}

// LockUser holds the user's row until the transaction ends.
func (c *Conn) LockUser(ctx context.Context, id watchword.UserID) error {
	_, err := c.q.LockUser(c.bound(ctx), string(id))
	return translate("lock user", err)
}

// TouchUser moves a user's revision on, for what is theirs and not in their row.
func (c *Conn) TouchUser(ctx context.Context, id watchword.UserID) error {
	n, err := c.q.TouchUser(c.bound(ctx), micros(c.now), string(id))
	return affected("touch user", n, err)
}

// ResetPassword gives an active user a new password, whatever the old one was.
// ErrNotFound: there is no such user, or they are disabled.
func (c *Conn) ResetPassword(ctx context.Context, id watchword.UserID, hash secret.Hash) error {
	n, err := c.q.ResetPassword(c.bound(ctx), hash.Reveal(), micros(c.now), string(id))
	return affected("reset password", n, err)
}

// ClearPassword takes a user's password away; every sign-in under way fails.
func (c *Conn) ClearPassword(ctx context.Context, id watchword.UserID) error {
	n, err := c.q.ClearPassword(c.bound(ctx), micros(c.now), string(id))
	return affected("clear password", n, err)
}

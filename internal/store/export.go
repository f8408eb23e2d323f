package store

import (
	"context"
	"database/sql"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store/internal/sqlgen"
)

// Snapshot runs act on the database as it is at one moment, reading. It may take
// its time: nobody waits for it.
func (s *Store) Snapshot(ctx context.Context, act func(*Conn) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.engine == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.read.BeginTx(ctx, options)
	if err != nil {
		return translate("begin a snapshot", err)
	}
	defer func() { _ = tx.Rollback() }()
	if s.engine == Postgres { // whoever reads what is written may be slow
		if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return translate("begin a snapshot", err)
		}
	}
	q := s.reading.WithTx(tx)
	return act(s.conn(q, q))
}

// Rows as an export takes them, and an import brings them in: with ids and times
// of their own. Times that may be absent are zero then.

// UserRow is a user with what is theirs and no other part of the program reads.
type UserRow struct {
	watchword.User              // without what addresses say
	PasswordHash    secret.Hash // of no text: none
	PasswordVersion int64
	LastAccountID   watchword.AccountID
}

// ClientRow is a client with the digests of its secrets, the oldest first.
type ClientRow struct {
	Client
	Secrets []ClientSecretRow
}

// ClientSecretRow is a secret of a client: its digest, never itself.
type ClientSecretRow struct {
	Digest    []byte
	CreatedAt time.Time
	ExpiresAt time.Time // zero: until it is taken back
}

// Each of these lists up to n rows behind an id, in the order of ids. Of accounts
// in memberships and invites, and of users in waitlist entries, it reads the id.

// UserRows lists users.
func (c *Conn) UserRows(ctx context.Context, after string, n int64) ([]UserRow, error) {
	rows, err := c.q.ExportUsers(c.bound(ctx), after, n)
	return converted("export users", rows, err, userRow)
}

// EmailRows lists addresses.
func (c *Conn) EmailRows(ctx context.Context, after string, n int64) ([]watchword.Email, error) {
	rows, err := c.q.ExportEmails(c.bound(ctx), after, n)
	return converted("export emails", rows, err, email)
}

// IdentityRows lists identities.
func (c *Conn) IdentityRows(ctx context.Context, after string, n int64) ([]watchword.Identity, error) {
	rows, err := c.q.ExportIdentities(c.bound(ctx), after, n)
	return converted("export identities", rows, err, identity)
}

// AccountRows lists accounts.
func (c *Conn) AccountRows(ctx context.Context, after string, n int64) ([]watchword.Account, error) {
	rows, err := c.q.ExportAccounts(c.bound(ctx), after, n)
	return converted("export accounts", rows, err, account)
}

// MembershipRows lists memberships.
func (c *Conn) MembershipRows(ctx context.Context, after string, n int64) ([]watchword.Membership, error) {
	rows, err := c.q.ExportMemberships(c.bound(ctx), after, n)
	return converted("export memberships", rows, err, membershipRow)
}

// InviteRows lists invites.
func (c *Conn) InviteRows(ctx context.Context, after string, n int64) ([]watchword.Invite, error) {
	rows, err := c.q.ExportInvites(c.bound(ctx), after, n)
	return converted("export invites", rows, err, invite)
}

// FeatureRows lists features.
func (c *Conn) FeatureRows(ctx context.Context, after string, n int64) ([]watchword.Feature, error) {
	rows, err := c.q.ExportFeatures(c.bound(ctx), after, n)
	return converted("export features", rows, err, feature)
}

// WaitlistEntryRows lists waitlist entries.
func (c *Conn) WaitlistEntryRows(ctx context.Context, after string, n int64) ([]watchword.WaitlistEntry, error) {
	rows, err := c.q.ExportWaitlistEntries(c.bound(ctx), after, n)
	return converted("export waitlist entries", rows, err, waitlistEntryRow)
}

// ClientRows lists clients.
func (c *Conn) ClientRows(ctx context.Context, after string, n int64) ([]ClientRow, error) {
	rows, err := c.q.ExportClients(c.bound(ctx), after, n)
	if err != nil {
		return nil, translate("export clients", err)
	}
	list := make([]ClientRow, len(rows))
	for i, row := range rows {
		if list[i], err = c.clientRow(ctx, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (c *Conn) clientRow(ctx context.Context, row sqlgen.Client) (ClientRow, error) {
	secrets, err := c.q.ExportClientSecrets(c.bound(ctx), row.ID)
	if err != nil {
		return ClientRow{}, translate("export client secrets", err)
	}
	whole := ClientRow{Client: client(row)}
	for _, s := range secrets {
		whole.Secrets = append(whole.Secrets, ClientSecretRow{Digest: s.Digest, CreatedAt: at(s.CreatedAt), ExpiresAt: atNull(s.ExpiresAt)})
	}
	return whole, nil
}

// Each of these reads the row of an id. ErrNotFound: there is none.

// UserRow reads a user.
func (c *Conn) UserRow(ctx context.Context, id watchword.UserID) (UserRow, error) {
	row, err := c.q.ReadUserRow(c.bound(ctx), string(id))
	return userRow(row), translate("read user", err)
}

// Identity reads an identity.
func (c *Conn) Identity(ctx context.Context, id watchword.IdentityID) (watchword.Identity, error) {
	row, err := c.q.ReadIdentity(c.bound(ctx), string(id))
	return identity(row), translate("read identity", err)
}

// MembershipRow reads a membership.
func (c *Conn) MembershipRow(ctx context.Context, id watchword.MembershipID) (watchword.Membership, error) {
	row, err := c.q.ReadMembership(c.bound(ctx), string(id))
	return membershipRow(row), translate("read membership", err)
}

// InviteRow reads an invite.
func (c *Conn) InviteRow(ctx context.Context, id watchword.InviteID) (watchword.Invite, error) {
	row, err := c.q.ReadInvite(c.bound(ctx), string(id))
	return invite(row), translate("read invite", err)
}

// FeatureRow reads a feature.
func (c *Conn) FeatureRow(ctx context.Context, id watchword.FeatureID) (watchword.Feature, error) {
	row, err := c.q.ReadFeature(c.bound(ctx), string(id))
	return feature(row), translate("read feature", err)
}

// FeatureNamed is the feature of a name, without the counts.
func (c *Conn) FeatureNamed(ctx context.Context, name watchword.FeatureName) (watchword.Feature, error) {
	row, err := c.q.ReadFeatureByName(c.bound(ctx), string(name))
	return feature(row), translate("read feature", err)
}

// WaitlistEntry reads a waitlist entry.
func (c *Conn) WaitlistEntry(ctx context.Context, id watchword.WaitlistEntryID) (watchword.WaitlistEntry, error) {
	row, err := c.q.ReadWaitlistEntry(c.bound(ctx), string(id))
	return waitlistEntryRow(row), translate("read waitlist entry", err)
}

// ClientRow reads a client with its secrets.
func (c *Conn) ClientRow(ctx context.Context, id watchword.ClientID) (ClientRow, error) {
	row, err := c.q.GetClient(c.bound(ctx), string(id))
	if err != nil {
		return ClientRow{}, translate("read client", err)
	}
	return c.clientRow(ctx, row)
}

// AccountBySlug is the account of a slug.
func (c *Conn) AccountBySlug(ctx context.Context, slug string) (watchword.Account, error) {
	row, err := c.q.ReadAccountBySlug(c.bound(ctx), slug)
	return account(row), translate("read account", err)
}

// ClientOfSecret is whose secret has the digest.
func (c *Conn) ClientOfSecret(ctx context.Context, digest []byte) (watchword.ClientID, error) {
	id, err := c.q.ReadClientOfSecret(c.bound(ctx), digest)
	return watchword.ClientID(id), translate("find client by secret", err)
}

func converted[Row, Noun any](act string, rows []Row, err error, convert func(Row) Noun) ([]Noun, error) {
	if err != nil {
		return nil, translate(act, err)
	}
	list := make([]Noun, len(rows))
	for i, row := range rows {
		list[i] = convert(row)
	}
	return list, nil
}

func userRow(row sqlgen.User) UserRow {
	return UserRow{
		User: watchword.User{
			ID: watchword.UserID(row.ID), Status: watchword.UserStatus(row.Status), Name: row.Name, Picture: row.Picture, Locale: row.Locale,
			Metadata: row.Metadata, AdminMetadata: row.AdminMetadata, Administrator: row.Administrator, HasPassword: row.PasswordHash != "",
			CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt), LastSignInAt: atNull(row.LastSignInAt), DeleteAt: atNull(row.DeleteAt),
		},
		PasswordHash: secret.StoredHash(row.PasswordHash), PasswordVersion: row.PasswordVersion, LastAccountID: watchword.AccountID(row.LastAccountID),
	}
}

func membershipRow(row sqlgen.Membership) watchword.Membership {
	return watchword.Membership{
		ID: watchword.MembershipID(row.ID), UserID: watchword.UserID(row.UserID), Account: watchword.Account{ID: watchword.AccountID(row.AccountID)},
		Role: watchword.Role(row.Role), JoinedAt: at(row.JoinedAt),
	}
}

func waitlistEntryRow(row sqlgen.WaitlistEntry) watchword.WaitlistEntry {
	return watchword.WaitlistEntry{
		ID: watchword.WaitlistEntryID(row.ID), Feature: watchword.FeatureName(row.Feature), AccountID: watchword.AccountID(row.AccountID),
		User: watchword.User{ID: watchword.UserID(row.UserID)}, Status: watchword.WaitlistStatus(row.Status),
		JoinedAt: at(row.JoinedAt), ApprovedAt: atNull(row.ApprovedAt),
	}
}

package transfer

import (
	"cmp"
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// userLine is a user. Their addresses, identities and memberships are lines of
// their own.
type userLine struct {
	Type            Type                 `json:"type"`
	ID              watchword.UserID     `json:"id"`
	Status          watchword.UserStatus `json:"status"`
	Name            string               `json:"name"`
	Picture         string               `json:"picture"`
	Locale          string               `json:"locale"`
	Metadata        jsontext.Value       `json:"metadata"`
	AdminMetadata   jsontext.Value       `json:"admin_metadata"`
	Administrator   bool                 `json:"administrator"`
	PasswordHash    hashText             `json:"password_hash,omitzero"`
	PasswordVersion int64                `json:"password_version"`
	LastAccountID   watchword.AccountID  `json:"last_account_id,omitzero"`
	CreatedAt       moment               `json:"created_at"`
	UpdatedAt       moment               `json:"updated_at"`
	LastSignInAt    moment               `json:"last_sign_in_at,omitzero"`
	DeleteAt        moment               `json:"delete_at,omitzero"`
}

func userLineOf(u store.UserRow) record {
	return &userLine{
		Type: TypeUser, ID: u.ID, Status: u.Status, Name: u.Name, Picture: u.Picture, Locale: u.Locale,
		Metadata: object(u.Metadata), AdminMetadata: object(u.AdminMetadata), Administrator: u.Administrator,
		PasswordHash: hashText{u.PasswordHash}, PasswordVersion: u.PasswordVersion, LastAccountID: u.LastAccountID,
		CreatedAt: moment{u.CreatedAt}, UpdatedAt: moment{u.UpdatedAt}, LastSignInAt: moment{u.LastSignInAt}, DeleteAt: moment{u.DeleteAt},
	}
}

func object(text string) jsontext.Value { return jsontext.Value(cmp.Or(text, "{}")) }

func (l *userLine) row() store.UserRow {
	return store.UserRow{
		User: watchword.User{
			ID: l.ID, Status: l.Status, Name: l.Name, Picture: l.Picture, Locale: l.Locale,
			Metadata: string(l.Metadata), AdminMetadata: string(l.AdminMetadata), Administrator: l.Administrator,
			CreatedAt: l.CreatedAt.at, UpdatedAt: l.UpdatedAt.at, LastSignInAt: l.LastSignInAt.at, DeleteAt: l.DeleteAt.at,
		},
		PasswordHash: l.PasswordHash.hash, PasswordVersion: l.PasswordVersion, LastAccountID: l.LastAccountID,
	}
}

func (l *userLine) id() string { return string(l.ID) }

func (l *userLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	f.must(l.Status == watchword.UserActive || l.Status == watchword.UserDisabled, "status", "not_allowed", "This must be active or disabled.")
	f.texts(maxText, "name", l.Name, "picture", l.Picture, "locale", l.Locale, "last_account_id", string(l.LastAccountID))
	f.object("metadata", &l.Metadata)
	f.object("admin_metadata", &l.AdminMetadata)
	f.must(l.PasswordVersion >= store.FirstPasswordVersion, "password_version", "out_of_range", "This must be 1 or more.")
	if !l.PasswordHash.IsZero() {
		_, err := secret.ParseHash(l.PasswordHash.hash.Reveal())
		f.fault("password_hash", err)
	}
	f.times(timeField{"created_at", l.CreatedAt}, timeField{"updated_at", l.UpdatedAt})
}

func (l *userLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportUser(ctx, l.row())
}

func (l *userLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	u, err := c.UserRow(ctx, l.ID)
	return userLineOf(u), err
}

func (l *userLine) rival(context.Context, *store.Conn) error { return nil }
func (l *userLine) needs() []need                            { return nil }
func (l *userLine) brings() []string                         { return []string{userKey(l.ID)} }

// emailLine is an address of a user.
type emailLine struct {
	Type       Type              `json:"type"`
	ID         watchword.EmailID `json:"id"`
	UserID     watchword.UserID  `json:"user_id"`
	Address    string            `json:"address"`
	Primary    bool              `json:"primary"`
	Exclusive  bool              `json:"exclusive"`
	VerifiedAt moment            `json:"verified_at,omitzero"`
	CreatedAt  moment            `json:"created_at"`
}

func emailLineOf(e watchword.Email) record {
	return &emailLine{
		Type: TypeEmail, ID: e.ID, UserID: e.UserID, Address: e.Address, Primary: e.Primary, Exclusive: e.Exclusive,
		VerifiedAt: moment{e.VerifiedAt}, CreatedAt: moment{e.CreatedAt},
	}
}

func (l *emailLine) id() string { return string(l.ID) }

func (l *emailLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	raw, err = watchword.IDToBytes(l.UserID)
	f.identifier("user_id", raw, err)
	f.address("address", l.Address)
	// Two could have proven one address otherwise, and each sign in by it.
	f.must(l.Exclusive || l.VerifiedAt.IsZero(), "exclusive", "not_allowed", "A verified address must be exclusive.")
	f.times(timeField{"created_at", l.CreatedAt})
}

func (l *emailLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportEmail(ctx, watchword.Email{
		ID: l.ID, UserID: l.UserID, Address: l.Address, Primary: l.Primary, Exclusive: l.Exclusive,
		VerifiedAt: l.VerifiedAt.at, CreatedAt: l.CreatedAt.at,
	})
}

func (l *emailLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	e, err := c.Email(ctx, l.ID)
	return emailLineOf(e), err
}

func (l *emailLine) rival(ctx context.Context, c *store.Conn) error {
	if l.Exclusive {
		_, err := c.UserByAddress(ctx, l.Address)
		if err := free("address", err); err != nil {
			return err
		}
	}
	others, err := c.Emails(ctx, l.UserID)
	if err != nil {
		return err
	}
	for _, other := range others {
		switch {
		case other.Address == l.Address:
			return taken("address")
		case other.Primary && l.Primary:
			return taken("primary")
		}
	}
	return nil
}

func (l *emailLine) needs() []need { return []need{needsUser("user_id", l.UserID)} }

func (l *emailLine) brings() []string {
	keys := []string{"address of " + string(l.UserID) + " " + l.Address}
	if l.Exclusive {
		keys = append(keys, "address "+l.Address)
	}
	if l.Primary {
		keys = append(keys, "primary "+string(l.UserID))
	}
	return keys
}

// identityLine is a user at a provider.
type identityLine struct {
	Type      Type                 `json:"type"`
	ID        watchword.IdentityID `json:"id"`
	UserID    watchword.UserID     `json:"user_id"`
	Provider  string               `json:"provider"`
	Issuer    string               `json:"issuer"`
	Subject   string               `json:"subject"`
	Email     string               `json:"email"`
	CreatedAt moment               `json:"created_at"`
}

func identityLineOf(i watchword.Identity) record {
	return &identityLine{
		Type: TypeIdentity, ID: i.ID, UserID: i.UserID, Provider: i.Provider, Issuer: i.Issuer, Subject: i.Subject, Email: i.Email,
		CreatedAt: moment{i.CreatedAt},
	}
}

func (l *identityLine) id() string { return string(l.ID) }

func (l *identityLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	raw, err = watchword.IDToBytes(l.UserID)
	f.identifier("user_id", raw, err)
	f.texts(maxIndexed, "issuer", l.Issuer, "subject", l.Subject)
	f.texts(maxText, "provider", l.Provider, "email", l.Email)
	f.must(l.Subject != "", "subject", "required", "There must be a subject.")
	f.times(timeField{"created_at", l.CreatedAt})
}

func (l *identityLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportIdentity(ctx, watchword.Identity{
		ID: l.ID, UserID: l.UserID, Provider: l.Provider, Issuer: l.Issuer, Subject: l.Subject, Email: l.Email, CreatedAt: l.CreatedAt.at,
	})
}

func (l *identityLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	i, err := c.Identity(ctx, l.ID)
	return identityLineOf(i), err
}

func (l *identityLine) rival(ctx context.Context, c *store.Conn) error {
	_, err := c.IdentityOf(ctx, l.Issuer, l.Subject)
	return free("subject", err)
}

func (l *identityLine) needs() []need { return []need{needsUser("user_id", l.UserID)} }

func (l *identityLine) brings() []string {
	return []string{"identity " + l.Issuer + "\x00" + l.Subject}
}

package account

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// NewUser is somebody to be made, with an account of their own.
type NewUser struct {
	Address     string // canonical; empty: none (a provider that gave none)
	VerifiedAt  time.Time
	Claimed     bool // the address is a mere claim until it is verified, as one that is added later
	Name        string
	Picture     string
	Locale      string
	Metadata    string // a JSON object; empty: {}
	AccountName string // empty: the person's own name, else the address's local part
	Hash        secret.Hash
	// AdminMetadata is the administrators' JSON object; empty: {}.
	AdminMetadata string
}

// Created is who was made.
type Created struct {
	UserID  watchword.UserID
	EmailID watchword.EmailID
	Account watchword.Account
}

// ErrEmailTaken says that a user here holds the address.
var ErrEmailTaken = watchword.NewError(watchword.KindConflict, "email_taken",
	"There is an account with this email address. Sign in instead, or reset its password.")

// Create makes a user, the address if there is one, and an account that they own,
// in c's transaction. ErrEmailTaken: of parallel creations with one address one wins.
func Create(ctx context.Context, c *store.Conn, random io.Reader, origin watchword.Origin, u NewUser) (Created, error) {
	made, err := insert(ctx, c, random, u)
	if err != nil {
		return Created{}, err
	}
	for _, typ := range []watchword.EventType{watchword.EventUserCreated, watchword.EventAccountCreated} {
		err := event.Record(ctx, c, origin, watchword.Event{Type: typ, UserID: made.UserID, AccountID: made.Account.ID})
		if err != nil {
			return made, err
		}
	}
	return made, nil
}

// CreateMember makes a user and the address, in c's transaction, for an account
// that is there; whoever calls makes them a member. ErrEmailTaken as Create.
func CreateMember(ctx context.Context, c *store.Conn, origin watchword.Origin, u NewUser, of watchword.AccountID) (Created, error) {
	made, err := insertUser(ctx, c, u, of)
	if err != nil {
		return Created{}, err
	}
	return made, event.Record(ctx, c, origin, watchword.Event{Type: watchword.EventUserCreated, UserID: made.UserID, AccountID: of})
}

// insert is Create without the event. With ErrEmailTaken comes a user without an
// address, to be deleted by whoever goes on with the transaction.
func insert(ctx context.Context, c *store.Conn, random io.Reader, u NewUser) (Created, error) {
	own := watchword.Account{ID: c.NewAccountID(), Name: accountName(u), CreatedAt: c.Now()}
	made, err := insertUser(ctx, c, u, own.ID)
	made.Account = own
	if err != nil {
		return made, err
	}
	if made.Account.Slug, err = insertAccount(ctx, c, random, made.Account); err != nil {
		return Created{}, err
	}
	return made, c.InsertMembership(ctx, made.Account.ID, made.UserID, watchword.RoleOwner)
}

func insertUser(ctx context.Context, c *store.Conn, u NewUser, last watchword.AccountID) (made Created, err error) {
	made.UserID, err = c.InsertUser(ctx, store.NewUser{
		Name: u.Name, Picture: u.Picture, Locale: u.Locale, Metadata: u.Metadata, AdminMetadata: u.AdminMetadata,
		PasswordHash: u.Hash, LastAccountID: last,
	})
	if err != nil {
		return Created{}, err
	}
	if u.Address == "" {
		return made, nil
	}
	made.EmailID, err = c.InsertEmail(ctx, watchword.Email{
		UserID: made.UserID, Address: u.Address, Primary: true, Exclusive: !u.Claimed, VerifiedAt: u.VerifiedAt,
	})
	if errors.Is(err, store.ErrDuplicate) {
		return made, ErrEmailTaken.Because(err)
	}
	return made, err
}

// Of a million accounts with the same name two may draw the same slug; that
// several draws in a row are taken says that something else is wrong.
const slugDraws = 5

// insertAccount makes an account under a slug that is free, and answers the slug.
func insertAccount(ctx context.Context, c *store.Conn, random io.Reader, a watchword.Account) (string, error) {
	for draw := 1; ; draw++ {
		a.Slug = slug(a.Name, random)
		err := c.InsertAccount(ctx, a)
		if err == nil || draw == slugDraws || !errors.Is(err, store.ErrDuplicate) {
			return a.Slug, err
		}
	}
}

func accountName(u NewUser) string {
	local, _, _ := strings.Cut(u.Address, "@")
	for _, name := range []string{u.AccountName, u.Name, local} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return "Account"
}

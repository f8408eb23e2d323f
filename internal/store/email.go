package store

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// InsertEmail adds an address to a user and answers its id; e's own ID and
// CreatedAt are not read. ErrDuplicate: somebody holds the address exclusively;
// the transaction can go on.
func (c *Conn) InsertEmail(ctx context.Context, e watchword.Email) (watchword.EmailID, error) {
	id := watchword.NewID[watchword.EmailID](c.now, c.random)
	n, err := c.q.InsertEmail(c.bound(ctx), sqlgen.InsertEmailParams{
		ID: string(id), UserID: string(e.UserID), Address: e.Address, IsPrimary: e.Primary,
		Exclusive: e.Exclusive, VerifiedAt: nullMicros(e.VerifiedAt), Now: micros(c.now),
	})
	return id, inserted("insert email", n, err)
}

// UserByAddress is who holds the address exclusively.
func (c *Conn) UserByAddress(ctx context.Context, address string) (watchword.UserID, error) {
	id, err := c.q.FindUserByAddress(c.bound(ctx), address)
	return watchword.UserID(id), translate("find user by address", err)
}

// Email reads one address of a user.
func (c *Conn) Email(ctx context.Context, id watchword.EmailID) (watchword.Email, error) {
	row, err := c.q.GetEmail(c.bound(ctx), string(id))
	if err != nil {
		return watchword.Email{}, translate("read email", err)
	}
	return email(row), nil
}

// Emails lists the addresses of a user, oldest first.
func (c *Conn) Emails(ctx context.Context, user watchword.UserID) ([]watchword.Email, error) {
	rows, err := c.q.ListEmails(c.bound(ctx), string(user))
	if err != nil {
		return nil, translate("list emails", err)
	}
	list := make([]watchword.Email, len(rows))
	for i, row := range rows {
		list[i] = email(row)
	}
	return list, nil
}

func email(row sqlgen.Email) watchword.Email {
	return watchword.Email{
		ID: watchword.EmailID(row.ID), UserID: watchword.UserID(row.UserID), Address: row.Address, Primary: row.IsPrimary,
		Exclusive: row.Exclusive, VerifiedAt: atNull(row.VerifiedAt), CreatedAt: at(row.CreatedAt),
	}
}

// VerifyEmail marks an address as proven, which makes it its user's alone; whoever
// gave it at sign-up and never proved it gives way: their sessions, which say that
// it is theirs, end, and what is outstanding for it there is void. Proving it again
// changes nothing. It answers who gave way; their rows are held. ErrDuplicate:
// somebody else has proven it first, or is about to.
func (c *Conn) VerifyEmail(ctx context.Context, e watchword.Email) ([]Displaced, error) {
	rows, err := c.q.DisplaceUnproven(c.bound(ctx), e.Address, string(e.ID))
	if err != nil {
		return nil, translate("displace unproven address", err)
	}
	var displaced []Displaced
	for _, row := range rows {
		one := Displaced{UserID: watchword.UserID(row.UserID), EmailID: watchword.EmailID(row.ID)}
		if one.SessionsEnded, err = c.displace(ctx, one.UserID, one.EmailID); err != nil {
			return nil, err
		}
		displaced = append(displaced, one)
	}
	n, err := c.q.VerifyEmail(c.bound(ctx), nullMicros(c.now), string(e.ID))
	err = affected("verify email", n, err)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrDuplicate.Because(err)
	}
	return displaced, err
}

// Displaced is a user who gave an address at a sign-up, never proved it, and lost
// it to somebody who did.
type Displaced struct {
	UserID        watchword.UserID
	EmailID       watchword.EmailID // still theirs, as a mere claim
	SessionsEnded int64
}

// HoldEmail makes an address its user's alone without a proof, as one that is given
// at sign-up. ErrDuplicate: it is somebody else's.
func (c *Conn) HoldEmail(ctx context.Context, id watchword.EmailID) error {
	n, err := c.q.HoldEmail(c.bound(ctx), string(id))
	return inserted("hold email", n, err)
}

func (c *Conn) displace(ctx context.Context, user watchword.UserID, email watchword.EmailID) (ended int64, err error) {
	if err := c.VoidEmailTokens(ctx, email); err != nil {
		return 0, err
	}
	// With the version every sign-in under way fails as well.
	if err := c.ClearPassword(ctx, user); err != nil {
		return 0, err
	}
	return c.RevokeSessions(ctx, user, "")
}

// DeleteEmail deletes an address of a user. ErrNotFound: it is none of theirs.
func (c *Conn) DeleteEmail(ctx context.Context, user watchword.UserID, id watchword.EmailID) error {
	n, err := c.q.DeleteEmail(c.bound(ctx), string(id), string(user))
	return affected("delete email", n, err)
}

// DeleteOtherEmails deletes all addresses of a user but one.
func (c *Conn) DeleteOtherEmails(ctx context.Context, user watchword.UserID, keep watchword.EmailID) error {
	_, err := c.q.DeleteOtherEmails(c.bound(ctx), string(user), string(keep))
	return translate("delete other emails", err)
}

// MakePrimary makes an address the one that its user is known and told by.
// ErrNotFound: it is none of theirs.
func (c *Conn) MakePrimary(ctx context.Context, user watchword.UserID, id watchword.EmailID) error {
	if _, err := c.q.ClearPrimary(c.bound(ctx), string(user), string(id)); err != nil {
		return translate("clear primary email", err)
	}
	n, err := c.q.MakePrimary(c.bound(ctx), string(id), string(user))
	return affected("make email primary", n, err)
}

package store

import (
	"context"

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

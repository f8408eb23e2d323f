package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// IdentityOf is who a provider's subject is here. ErrNotFound: nobody.
func (c *Conn) IdentityOf(ctx context.Context, issuer, subject string) (watchword.Identity, error) {
	row, err := c.q.FindIdentity(c.bound(ctx), issuer, subject)
	return identity(row), translate("find identity", err)
}

// Identities lists the identities of a user, oldest first.
func (c *Conn) Identities(ctx context.Context, user watchword.UserID) ([]watchword.Identity, error) {
	rows, err := c.q.ListIdentities(c.bound(ctx), string(user))
	if err != nil {
		return nil, translate("list identities", err)
	}
	list := make([]watchword.Identity, len(rows))
	for i, row := range rows {
		list[i] = identity(row)
	}
	return list, nil
}

// InsertIdentity links a provider's subject to a user and answers the link's id;
// i's own ID and CreatedAt are not read. ErrDuplicate: it is linked, to this user
// or another; the transaction can go on.
func (c *Conn) InsertIdentity(ctx context.Context, i watchword.Identity) (watchword.IdentityID, error) {
	id := watchword.NewID[watchword.IdentityID](c.now, c.random)
	n, err := c.q.InsertIdentity(c.bound(ctx), sqlgen.InsertIdentityParams{
		ID: string(id), UserID: string(i.UserID), Provider: i.Provider, Issuer: i.Issuer, Subject: i.Subject, Email: i.Email,
		Now: micros(c.now),
	})
	return id, inserted("insert identity", n, err)
}

// DeleteIdentity takes one of a user's identities away. ErrNotFound: they have no
// such.
func (c *Conn) DeleteIdentity(ctx context.Context, user watchword.UserID, id watchword.IdentityID) error {
	n, err := c.q.DeleteIdentity(c.bound(ctx), string(id), string(user))
	return affected("delete identity", n, err)
}

// DeleteIdentities takes all of a user's providers away.
func (c *Conn) DeleteIdentities(ctx context.Context, user watchword.UserID) error {
	_, err := c.q.DeleteIdentities(c.bound(ctx), string(user))
	return translate("delete identities", err)
}

// Providers are the names of the providers that a user signs in with.
func (c *Conn) Providers(ctx context.Context, user watchword.UserID) ([]string, error) {
	list, err := c.q.ListProviders(c.bound(ctx), string(user))
	return list, translate("list providers", err)
}

func identity(row sqlgen.Identity) watchword.Identity {
	return watchword.Identity{
		ID: watchword.IdentityID(row.ID), UserID: watchword.UserID(row.UserID), Provider: row.Provider, Issuer: row.Issuer,
		Subject: row.Subject, Email: row.Email, CreatedAt: at(row.CreatedAt),
	}
}

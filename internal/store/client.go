package store

import (
	"context"
	"database/sql"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Client is the row of a client application. Zero lifetimes and no audience: as
// the settings say.
type Client struct {
	watchword.Client
	CreatedAt time.Time
	UpdatedAt time.Time
}

// InsertClient records a client and answers its id; of cl neither the ID nor a
// time is read.
func (c *Conn) InsertClient(ctx context.Context, cl watchword.Client) (watchword.ClientID, error) {
	id := watchword.NewID[watchword.ClientID](c.now, c.random)
	l := cl.Lifetimes
	err := c.q.InsertClient(c.bound(ctx), sqlgen.InsertClientParams{
		ID: string(id), Name: cl.Name, Type: string(cl.Type), Audience: cl.Audience,
		RedirectUris: joinWords(cl.RedirectURIs), Origins: joinWords(cl.Origins), Methods: joinWords(cl.Methods),
		AccessToken: l.AccessToken.Microseconds(), RefreshIdle: l.RefreshIdle.Microseconds(),
		RefreshAbsolute: l.RefreshAbsolute.Microseconds(), RefreshShort: l.RefreshShort.Microseconds(), Now: micros(c.now),
	})
	return id, translate("insert client", err)
}

// UpdateClient writes what can change of a client: all but its type. ErrNotFound:
// there is none of this id.
func (c *Conn) UpdateClient(ctx context.Context, cl watchword.Client) error {
	l := cl.Lifetimes
	n, err := c.q.UpdateClient(c.bound(ctx), sqlgen.UpdateClientParams{
		ID: string(cl.ID), Name: cl.Name, Audience: cl.Audience,
		RedirectUris: joinWords(cl.RedirectURIs), Origins: joinWords(cl.Origins), Methods: joinWords(cl.Methods),
		AccessToken: l.AccessToken.Microseconds(), RefreshIdle: l.RefreshIdle.Microseconds(),
		RefreshAbsolute: l.RefreshAbsolute.Microseconds(), RefreshShort: l.RefreshShort.Microseconds(), Now: micros(c.now),
	})
	return affected("update client", n, err)
}

// DeleteClient deletes a client with its secrets. ErrNotFound: there is none.
func (c *Conn) DeleteClient(ctx context.Context, id watchword.ClientID) error {
	n, err := c.q.DeleteClient(c.bound(ctx), string(id))
	return affected("delete client", n, err)
}

// Client reads a client. ErrNotFound: there is none of this id.
func (c *Conn) Client(ctx context.Context, id watchword.ClientID) (Client, error) {
	row, err := c.q.GetClient(c.bound(ctx), string(id))
	return client(row), translate("read client", err)
}

// LockClient is Client for those who go on to change it, or its secrets: nobody
// else does before the end of the transaction.
func (c *Conn) LockClient(ctx context.Context, id watchword.ClientID) (Client, error) {
	row, err := c.q.LockClient(c.bound(ctx), string(id))
	return client(row), translate("lock client", err)
}

// Clients lists clients, newest first.
func (c *Conn) Clients(ctx context.Context, page watchword.Page) ([]Client, error) {
	rows, err := c.lists.ListClients(c.bound(ctx), before(page), limit(page))
	return clients(rows), translate("list clients", err)
}

// AllClients reads every client, in no order.
func (c *Conn) AllClients(ctx context.Context) ([]Client, error) {
	rows, err := c.q.AllClients(c.bound(ctx))
	return clients(rows), translate("read all clients", err)
}

func clients(rows []sqlgen.Client) []Client {
	list := make([]Client, len(rows))
	for i, row := range rows {
		list[i] = client(row)
	}
	return list
}

func client(row sqlgen.Client) Client {
	return Client{
		Client: watchword.Client{
			ID: watchword.ClientID(row.ID), Name: row.Name, Type: watchword.ClientType(row.Type), Audience: row.Audience,
			RedirectURIs: splitWords[string](row.RedirectUris), Origins: splitWords[string](row.Origins),
			Methods: splitWords[watchword.Method](row.Methods),
			Lifetimes: watchword.Lifetimes{
				AccessToken:     time.Duration(row.AccessToken) * time.Microsecond,
				RefreshIdle:     time.Duration(row.RefreshIdle) * time.Microsecond,
				RefreshAbsolute: time.Duration(row.RefreshAbsolute) * time.Microsecond,
				RefreshShort:    time.Duration(row.RefreshShort) * time.Microsecond,
			},
		},
		CreatedAt: at(row.CreatedAt), UpdatedAt: at(row.UpdatedAt),
	}
}

// ClientSecret is a secret of a client that may live: its digest, never itself.
type ClientSecret struct {
	ClientID  watchword.ClientID
	Digest    []byte
	ExpiresAt time.Time // zero: until it is taken back
}

// AllClientSecrets reads the secrets of every client, in no order.
func (c *Conn) AllClientSecrets(ctx context.Context) ([]ClientSecret, error) {
	rows, err := c.q.AllClientSecrets(c.bound(ctx))
	if err != nil {
		return nil, translate("read all client secrets", err)
	}
	list := make([]ClientSecret, len(rows))
	for i, row := range rows {
		list[i] = ClientSecret{ClientID: watchword.ClientID(row.ClientID), Digest: row.Digest, ExpiresAt: atNull(row.ExpiresAt)}
	}
	return list, nil
}

// InsertClientSecret gives a client another secret, without an end. ErrNotFound:
// there is no such client. ErrDuplicate: it has a secret without an end already,
// which ExpireClientSecret would have given one.
func (c *Conn) InsertClientSecret(ctx context.Context, id watchword.ClientID, digest []byte) error {
	return translate("insert client secret", c.q.InsertClientSecret(c.bound(ctx), digest, string(id), micros(c.now)))
}

// ExpireClientSecret gives the newest secret of a client an end and deletes those
// that had one, so that no more than two ever live. It is for a transaction that
// holds the client's row.
func (c *Conn) ExpireClientSecret(ctx context.Context, id watchword.ClientID, end time.Time) error {
	if err := c.q.DeleteOlderClientSecrets(c.bound(ctx), string(id)); err != nil {
		return translate("delete older client secrets", err)
	}
	return translate("expire client secret", c.q.ExpireClientSecret(c.bound(ctx), nullMicros(end), string(id)))
}

// DeleteClientSecrets ends every secret of a client.
func (c *Conn) DeleteClientSecrets(ctx context.Context, id watchword.ClientID) error {
	return translate("delete client secrets", c.q.DeleteClientSecrets(c.bound(ctx), string(id)))
}

// RevokeClientSessions ends one batch of a client's live sessions, of those
// behind the given one, and answers the last of them; empty: there were none.
func (c *Conn) RevokeClientSessions(ctx context.Context, id watchword.ClientID, after watchword.SessionID, n int) (watchword.SessionID, error) {
	ids, err := c.q.RevokeClientSessions(c.bound(ctx), sqlgen.RevokeClientSessionsParams{
		Now: sql.NullInt64{Int64: micros(c.now), Valid: true}, ClientID: string(id), After: string(after), N: int64(n),
	})
	var last string
	for _, revoked := range ids {
		last = max(last, revoked)
	}
	return watchword.SessionID(last), translate("revoke the sessions of a client", err)
}

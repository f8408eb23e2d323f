package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// APIKey is the row of a key for the administration: its digest, never itself.
type APIKey struct {
	watchword.APIKey
	Digest []byte
}

// InsertAPIKey records a key and answers its id; k's own ID and times but
// ExpiresAt are not read. ErrDuplicate: the same key is there already.
func (c *Conn) InsertAPIKey(ctx context.Context, k APIKey) (watchword.KeyID, error) {
	id := watchword.NewID[watchword.KeyID](c.now, c.random)
	err := c.q.InsertAPIKey(c.bound(ctx), sqlgen.InsertAPIKeyParams{
		ID: string(id), Name: k.Name, Digest: k.Digest, Scopes: joinWords(k.Scopes), CreatedBy: k.CreatedBy,
		Now: micros(c.now), ExpiresAt: nullMicros(k.ExpiresAt),
	})
	return id, translate("insert API key", err)
}

// APIKey reads a key by its digest.
func (c *Conn) APIKey(ctx context.Context, digest []byte) (APIKey, error) {
	row, err := c.q.GetAPIKey(c.bound(ctx), digest)
	if err != nil {
		return APIKey{}, translate("read API key", err)
	}
	return apiKey(row), nil
}

// LockAPIKey is the key of an id for those who go on to end it: nobody else does
// before the end of the transaction. ErrNotFound: there is none.
func (c *Conn) LockAPIKey(ctx context.Context, id watchword.KeyID) (APIKey, error) {
	row, err := c.q.LockAPIKey(c.bound(ctx), string(id))
	if err != nil {
		return APIKey{}, translate("lock API key", err)
	}
	return apiKey(row), nil
}

// APIKeyByID reads a key by its id. ErrNotFound: there is none.
func (c *Conn) APIKeyByID(ctx context.Context, id watchword.KeyID) (APIKey, error) {
	row, err := c.q.GetAPIKeyByID(c.bound(ctx), string(id))
	if err != nil {
		return APIKey{}, translate("read API key by id", err)
	}
	return apiKey(row), nil
}

// APIKeys lists keys, newest first.
func (c *Conn) APIKeys(ctx context.Context, page watchword.Page) ([]APIKey, error) {
	rows, err := c.lists.ListAPIKeys(c.bound(ctx), before(page), limit(page))
	if err != nil {
		return nil, translate("list API keys", err)
	}
	list := make([]APIKey, len(rows))
	for i, row := range rows {
		list[i] = apiKey(row)
	}
	return list, nil
}

func apiKey(row sqlgen.ApiKey) APIKey {
	return APIKey{Digest: row.Digest, APIKey: watchword.APIKey{
		ID: watchword.KeyID(row.ID), Name: row.Name, Scopes: splitWords[watchword.Scope](row.Scopes),
		CreatedBy: row.CreatedBy, CreatedAt: at(row.CreatedAt), ExpiresAt: atNull(row.ExpiresAt),
		LastUsedAt: atNull(row.LastUsedAt), RevokedAt: atNull(row.RevokedAt),
	}}
}

// RevokeAPIKey ends a key. ErrNotFound: no such key, or ended before.
func (c *Conn) RevokeAPIKey(ctx context.Context, id watchword.KeyID) error {
	n, err := c.q.RevokeAPIKey(c.bound(ctx), nullMicros(c.now), string(id))
	return affected("revoke API key", n, err)
}

// TouchAPIKey notes that a key was used.
func (c *Conn) TouchAPIKey(ctx context.Context, id watchword.KeyID) error {
	return translate("touch API key", c.q.TouchAPIKey(c.bound(ctx), nullMicros(c.now), string(id)))
}

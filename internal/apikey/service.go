package apikey

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Prefix begins every key, so that scanners find one that was committed by mistake.
const Prefix = "wk_"

// Environment says where the keys are used.
type Environment string

// The two. Keys that dev made are good under dev alone: the data folder may
// become that of a real server.
const (
	Production  Environment = "production"
	Development Environment = "development"
)

// Keys makes, checks and ends keys.
type Keys struct {
	Store       *store.Store
	Environment Environment // zero: Production
	// Keyring seals what is shown once, for a call that is sent again; nil where
	// nobody calls Delegate.
	Keyring *secret.Keyring
	Clock   func() time.Time
	Random  io.Reader
}

// The errors of keys.
var (
	ErrInvalid = watchword.NewError(watchword.KindUnauthenticated, "api_key_invalid",
		"This is not a valid API key, or it has expired or been revoked.")
	ErrNotFound     = watchword.NewError(watchword.KindNotFound, "api_key_not_found", "There is no such live API key.")
	ErrScopeMissing = watchword.NewError(watchword.KindForbidden, "insufficient_scope",
		"This needs a scope that the API key does not have.")
)

// New is a key to be made.
type New struct {
	Name    string
	Scopes  []watchword.Scope
	Expires time.Time // zero: never
	Actor   string    // who makes it, as in events
	// Fixed is the key itself where it is given from outside (dev); zero: random.
	Fixed secret.String
}

// Create makes any key, for whoever has the machine, and answers it, the only time
// that it can be seen. A fixed key that is there already is answered as it is.
func (k Keys) Create(ctx context.Context, n New) (store.APIKey, secret.String, error) {
	if err := check(n); err != nil {
		return store.APIKey{}, secret.String{}, err
	}
	key := n.Fixed
	if key.IsZero() {
		key = secret.NewToken(Prefix, k.Random)
	}
	var row store.APIKey
	err := k.Store.Tx(ctx, func(c *store.Conn) (err error) {
		row, err = insert(ctx, c, watchword.Administrator{Actor: n.Actor}, n, key)
		return err
	})
	if errors.Is(err, store.ErrDuplicate) && !n.Fixed.IsZero() {
		existing, err := k.Store.Read().APIKey(ctx, secret.Digest(key))
		return existing, key, err
	}
	return row, key, err
}

func insert(ctx context.Context, c *store.Conn, by watchword.Administrator, n New, key secret.String) (store.APIKey, error) {
	row := store.APIKey{Digest: secret.Digest(key), APIKey: watchword.APIKey{
		Name: n.Name, Scopes: n.Scopes, CreatedBy: by.Actor, ExpiresAt: n.Expires,
	}}
	id, err := c.InsertAPIKey(ctx, row)
	if err != nil {
		return row, err
	}
	row.ID, row.CreatedAt = id, c.Now()
	return row, record(ctx, c, by, watchword.EventAPIKeyCreated, row, map[string]string{"scopes": joined(n.Scopes, " ")})
}

// record writes what became of a key.
func record(ctx context.Context, c *store.Conn, by watchword.Administrator, typ watchword.EventType, row store.APIKey, data map[string]string) error {
	data["key"], data["name"] = string(row.ID), row.Name
	return event.Record(ctx, c, by.Origin, watchword.Event{Type: typ, Actor: by.Actor, Data: data})
}

const maxName = 100 // characters

func check(n New) error {
	if n.Name == "" || utf8.RuneCountInString(n.Name) > maxName {
		return watchword.InvalidField("name", "invalid_name", "A key needs a name of at most 100 characters.")
	}
	// A name that disguises itself in a list could have the wrong key revoked.
	if !utf8.ValidString(n.Name) || strings.ContainsFunc(n.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return watchword.InvalidField("name", "invalid_characters", "This must not hold control or invisible characters.")
	}
	if len(n.Scopes) == 0 || slices.ContainsFunc(n.Scopes, func(s watchword.Scope) bool { return !s.Valid() }) {
		return watchword.InvalidField("scopes", "invalid_scope", "A key needs scopes, each of them known: "+joined(watchword.Scopes(), ", ")+".")
	}
	if !n.Fixed.IsZero() && (!strings.HasPrefix(n.Fixed.Reveal(), Prefix) || len(n.Fixed.Reveal()) < minFixed) {
		return watchword.InvalidField("api_key", "invalid_key", "A given key must begin with wk_ and have at least 8 characters.")
	}
	return nil
}

const minFixed = 8

func joined(scopes []watchword.Scope, by string) string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = string(s)
	}
	return strings.Join(texts, by)
}

// touchEvery is how exactly the last use of a key is known: a write for each
// call would make every read of the administration a write.
const touchEvery = time.Minute

// Authenticate is the key of a bearer token, if it lives. ErrInvalid otherwise.
func (k Keys) Authenticate(ctx context.Context, bearer secret.String) (store.APIKey, error) {
	if !strings.HasPrefix(bearer.Reveal(), Prefix) {
		return store.APIKey{}, ErrInvalid
	}
	return k.AuthenticateDigest(ctx, secret.Digest(bearer))
}

// AuthenticateDigest is Authenticate for a key that was shown before and of which
// only the digest was kept.
func (k Keys) AuthenticateDigest(ctx context.Context, digest []byte) (store.APIKey, error) {
	row, err := k.Store.Read().APIKey(ctx, digest)
	if errors.Is(err, store.ErrNotFound) {
		return store.APIKey{}, ErrInvalid.Because(err)
	}
	if err != nil {
		return store.APIKey{}, err
	}
	now := k.Clock()
	if row.CreatedBy == event.ActorDevelopment && k.Environment != Development {
		return store.APIKey{}, ErrInvalid // often short, printed, and for every scope
	}
	if row.Status(now) != watchword.APIKeyLive {
		return store.APIKey{}, ErrInvalid
	}
	if now.Sub(row.LastUsedAt) >= touchEvery {
		// A disk that is full must not keep anybody from reading the metrics.
		_ = k.Store.Write(ctx, func(c *store.Conn) error { return c.TouchAPIKey(ctx, row.ID) })
	}
	return row, nil
}

// Allow says whether the key may do what the scope names: ErrScopeMissing if
// not. No scope includes another.
func Allow(key store.APIKey, scope watchword.Scope) error {
	if slices.Contains(key.Scopes, scope) {
		return nil
	}
	return ErrScopeMissing
}

// List is a page of keys, newest first, and the cursor of the next.
func (k Keys) List(ctx context.Context, page watchword.Page) (list []store.APIKey, next string, err error) {
	list, err = k.Store.Read().APIKeys(ctx, page.OneMore())
	if err != nil {
		return nil, "", err
	}
	list, next = watchword.Cut(list, page, func(key store.APIKey) watchword.KeyID { return key.ID })
	return list, next, nil
}

// Revoke ends any key at once, on every node, for whoever has the machine.
func (k Keys) Revoke(ctx context.Context, id watchword.KeyID, actor string) error {
	return k.end(ctx, watchword.Administrator{Actor: actor}, id, func(store.APIKey) error { return nil })
}

// end ends a key that may end. What has ended already is not there.
func (k Keys) end(ctx context.Context, by watchword.Administrator, id watchword.KeyID, may func(store.APIKey) error) error {
	return k.Store.Tx(ctx, func(c *store.Conn) error {
		row, err := c.LockAPIKey(ctx, id)
		if err != nil {
			return notFound(err)
		}
		if err := may(row); err != nil {
			return err
		}
		if err := c.RevokeAPIKey(ctx, id); err != nil {
			return notFound(err)
		}
		return record(ctx, c, by, watchword.EventAPIKeyRevoked, row, map[string]string{})
	})
}

func notFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound.Because(err)
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/config"
	"watchword/internal/store"
)

type keysCommand struct {
	Create keysCreateCommand `cmd:"" help:"Make an API key and print it, the only time that it can be seen."`
	List   keysListCommand   `cmd:"" help:"List the API keys, newest first."`
	Revoke keysRevokeCommand `cmd:"" help:"End an API key at once."`
}

type keysCreateCommand struct {
	Name    string   `required:"" help:"What the key is for."`
	Scopes  []string `required:"" known:"scopes" placeholder:"SCOPE" help:"What it may do."`
	Expires string   `placeholder:"90d" help:"How long it lives (for ever)."`
}

// Help has the examples.
func (*keysCreateCommand) Help() string {
	return `The key goes to the standard output, all else to the standard error.

Examples:

    watchword admin keys create --name prometheus --scopes metrics:read
    watchword admin keys create --name audit --scopes events:read,users:read --expires 90d
    KEY=$(watchword admin keys create --name deploy --scopes clients:write)

Scopes: ` + joinScopes(watchword.Scopes())
}

// createdKey is a new key in JSON.
type createdKey struct {
	ID        watchword.KeyID   `json:"id"`
	Name      string            `json:"name"`
	Scopes    []watchword.Scope `json:"scopes"`
	ExpiresAt *time.Time        `json:"expires_at"`
	Key       string            `json:"key"`
}

// Run makes a key.
func (c *keysCreateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStoreMade(ctx, env, std, func(t tool, s *store.Store) error {
		expires, err := c.end(t.clock())
		if err != nil {
			return err
		}
		row, key, err := apiKeys(t, s).Create(ctx, apikey.New{
			Name: c.Name, Scopes: c.scopes(), Expires: expires, Actor: t.actor,
		})
		if err != nil {
			return err
		}
		if !t.json {
			t.note("API key %s is made (expires: %s). It is shown this once and never again: keep it now.",
				row.ID, when(row.ExpiresAt, "never"))
		}
		return t.say(createdKey{row.ID, row.Name, row.Scopes, moment(row.ExpiresAt), key.Reveal()}, "%s", key.Reveal())
	})
}

func (c *keysCreateCommand) end(now time.Time) (time.Time, error) {
	if c.Expires == "" {
		return time.Time{}, nil
	}
	life, err := config.ParseDuration(c.Expires)
	if err != nil {
		return time.Time{}, fmt.Errorf("--expires: %w", err)
	}
	if life <= 0 {
		return time.Time{}, fmt.Errorf("--expires: a key that has expired is of no use")
	}
	return now.Add(life), nil
}

func (c *keysCreateCommand) scopes() []watchword.Scope {
	list := make([]watchword.Scope, len(c.Scopes))
	for i, scope := range c.Scopes {
		list[i] = watchword.Scope(strings.TrimSpace(scope))
	}
	return list
}

func apiKeys(t tool, s *store.Store) apikey.Keys {
	return apikey.Keys{Store: s, Clock: t.clock, Random: t.random}
}

func joinScopes(scopes []watchword.Scope) string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}

type keysListCommand struct{}

// Help has the examples.
func (*keysListCommand) Help() string {
	return `Examples:

    watchword admin keys list
    watchword admin keys list --json | jq -r '.[] | select(.state == "live") | .id'`
}

// listedKey is a key in JSON.
type listedKey struct {
	ID         watchword.KeyID        `json:"id"`
	Name       string                 `json:"name"`
	Scopes     []watchword.Scope      `json:"scopes"`
	State      watchword.APIKeyStatus `json:"state"`
	CreatedBy  string                 `json:"created_by"`
	CreatedAt  *time.Time             `json:"created_at"`
	ExpiresAt  *time.Time             `json:"expires_at"`
	LastUsedAt *time.Time             `json:"last_used_at"`
	RevokedAt  *time.Time             `json:"revoked_at"`
}

// Run lists all keys.
func (*keysListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		return listing[store.APIKey]{
			head: []string{"ID", "NAME", "STATE", "SCOPES", "CREATED", "EXPIRES", "LAST USED"},
			row: func(key store.APIKey) []string {
				return []string{
					string(key.ID), key.Name, string(key.Status(t.clock())), scopesOf(key),
					when(key.CreatedAt, ""), when(key.ExpiresAt, "never"), when(key.LastUsedAt, "never"),
				}
			},
			json: func(key store.APIKey) any {
				return listedKey{
					key.ID, key.Name, key.Scopes, key.Status(t.clock()), key.CreatedBy,
					moment(key.CreatedAt), moment(key.ExpiresAt), moment(key.LastUsedAt), moment(key.RevokedAt),
				}
			},
			page: func(page watchword.Page) ([]store.APIKey, string, error) { return apiKeys(t, s).List(ctx, page) },
		}.print(t, everything)
	})
}

// scopesOf is short where it would be the longest.
func scopesOf(key store.APIKey) string {
	if len(key.Scopes) == len(watchword.Scopes()) {
		return "all"
	}
	return joinScopes(key.Scopes)
}

type keysRevokeCommand struct {
	KeyID string `arg:"" name:"KEY_ID" help:"As keys list shows it: key_…"`
}

// Help has the examples.
func (*keysRevokeCommand) Help() string {
	return `Every server refuses the key from then on.

Example:

    watchword admin keys revoke key_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run ends a key.
func (c *keysRevokeCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		id := watchword.KeyID(c.KeyID)
		if err := apiKeys(t, s).Revoke(ctx, id, t.actor); err != nil {
			return err
		}
		return t.say(map[string]any{"id": id, "state": watchword.APIKeyRevoked}, "API key %s is revoked.", id)
	})
}

package main

import (
	"context"
	"time"

	"watchword/internal/store"
	"watchword/internal/token"
)

type signingKeysCommand struct {
	List signingKeysListCommand `cmd:"" help:"List the keys that sign access tokens, oldest first."`
}

type signingKeysListCommand struct{}

// Help has the examples.
func (*signingKeysListCommand) Help() string {
	return `What seals them is not needed: it shows when each signs, not the key.

Examples:

    watchword admin signing-keys list
    watchword admin signing-keys list --json | jq -r '.[] | select(.status == "signing") | .id'`
}

// keyOutOfSet is a key that has left the set and waits to be purged.
const keyOutOfSet token.KeyStatus = "expired"

// shownSigningKey is a signing key in JSON.
type shownSigningKey struct {
	ID        string          `json:"id"`
	Algorithm string          `json:"algorithm"`
	Status    token.KeyStatus `json:"status"`
	CreatedAt *time.Time      `json:"created_at"`
	SignsAt   *time.Time      `json:"signs_at"`
	ExpiresAt *time.Time      `json:"expires_at"`
}

// signingKeyStates is where each of the keys stands, which are sorted by age: of
// those whose time has come the newest signs.
func signingKeyStates(keys []store.SigningKey, now time.Time) []token.KeyStatus {
	states := make([]token.KeyStatus, len(keys))
	signing := -1
	for i, key := range keys {
		switch {
		case !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt):
			states[i] = keyOutOfSet
		case key.SignsAt.After(now):
			states[i] = token.KeyPublished
		default:
			states[i], signing = token.KeyRetired, i
		}
	}
	if signing >= 0 {
		states[signing] = token.KeySigning
	}
	return states
}

// Run lists.
func (*signingKeysListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		keys, err := s.Read().SigningKeys(ctx)
		if err != nil {
			return err
		}
		states := signingKeyStates(keys, t.clock())
		list := make([]shownSigningKey, len(keys))
		rows := [][]string{{"ID", "ALGORITHM", "STATUS", "PUBLISHED", "SIGNS FROM", "LEAVES THE SET"}}
		for i, key := range keys {
			list[i] = shownSigningKey{key.ID, key.Algorithm, states[i], moment(key.CreatedAt), moment(key.SignsAt), moment(key.ExpiresAt)}
			rows = append(rows, []string{
				key.ID, key.Algorithm, string(states[i]), when(key.CreatedAt, ""), when(key.SignsAt, ""), when(key.ExpiresAt, nothing),
			})
		}
		return t.show(list, rows)
	})
}

package account_test

import (
	"crypto/rand"
	"strings"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

const grace = 7 * 24 * time.Hour

func (w *world) admin() account.Administration {
	return account.Administration{
		Store: w.store, Jobs: w.passwords.Jobs, Mails: w.mailLimits(), Keyring: w.passwords.Jobs.Keyring, Hasher: w.passwords.Hasher,
		Policy: w.passwords.Policy, Client: "web", Grace: grace, ResetLife: 30 * time.Minute, InviteLife: inviteLife, Random: rand.Reader,
		Issuer: func(provider string) (string, bool) {
			issuers := map[string]string{"acme": "https://acme.example", "tenants": ""}
			issuer, ok := issuers[provider]
			return issuer, ok
		},
		Name: strings.ToUpper,
	}
}

// The administrators: a key that may change users, one that may make administrators
// besides, a user who has just signed in, and one who did so too long ago.
func (w *world) usersKey() watchword.Administrator {
	return watchword.Administrator{
		Actor: "key:key_users", Scopes: []watchword.Scope{watchword.ScopeUsersWrite},
		Origin: watchword.Origin{IP: "192.0.2.9", UserAgent: "Admin/1.0", RequestID: "req"},
	}
}

func (w *world) adminsKey() watchword.Administrator {
	by := w.usersKey()
	by.Actor, by.Scopes = "key:key_admins", append(by.Scopes, watchword.ScopeAdminsWrite)
	return by
}

func (w *world) freshAdmin() watchword.Administrator {
	return watchword.Administrator{Actor: "user:usr_root", AuthTime: w.clock.Now()}
}

func (w *world) staleAdmin() watchword.Administrator {
	return watchword.Administrator{Actor: "user:usr_root", AuthTime: w.clock.Now().Add(-11 * time.Minute)}
}

func (w *world) record(id watchword.UserID) watchword.UserRecord {
	w.Helper()
	record, err := w.admin().User(w.Context(), id)
	w.ok(err)
	return record
}

// grant gives a user the flag.
func (w *world) grant(id watchword.UserID) {
	w.Helper()
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.GrantAdministrator(w.Context(), id) }))
}

// told ends the test unless the only event of a type names actor, user and data.
func (w *world) told(typ watchword.EventType, actor string, user watchword.UserID) watchword.Event {
	w.Helper()
	list := w.events(typ)
	if len(list) != 1 || list[0].Actor != actor || list[0].UserID != user {
		w.Fatalf("%s: got %+v, want one of %s about %s", typ, list, actor, user)
	}
	return list[0]
}

func (w *world) call(key string) idempotency.Call {
	w.Helper()
	call, err := idempotency.NewCall("key:key_users", key, "test", nil)
	w.ok(err)
	return call
}

// link is a token by which a user could come in.
func (w *world) link(user watchword.UserID, email watchword.EmailID, purpose store.TokenPurpose) []byte {
	w.Helper()
	digest := secret.Digest(account.NewToken(rand.Reader))
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error {
		return c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
			Digest: digest, Purpose: purpose, UserID: user, EmailID: email, Address: "ada@example.com", Reach: store.ReachMailed,
			ClientID: "web", ExpiresAt: c.Now().Add(time.Hour),
		})
	}))
	return digest
}

// void says whether a token can be used no more.
func (w *world) void(digest []byte) bool {
	w.Helper()
	t, err := w.store.Read().OneTimeToken(w.Context(), digest)
	return watchword.KindOf(err) == watchword.KindNotFound || err == nil && !t.Live(w.clock.Now())
}

func of[T any](value T) *T { return &value }

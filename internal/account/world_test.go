package account_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// world is the users of a server on a real database.
type world struct {
	*testing.T
	store     *store.Store
	clock     *storetest.Clock
	passwords account.Passwords
	profiles  account.Profiles
}

const (
	password = "violet tambourine 41 harvest"
	another  = "copper lantern 93 meadow"
)

func newWorld(t *testing.T, engine store.Engine) *world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.Open(t, engine, clock.Now)
	keyring, err := secret.NewKeyring(secret.NewString("the secret of the server in these tests"), secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	limiter := limit.New(limit.Config{Now: clock.Now, DigestKey: []byte("limits")})
	return &world{
		T: t, store: s, clock: clock, profiles: account.Profiles{Store: s, Limiter: limiter},
		passwords: account.Passwords{
			// Cheap hashes: what is tested is that they are made, not how long they take.
			Store: s, Hasher: secret.NewHasher(secret.HasherOptions{Params: secret.Params{Memory: 64, Time: 1, Threads: 1}, MaxWait: time.Minute}),
			Policy:  secret.Policy{MinLength: 10, MinScore: 3, Product: "Watchword"},
			Limiter: limiter, Jobs: job.Queue{Keyring: keyring},
		},
	}
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(newWorld(t, engine)) })
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// create makes a user with a password (empty: none).
func (w *world) create(u account.NewUser, password string) (made account.Created, err error) {
	w.Helper()
	if password != "" {
		u.Hash, err = w.passwords.Hasher.Hash(w.Context(), secret.NewString(password))
		w.ok(err)
	}
	err = w.store.Tx(w.Context(), func(c *store.Conn) (err error) {
		made, err = account.Create(w.Context(), c, rand.Reader, watchword.Origin{IP: "192.0.2.1"}, u)
		return err
	})
	return made, err
}

// unprovenAda has signed up and not verified the address.
func (w *world) unprovenAda() watchword.UserID {
	w.Helper()
	made, err := w.create(account.NewUser{Address: "ada@example.com", Name: "Ada Lovelace"}, password)
	w.ok(err)
	return made.UserID
}

func (w *world) ada() watchword.UserID {
	w.Helper()
	made, err := w.create(account.NewUser{Address: "ada@example.com", Name: "Ada Lovelace", VerifiedAt: w.clock.Now()}, password)
	w.ok(err)
	return made.UserID
}

// session gives a user one more session.
func (w *world) session(user watchword.UserID) watchword.SessionID {
	w.Helper()
	row := watchword.Session{
		ID: watchword.NewID[watchword.SessionID](w.clock.Now(), rand.Reader), UserID: user, Generation: 1, Nonce: []byte("0123456789abcdef"),
		IdleExpiresAt: w.clock.Now().Add(time.Hour), ExpiresAt: w.clock.Now().Add(time.Hour),
	}
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error {
		return c.InsertSession(context.WithoutCancel(w.Context()), &row, store.ClientUnauthenticated)
	}))
	return row.ID
}

// live are a user's sessions.
func (w *world) live(user watchword.UserID) (ids []watchword.SessionID) {
	w.Helper()
	list, _, err := w.store.Read().Sessions(w.Context(), user, watchword.Page{Limit: 99})
	w.ok(err)
	for _, row := range list {
		ids = append(ids, row.ID)
	}
	return ids
}

func (w *world) events(typ watchword.EventType) []watchword.Event {
	w.Helper()
	list, _, err := w.store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 99})
	w.ok(err)
	return list
}

// mails are the messages that wait.
func (w *world) mails() (list []mail.Message) {
	w.Helper()
	jobs, err := w.store.Read().WaitingJobs(w.Context(), "", 99)
	w.ok(err)
	for _, j := range jobs {
		var m mail.Message
		w.ok(job.Decode(w.passwords.Jobs.Keyring, j, &m))
		list = append(list, m)
	}
	return list
}

package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

// world is the sessions of a server on a real database.
type world struct {
	*session.Service
	testing.TB
	engine   store.Engine
	location string
	clock    *storetest.Clock
}

const (
	issuer    = "https://id.example.com"
	oldSecret = "the secret of the server in these tests"
	newSecret = "the secret that comes after the old one"
)

func newWorld(tb testing.TB, engine store.Engine) *world {
	tb.Helper()
	return newNode(tb, engine, storetest.Location(tb, engine), storetest.NewClock(), oldSecret, "")
}

// newNode is one more server on a database.
func newNode(tb testing.TB, engine store.Engine, location string, clock *storetest.Clock, current, previous string) *world {
	tb.Helper()
	s := storetest.OpenAt(tb, engine, location, clock.Now)
	keyring, err := secret.NewKeyring(secret.NewString(current), secret.NewString(previous))
	if err != nil {
		tb.Fatal(err)
	}
	keys, err := token.OpenKeys(context.Background(), token.KeysOptions{
		Store: s, Keyring: keyring, Issuer: issuer, Algorithm: jose.ES256, RotateEvery: 90 * 24 * time.Hour,
		PublishAhead: 24 * time.Hour, TokenLife: 10 * time.Minute, Clock: clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return &world{TB: tb, engine: engine, location: location, clock: clock, Service: &session.Service{
		Store: s, Keys: keys, Keyring: keyring, Limiter: limit.New(limit.Config{Now: clock.Now, DigestKey: []byte("limits")}),
		RefreshLimit: limit.Rule{Name: "refresh", Count: 60, Per: time.Minute}, Issuer: issuer, Lookup: lookup,
		Jobs: job.Queue{Keyring: keyring}, Clock: clock.Now, Random: rand.Reader,
	}}
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(newWorld(t, engine)) })
}

func lookup(_ context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
	c, ok := client(id)
	return c, ok, nil
}

func client(id watchword.ClientID) (watchword.Client, bool) {
	c := watchword.Client{ID: id, Type: watchword.ClientPublic, Audience: "https://api.example.com", Lifetimes: watchword.Lifetimes{
		AccessToken: 10 * time.Minute, RefreshIdle: 7 * 24 * time.Hour, RefreshAbsolute: 30 * 24 * time.Hour,
		RefreshShort: 12 * time.Hour, RefreshGrace: 30 * time.Second,
	}}
	if id == "backend" {
		c.Type = watchword.ClientConfidential
	}
	return c, id == "web" || id == "other" || id == "backend"
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// is fails the test unless err is the error wanted, by its code.
func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// person is somebody with an account and a session.
type person struct {
	id      watchword.UserID
	account watchword.AccountID
	grant   session.Grant
}

const address = "ada@example.com"

// person makes a user with a verified address who owns an account and is signed in.
func (w *world) person() person {
	w.Helper()
	p := person{}
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
		p = person{account: c.NewAccountID()}
		if p.id, err = c.InsertUser(w.Context(), store.NewUser{Name: "Ada", LastAccountID: p.account}); err != nil {
			return err
		}
		_, err = c.InsertEmail(w.Context(), watchword.Email{UserID: p.id, Address: address, Primary: true, Exclusive: true, VerifiedAt: c.Now()})
		if err != nil {
			return err
		}
		if err := c.InsertAccount(w.Context(), watchword.Account{ID: p.account, Name: "Engine", Slug: string(p.account)}); err != nil {
			return err
		}
		return c.InsertMembership(w.Context(), p.account, p.id, watchword.RoleOwner)
	}))
	p.grant = w.signIn(p.id)
	return p
}

// account makes one more account that the user is in.
func (w *world) account(user watchword.UserID, role watchword.Role) (id watchword.AccountID) {
	w.Helper()
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		id = c.NewAccountID()
		if err := c.InsertAccount(w.Context(), watchword.Account{ID: id, Name: "Other", Slug: string(id)}); err != nil {
			return err
		}
		return c.InsertMembership(w.Context(), id, user, role)
	}))
	return id
}

// signIn starts a session in the simplest way.
func (w *world) signIn(user watchword.UserID) session.Grant {
	w.Helper()
	g, err := w.start(session.Start{Credential: store.Credential{UserID: user, PasswordVersion: 1}})
	w.ok(err)
	return g
}

// signInWithScope starts a session that a client has asked for with a scope.
func (w *world) signInWithScope(user watchword.UserID, scope, nonce string) session.Grant {
	w.Helper()
	g, err := w.start(session.Start{Credential: store.Credential{UserID: user, PasswordVersion: 1}, Scope: scope, Nonce: nonce})
	w.ok(err)
	return g
}

func (w *world) start(s session.Start) (session.Grant, error) {
	w.Helper()
	if s.Client.ID == "" {
		s.Client, _ = client("web")
	}
	if s.Mode == "" {
		s.Mode = watchword.SessionBoth
	}
	s.AMR = []watchword.AMR{watchword.AMRPassword}
	var started session.Started
	err := w.Store.Tx(context.Background(), func(c *store.Conn) (err error) {
		started, err = w.Begin(context.Background(), c, s)
		return err
	})
	if err != nil {
		return session.Grant{}, err
	}
	return w.Mint(started)
}

// refresh presents a refresh token.
func (w *world) refresh(refresh secret.String) (session.Grant, error) {
	return w.Refresh(context.Background(), session.Presented{Token: refresh})
}

// row is the session as it is in the database.
func (w *world) row(id watchword.SessionID) store.SessionView {
	w.Helper()
	v, err := w.Store.Read().Session(w.Context(), id)
	w.ok(err)
	return v
}

// events are the types of a session's events, oldest first.
func (w *world) events(typ watchword.EventType) []watchword.Event {
	w.Helper()
	list, _, err := w.Store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 100})
	w.ok(err)
	return list
}

// mails is how many mails wait.
func (w *world) mails() int64 {
	w.Helper()
	list, err := w.Store.Read().Backlogs(w.Context())
	w.ok(err)
	for _, b := range list {
		if b.Kind == string(job.KindMail) {
			return b.Waiting
		}
	}
	return 0
}

// mailed is the one message that waits.
func (w *world) mailed() (m mail.Message) {
	w.Helper()
	jobs, err := w.Store.Read().WaitingJobs(w.Context(), "", 2)
	w.ok(err)
	if len(jobs) != 1 {
		w.Fatalf("%d jobs wait", len(jobs))
	}
	w.ok(job.Decode(w.Keyring, jobs[0], &m))
	return m
}

// exec changes the database behind the store's back.
func (w *world) exec(statement string, arguments ...any) {
	w.Helper()
	storetest.Exec(w, w.engine, w.location, statement, arguments...)
}

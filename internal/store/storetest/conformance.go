package storetest

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
)

// Conformance is what every engine must do alike.
func Conformance(t *testing.T, open Opener) {
	t.Helper()
	conform(t, open, userChecks, addressChecks, accountChecks, memberChecks, eraseChecks, sessionChecks, rotationChecks, profileChecks,
		eventChecks, jobChecks, keyChecks, transactionChecks, purgeChecks, inboxChecks,
		tokenChecks, inviteChecks, proofChecks, waitlistChecks, approvalChecks, queueChecks, clientChecks, providerChecks, adminChecks, transferChecks, statisticsChecks)
}

// OrderConformance is the part of Conformance that depends on how text sorts.
func OrderConformance(t *testing.T, open Opener) {
	t.Helper()
	conform(t, open, sessionChecks, memberChecks, profileChecks, eventChecks, jobChecks, keyChecks, purgeChecks, inboxChecks, inviteChecks, queueChecks, clientChecks, providerChecks, waitlistChecks, approvalChecks, adminChecks)
}

// Opener gives a fresh store, migrated and empty, with the clock.
type Opener func(t *testing.T, clock func() time.Time) *store.Store

func conform(t *testing.T, open Opener, nouns ...map[string]func(*subject)) {
	t.Helper()
	for _, checks := range nouns {
		for name, check := range checks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				clock := NewClock()
				clock.Advance(123456 * time.Microsecond) // times with all the digits that are kept
				check(&subject{T: t, Store: open(t, clock.Now), clock: clock})
			})
		}
	}
}

// subject is the store under test, and the makers of what the checks need there.
type subject struct {
	*testing.T
	*store.Store
	clock *Clock
}

// ok ends the check if there is an error.
func (s *subject) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// is ends the check unless err is the error wanted.
func (s *subject) is(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Fatalf("got %v, want %v", err, want)
	}
}

// now is the clock's time as the store keeps it.
func (s *subject) now() time.Time { return s.clock.Now().Truncate(time.Microsecond) }

// do writes by one operation.
func (s *subject) do(act func(*store.Conn) error) error {
	s.Helper()
	return s.Write(s.Context(), act)
}

// wrote is do for an operation that also answers something.
func wrote[T any](s *subject, act func(*store.Conn) (T, error)) (answer T, err error) {
	s.Helper()
	err = s.do(func(c *store.Conn) error {
		answer, err = act(c)
		return err
	})
	return answer, err
}

// user makes a user with this primary address.
func (s *subject) user(address string) watchword.UserID {
	s.Helper()
	id, err := wrote(s, func(c *store.Conn) (watchword.UserID, error) {
		return c.InsertUser(s.Context(), store.NewUser{Name: "Name of " + address})
	})
	s.ok(err)
	s.email(watchword.Email{UserID: id, Address: address, Primary: true, Exclusive: true})
	return id
}

func (s *subject) email(e watchword.Email) watchword.EmailID {
	s.Helper()
	id, err := wrote(s, func(c *store.Conn) (watchword.EmailID, error) { return c.InsertEmail(s.Context(), e) })
	s.ok(err)
	return id
}

// account makes an account with this slug and its owner.
func (s *subject) account(slug string, owner watchword.UserID) watchword.AccountID {
	s.Helper()
	a := watchword.Account{ID: s.Read().NewAccountID(), Name: "Name of " + slug, Slug: slug}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertAccount(s.Context(), a) }))
	s.ok(s.do(func(c *store.Conn) error { return c.InsertMembership(s.Context(), a.ID, owner, watchword.RoleOwner) }))
	return a.ID
}

const (
	idleLife = 7 * 24 * time.Hour
	fullLife = 30 * 24 * time.Hour
)

// session starts a session of a user with claims.
func (s *subject) session(user watchword.UserID, claims watchword.Claims) watchword.Session {
	s.Helper()
	row := watchword.Session{
		ID: watchword.NewID[watchword.SessionID](s.now(), rand.Reader), UserID: user, ClientID: "web",
		Mode: watchword.SessionBoth, Remember: watchword.RememberLong, AMR: []watchword.AMR{watchword.AMRPassword},
		AuthTime: s.now(), Scope: "openid", Claims: claims, Generation: 1, ClaimsSince: 1,
		SecretKeyID: "00c0ffee", Nonce: []byte("0123456789abcdef"), CreatedAt: s.now(), RotatedAt: s.now(),
		IdleLife: idleLife, IdleExpiresAt: s.now().Add(idleLife), ExpiresAt: s.now().Add(fullLife),
		IP: "192.0.2.7", UserAgent: "test",
	}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertSession(s.Context(), &row, store.ClientUnauthenticated) }))
	return row
}

// rotation presents the session's token of its first generation.
func rotation(row watchword.Session) store.Rotation {
	return store.Rotation{
		ID: row.ID, Generation: 1, Nonce: row.Nonce, SecretKeyID: "0badcafe",
		ClientID: row.ClientID, Client: store.ClientUnauthenticated,
	}
}

func (s *subject) rotate(r store.Rotation) (store.SessionView, error) {
	s.Helper()
	return wrote(s, func(c *store.Conn) (store.SessionView, error) { return c.RotateSession(s.Context(), r) })
}

// pages walks a list to its end and answers what it gave, page after page.
func pages[T any](s *subject, size int, page func(watchword.Page) ([]T, error), id func(T) string) (ids []string) {
	s.Helper()
	return turned(s, size, func(p watchword.Page) ([]T, string, error) {
		list, err := page(p.OneMore())
		list, next := watchword.Cut(list, p, id)
		return list, next, err
	}, id)
}

// turned is pages of a list that says itself where the next begins.
func turned[T any](s *subject, size int, page func(watchword.Page) ([]T, string, error), id func(T) string) (ids []string) {
	s.Helper()
	for at := (watchword.Page{Limit: size}); ; {
		list, next, err := page(at)
		s.ok(err)
		if len(list) > size {
			s.Errorf("%d on a page of %d", len(list), size)
		}
		for _, item := range list {
			ids = append(ids, id(item))
		}
		if next == "" {
			return ids
		}
		at.Before = next
	}
}

package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// state is what its holder knows of something that the server may have been
// killed over.
type state int

const (
	never state = iota
	asked       // and no answer came
	acknowledged
)

var errAway = errors.New("the database is away: who knows what it has done")

// ledger is a user with one session, as their client remembers them.
type ledger struct {
	email     string
	signedUp  state
	token     string // the last refresh token that was acknowledged
	signedOut state
}

// live has a client sign up, refresh a while, and sign out or not. It notes
// before a call that it asks, and after the answer what was acknowledged. The
// error is the end of the server or of its database.
func (l *ledger) live(c *caller) error {
	call := func(path, body string, status int, headers ...string) (answer, error) {
		a, err := c.try("POST", path, body, headers...)
		switch {
		case err != nil:
			return a, err
		case a.is(503, "unavailable"):
			return a, errAway
		case a.status != status:
			c.t.Errorf("%s: %d %s", path, a.status, a.text)
		}
		return a, nil
	}
	l.signedUp = asked
	a, err := call("/auth/sign-up", credentials(l.email), 201)
	if err != nil {
		return err
	}
	l.signedUp, l.token = acknowledged, a.str("refresh_token")
	for range rand.IntN(30) {
		if a, err = call("/auth/refresh", refreshBody(l.token), 200); err != nil {
			return err
		}
		l.token = a.str("refresh_token")
	}
	if rand.IntN(3) > 0 {
		return nil
	}
	l.signedOut = asked
	if _, err = call("/auth/sign-out", "", 204, bearer(a)...); err != nil {
		return err
	}
	l.signedOut = acknowledged
	return nil
}

// audit compares the ledger with what the server says after its death.
func (l *ledger) audit(t testing.TB, s *server) {
	t.Helper()
	if l.signedUp == asked { // there whole, or not at all
		a := s.post("/auth/sign-up", credentials(l.email))
		if a.is(409, "email_taken") {
			a = s.post("/auth/sign-in", credentials(l.email)).want(t, 200, "")
		} else {
			a.want(t, 201, "")
		}
		l.signedUp, l.token = acknowledged, a.str("refresh_token")
	}
	next := s.post("/auth/refresh", refreshBody(l.token))
	if l.signedOut == acknowledged {
		next.want(t, 401, "session_revoked")
		return
	}
	if l.signedOut == asked && next.is(401, "session_revoked") {
		return
	}
	// A refresh whose answer was lost leaves the client with the predecessor,
	// which gets the same successor.
	next.want(t, 200, "")
	l.token = next.str("refresh_token")
	s.get("/auth/me", bearer(next)...).want(t, 200, "")
}

func TestKillingTheServerLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		i := devInstall(t, "--rate-limits", "off").on(engine)
		s := i.start()
		var all []*ledger
		for round := range 5 {
			lived := underLoad(t, s, round, s.kill)
			all = append(all, lived...)
			s = i.start()
			for _, l := range all {
				l.audit(t, s)
			}
			// A sample, since each costs a hash.
			s.post("/auth/sign-in", credentials(lived[0].email)).want(t, 200, "")
		}
		t.Logf("%d users were kept", len(all))
		s.stop()
		if engine == store.SQLite {
			wantWholeFile(t, i.data("watchword.db"))
		}
	})
}

// underLoad has the disaster happen at some moment of clients' lives, and gives
// their ledgers.
func underLoad(t *testing.T, s *server, round int, disaster func()) []*ledger {
	t.Helper()
	const clients = 4
	var running sync.WaitGroup
	lives := make([][]*ledger, clients)
	for n := range clients {
		running.Go(func() {
			c := s.another()
			for m, alive := 0, true; alive; m++ {
				l := &ledger{email: fmt.Sprintf("user-%d-%d-%d@example.com", round, n, m)}
				lives[n] = append(lives[n], l)
				alive = l.live(c) == nil
			}
		})
	}
	// When exactly does not matter and must not be the same each time.
	before := strings.Count(s.stderr.String(), "route=/auth/")
	many := 5 + rand.IntN(100)
	eventually(t, "load", func() bool { return strings.Count(s.stderr.String(), "route=/auth/")-before > many })
	time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	disaster()
	running.Wait()
	return slices.Concat(lives...)
}

func wantWholeFile(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(context.Background(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the database file: %q, %v", verdict, err)
	}
	var orphans int
	err = db.QueryRowContext(context.Background(), `SELECT count(*) FROM users u WHERE
		(SELECT count(*) FROM emails WHERE user_id = u.id) <> 1 OR (SELECT count(*) FROM memberships WHERE user_id = u.id) <> 1`).Scan(&orphans)
	if err != nil || orphans != 0 {
		t.Errorf("%d users were half made, %v", orphans, err)
	}
}

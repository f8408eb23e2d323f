package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/store/storetest/pgcluster"
)

// onPostgres is for what only Postgres can do; under -short there is none.
func onPostgres(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		if engine == store.Postgres {
			test(t)
		}
	}
}

func aSession(t *testing.T, s *store.Store) watchword.Session {
	t.Helper()
	row := watchword.Session{
		ClientID: "web", Generation: 1, ClaimsSince: 1, Nonce: []byte("0123456789abcdef"),
		IdleLife: time.Hour, IdleExpiresAt: time.Now().Add(time.Hour), ExpiresAt: time.Now().Add(time.Hour),
		ID: watchword.SessionID("ses_" + t.Name()),
	}
	err := s.Tx(t.Context(), func(c *store.Conn) (err error) {
		if row.UserID, err = c.InsertUser(t.Context(), store.NewUser{}); err != nil {
			return err
		}
		return c.InsertSession(t.Context(), &row, store.ClientUnauthenticated)
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// A refresh must write no index, or a million sessions are a million index
// entries an hour.
func TestRefreshesUpdateInPlace(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		s := storetest.Open(t, store.Postgres, nil)
		row := aSession(t, s)
		const refreshes = 50
		for i := range int64(refreshes) {
			err := s.Write(t.Context(), func(c *store.Conn) error {
				_, err := c.RotateSession(t.Context(), store.Rotation{ID: row.ID, Generation: i + 1, Nonce: row.Nonce, SecretKeyID: "k", Client: store.ClientUnauthenticated})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		updates, hot := updateStatistics(t, s, "sessions", refreshes)
		if hot < updates*9/10 {
			t.Errorf("%d of %d refreshes were updates in place", hot, updates)
		}
	})
}

// updateStatistics waits until the server has counted so many updates.
func updateStatistics(t *testing.T, s *store.Store, table string, least int64) (updates, hot int64) {
	t.Helper()
	for range 600 { // statistics come late; the bound only ends a hopeless wait
		err := s.DB().QueryRowContext(t.Context(),
			"SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = $1", table).Scan(&updates, &hot)
		if err != nil {
			t.Fatal(err)
		}
		if updates >= least {
			return updates, hot
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%d updates were counted, want %d", updates, least)
	return 0, 0
}

// Two transactions that lock two rows crosswise: Postgres ends one, and it is run
// anew without anybody noticing.
func TestADeadlockIsRunAnew(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		s := storetest.Open(t, store.Postgres, nil)
		first, second := aSession(t, s).UserID, anotherUser(t, s)
		bothHold := make(chan struct{})
		holding := make(chan struct{}, 8)
		go func() {
			<-holding
			<-holding
			close(bothHold)
		}()
		runs := make(chan int, 2)
		crosswise := func(one, other watchword.UserID) {
			n := 0
			err := s.Tx(t.Context(), func(c *store.Conn) error {
				n++
				if err := c.LockUser(t.Context(), one); err != nil {
					return err
				}
				holding <- struct{}{}
				<-bothHold
				return c.LockUser(t.Context(), other)
			})
			if err != nil {
				t.Errorf("after %d runs: %v", n, err)
			}
			runs <- n
		}
		go crosswise(first, second)
		go crosswise(second, first)
		if total := <-runs + <-runs; total < 3 {
			t.Errorf("%d runs: there was no deadlock", total)
		}
	})
}

func anotherUser(t *testing.T, s *store.Store) (id watchword.UserID) {
	t.Helper()
	err := s.Write(t.Context(), func(c *store.Conn) (err error) {
		id, err = c.InsertUser(t.Context(), store.NewUser{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestPoolSizeOfTheURLCounts(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		location := storetest.Location(t, store.Postgres)
		if got := open(t, store.Postgres, location+"&pool_max_conns=7").MaxConns(); got != 7 {
			t.Errorf("there may be %d connections, want the 7 of the URL", got)
		}
		if got := open(t, store.Postgres, location).MaxConns(); got < 16 {
			t.Errorf("there may be %d connections, want 16 or more", got)
		}
	})
}

func TestNoErrorTellsTheDatabasePassword(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry-of-the-database"
	for name, location := range map[string]string{
		"unreachable": "postgres://someone:" + canary + "@/nowhere?host=" + t.TempDir(),
		"unreadable":  "postgres://someone:" + canary + "@host:port:port/%zz",
	} {
		_, err := store.Open(context.Background(), store.Options{Engine: store.Postgres, Location: location, Clock: time.Now})
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := store.Open(context.Background(), store.Options{Engine: "oracle", Location: canary})
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("unknown engine: %v", err)
	}
}

// A database that is away is no error of whoever asks, and says when to come back.
func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		cluster := storetest.PostgresCluster(t, pgcluster.Options{})
		url, err := cluster.CreateDatabase(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := storetest.OpenAt(t, store.Postgres, url, nil)
		row := aSession(t, s)
		if err := cluster.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = s.Read().Session(t.Context(), row.ID)
		for name, err := range map[string]error{
			"ping": s.Ping(t.Context()), "read": err,
			"write": s.Write(t.Context(), func(c *store.Conn) error { return c.RevokeSession(t.Context(), row.UserID, row.ID) }),
			"tx":    s.Tx(t.Context(), func(c *store.Conn) error { return c.LockUser(t.Context(), row.UserID) }),
		} {
			var e *watchword.Error
			if !errors.As(err, &e) || e.Kind != watchword.KindUnavailable || e.RetryAfter <= 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := cluster.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read().Session(t.Context(), row.ID); err != nil {
			t.Errorf("after its return: %v", err)
		}
	})
}

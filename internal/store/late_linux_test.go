package store_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// A refresh that Postgres does late, with its old time, is past its grace when
// its client comes again: the session would end as if its token had been stolen.
// What was sent to a connection that stands still for long must never be done.
func TestWhatWasGivenUpLongAgoIsNotDoneLate(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		location := storetest.Location(t, store.Postgres)
		s, witness := storetest.OpenAt(t, store.Postgres, location+"&pool_max_conns=1&idle_session_timeout=1500", nil), storetest.OpenAt(t, store.Postgres, location, nil)
		row := aSession(t, s)
		rotate := func(ctx context.Context, generation int64) error {
			return s.Write(ctx, func(c *store.Conn) error {
				_, err := c.RotateSession(ctx, store.Rotation{ID: row.ID, Generation: generation, Nonce: row.Nonce, SecretKeyID: "k", Client: store.ClientUnauthenticated})
				return err
			})
		}
		// What is new to a connection is first described and then done, in two goes:
		// after this it is one.
		if err := rotate(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		backend := freeze(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // longer than it may be idle
		defer cancel()
		err := rotate(ctx, 2)
		if watchword.KindOf(err) != watchword.KindUnavailable {
			t.Fatalf("got %v", err)
		}
		if err := syscall.Kill(backend, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		ended(t, witness, backend)
		v, err := witness.Read().Session(t.Context(), row.ID)
		if err != nil || v.Generation != 2 {
			t.Errorf("the session is at generation %d (%v)", v.Generation, err)
		}
	})
}

// freeze stops the process behind the store's one connection.
func freeze(t *testing.T, s *store.Store) (backend int) {
	t.Helper()
	for {
		if err := s.DB().QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
			t.Fatal(err)
		}
		err := syscall.Kill(backend, syscall.SIGSTOP)
		if errors.Is(err, syscall.ESRCH) {
			continue // a busy machine: it has been idle for too long already
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Kill(backend, syscall.SIGCONT) })
		return backend
	}
}

// ended waits until a backend is gone: then it has done what it is ever going to.
func ended(t *testing.T, witness *store.Store, backend int) {
	t.Helper()
	for range 600 { // the bound only ends a hopeless wait
		var n int
		err := witness.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the connection does not end")
}

// All of them together must stay below the grace of a refresh, which is 30 s.
func TestPostgresIsToldWhenToGiveUp(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		s := storetest.Open(t, store.Postgres, nil)
		for name, want := range map[string]string{
			"statement_timeout": "8s", "idle_session_timeout": "15s", "idle_in_transaction_session_timeout": "15s",
		} {
			var got string
			if err := s.DB().QueryRowContext(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, want %s (%v)", name, got, want, err)
			}
		}
	})
}

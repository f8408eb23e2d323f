package storetest

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest/pgcluster"
)

// Engines are those that every test of the store and of what is built on it runs
// on. Under -short Postgres is left out.
func Engines() []store.Engine {
	if testing.Short() {
		return []store.Engine{store.SQLite}
	}
	return []store.Engine{store.SQLite, store.Postgres}
}

// OnEach runs a test once for each engine, in parallel.
func OnEach(t *testing.T, test func(t *testing.T, engine store.Engine)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

// Location is where a fresh database of the engine is, migrated and empty. It is
// gone when the test ends.
func Location(tb testing.TB, engine store.Engine) string {
	tb.Helper()
	if engine == store.Postgres {
		return PostgresFrom(tb, pgcluster.Template{Name: "migrated", Prepare: func(ctx context.Context, url string) error {
			return migrate(ctx, store.Postgres, url)
		}})
	}
	return filepath.Join(tb.TempDir(), "watchword.db")
}

func migrate(ctx context.Context, engine store.Engine, location string) error {
	s, err := store.Open(ctx, store.Options{Engine: engine, Location: location, Clock: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	if _, err := s.Migrate(ctx); err != nil {
		_ = s.Close()
		return err
	}
	return s.Close()
}

// Open is a fresh store of the engine, migrated and empty, with a clock of the
// test's own (nil: the real one). It is closed when the test ends.
func Open(tb testing.TB, engine store.Engine, clock func() time.Time) *store.Store {
	tb.Helper()
	return OpenAt(tb, engine, Location(tb, engine), clock)
}

// OpenAt is one more store on a database, as another node would open it.
func OpenAt(tb testing.TB, engine store.Engine, location string, clock func() time.Time) *store.Store {
	tb.Helper()
	if clock == nil {
		clock = time.Now
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Engine: engine, Location: location, Clock: clock, Random: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	if _, err := s.Migrate(ctx); err != nil {
		tb.Fatal(err)
	}
	return s
}

package store_test

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestLookingAtAnEmptyDatabaseMakesNothing(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		location := filepath.Join(t.TempDir(), "empty.db")
		if engine == store.Postgres {
			location = storetest.Postgres(t)
		}
		s, err := store.Open(context.Background(), store.Options{Engine: engine, Location: location, Clock: time.Now, Random: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		v, err := s.Versions(t.Context())
		if err != nil || v.From != 0 || v.To < 1 {
			t.Fatalf("%+v, %v", v, err)
		}
		if _, err := s.DB().ExecContext(t.Context(), "SELECT * FROM goose_db_version"); err == nil {
			t.Error("the look made a table")
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, err := s.Versions(t.Context()); err != nil || v.From != v.To {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestTheDatabaseTellsItsTime(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		before := time.Now().Truncate(time.Microsecond)
		now, err := s.EngineTime(t.Context())
		// The server runs on this machine.
		if err != nil || now.Before(before.Add(-time.Minute)) || now.After(time.Now().Add(time.Minute)) {
			t.Errorf("%v, %v", now, err)
		}
	})
}

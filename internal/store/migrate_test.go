package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// empty is where a database is that has never been migrated.
func empty(t *testing.T, engine store.Engine) string {
	t.Helper()
	if engine == store.Postgres {
		return storetest.Postgres(t)
	}
	return filepath.Join(t.TempDir(), "watchword.db")
}

// open opens a database as it is.
func open(t *testing.T, engine store.Engine, location string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Engine: engine, Location: location, Clock: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exec(t *testing.T, s *store.Store, text string) {
	t.Helper()
	if _, err := s.DB().ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestNodesThatMigrateAtOnceAllComeUp(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		location := empty(t, engine)
		var nodes [8]*store.Store
		for i := range nodes {
			nodes[i] = open(t, engine, location)
		}
		var wait sync.WaitGroup
		for _, node := range nodes {
			wait.Go(func() {
				if _, err := node.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if t.Failed() {
			return
		}
		for i, node := range nodes {
			if err := insertNamed1(t.Context(), node, i); err != nil {
				t.Errorf("node %d: %v", i, err)
			}
		}
	})
}

func insertNamed1(ctx context.Context, s *store.Store, i int) error {
	return s.Tx(ctx, func(c *store.Conn) error { return insertNamed(ctx, c, i) })
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		location := storetest.Location(t, engine)
		s := storetest.OpenAt(t, engine, location, nil)
		exec(t, s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, "+map[store.Engine]string{
			store.SQLite: "1", store.Postgres: "TRUE",
		}[engine]+")")
		later := open(t, engine, location)
		m, err := later.Migrate(t.Context())
		if !errors.Is(err, store.ErrNewerSchema) || m.From != 9000 {
			t.Errorf("got %+v, %v", m, err)
		}
	})
}

func TestMigratingTwiceDoesNothing(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		location := empty(t, engine)
		s := open(t, engine, location)
		m, err := s.Versions(t.Context())
		if err != nil || m.From != 0 || m.To == 0 {
			t.Fatalf("before: %+v, %v", m, err)
		}
		first, err := s.Migrate(t.Context())
		if err != nil || first != m {
			t.Errorf("first: %+v, %v; want %+v", first, err, m)
		}
		second, err := open(t, engine, location).Migrate(t.Context())
		if err != nil || second.From != m.To || second.To != m.To {
			t.Errorf("second: %+v, %v", second, err)
		}
	})
}

func TestMigrationsCanBeUndone(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := open(t, engine, empty(t, engine))
		m, err := s.Versions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.MigrateTo(t.Context(), m.To); err != nil {
			t.Fatal(err)
		}
		exec(t, s, `INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES ('acc_a', 'a', 'a', 1, 1)`)
		if err := s.MigrateTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(t.Context(), "SELECT * FROM accounts"); err == nil {
			t.Error("after the last migration was undone there are accounts")
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Errorf("and up again: %v", err)
		}
	})
}

func TestNamesThatWereThereBeforeAreFound(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := open(t, engine, empty(t, engine))
		if err := s.MigrateTo(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		names := []string{"Ada King", "", "ÉLODIE", strings.Repeat("Long Name ", 20), "O'Neill", strings.Repeat("ﷺ", 200)}
		for i, name := range names {
			quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'"
			exec(t, s, fmt.Sprintf(`INSERT INTO users (id, status, name, picture, locale, metadata, admin_metadata, administrator, password_hash,
				password_version, last_account_id, created_at, updated_at) VALUES ('usr_%d', 'active', %s, '', '', '{}', '{}', FALSE, '', 1, '', 1, 1)`, i, quoted))
			exec(t, s, fmt.Sprintf(`INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES ('acc_%d', %s, 's%d', 1, 1)`, i, quoted, i))
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"users", "accounts"} {
			for i, name := range names {
				var key string
				if err := s.DB().QueryRowContext(t.Context(), fmt.Sprintf("SELECT name_key FROM %s WHERE created_at = 1 ORDER BY id LIMIT 1 OFFSET %d", table, i)).Scan(&key); err != nil {
					t.Fatal(err)
				}
				if want := store.NameKey(name); key != want {
					t.Errorf("%s: got %q for %q, want %q", table, key, name, want)
				}
			}
		}
	})
}

// A database may have been made for people: sorted by a language's rules, which
// put ~ before letters and aa behind z. Paging must not notice.
func TestConformanceOnADatabaseThatSortsByLanguage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		return // Postgres alone can
	}
	location := storetest.Postgres(t)
	admin := open(t, store.Postgres, location)
	create := func(t *testing.T, name, options string) (url string) {
		t.Helper()
		exec(t, admin, "CREATE DATABASE "+name+" "+options)
		t.Cleanup(func() { exec(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
		return sibling(t, location, name)
	}
	made := open(t, store.Postgres, create(t, "danish", "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'da-DK'"))
	if _, err := made.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil { // what is in use cannot be copied
		t.Fatal(err)
	}
	var copies atomic.Int64
	t.Run("", func(t *testing.T) { // ends before the databases go
		storetest.OrderConformance(t, func(t *testing.T, clock func() time.Time) *store.Store {
			url := create(t, fmt.Sprintf("danish_%d", copies.Add(1)), "TEMPLATE danish")
			return storetest.OpenAt(t, store.Postgres, url, clock)
		})
	})
}

// sibling is the URL of another database of the same cluster.
func sibling(t *testing.T, location, name string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

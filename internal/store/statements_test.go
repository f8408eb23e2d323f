package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"modernc.org/sqlite"
)

// counted counts what is prepared.
type counted struct {
	*sql.DB
	prepared int // under the lock of statements
}

func (c *counted) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	c.prepared++
	return c.DB.PrepareContext(ctx, query)
}

func openStatements(t *testing.T) (*statements, *counted) {
	t.Helper()
	db := sql.OpenDB(connector{&sqlite.Driver{}, sqliteDSN(filepath.Join(t.TempDir(), "test.db"))})
	underneath := &counted{DB: db}
	kept := newStatements(underneath)
	t.Cleanup(func() {
		if err := kept.close(); err != nil {
			t.Errorf("close the statements: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return kept, underneath
}

func TestStatementIsPreparedOnceAtItsFirstUse(t *testing.T) {
	t.Parallel()
	kept, underneath := openStatements(t)
	if underneath.prepared != 0 {
		t.Error("a statement was prepared before its use")
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			var n int
			if err := kept.QueryRowContext(t.Context(), "SELECT $1 + 1", 41).Scan(&n); err != nil || n != 42 {
				t.Errorf("%d, %v", n, err)
			}
		})
	}
	all.Wait()
	if underneath.prepared != 1 {
		t.Errorf("prepared %d times", underneath.prepared)
	}
}

func TestStatementThatCannotBePreparedSaysSo(t *testing.T) {
	t.Parallel()
	kept, _ := openStatements(t)
	const query = "SELECT word FROM nowhere"
	if _, err := kept.ExecContext(t.Context(), query); err == nil {
		t.Error("Exec: no error")
	}
	rows, err := kept.QueryContext(t.Context(), query) //nolint:sqlclosecheck // not its to close
	if err == nil {
		t.Errorf("Query: no error, %v", rows.Err())
	}
	var n int
	if err := kept.QueryRowContext(t.Context(), query).Scan(&n); err == nil {
		t.Error("QueryRow: no error")
	}
	if _, err := kept.ExecContext(t.Context(), "CREATE TABLE nowhere (word TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.ExecContext(t.Context(), query); err != nil {
		t.Errorf("the failure was kept: %v", err)
	}
}

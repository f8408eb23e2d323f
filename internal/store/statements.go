package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"watchword/internal/store/internal/sqlgen"
)

// statements is a SQLite database that prepares each statement at its first use
// and keeps it. To prepare all of them beforehand, for readers and writer, took a
// third of a start, and would take more with every query.
type statements struct {
	db sqlgen.DBTX

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func newStatements(db sqlgen.DBTX) *statements {
	return &statements{db: db, kept: map[string]*sql.Stmt{}}
}

// PrepareContext gives the kept statement, which is not the caller's to close.
func (s *statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	kept := s.kept[query]
	s.mu.RUnlock()
	if kept != nil {
		return kept, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.kept[query]; kept != nil { // somebody was faster
		return kept, nil
	}
	prepared, err := s.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept, and closed by close
	if err != nil {
		return nil, err
	}
	s.kept[query] = prepared
	return prepared, nil
}

func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return s.db.QueryRowContext(ctx, query, args...) // a Row cannot be made of the error, so it comes again
	}
	return stmt.QueryRowContext(ctx, args...)
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.kept {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

package store

import (
	"context"
	"database/sql"

	"watchword/internal/store/internal/sqlgen"
)

// DB is the pool beneath a store, for tests that look at plans and statistics.
func (s *Store) DB() *sql.DB { return s.write }

// MaxConns is how many connections to Postgres there may be.
func (s *Store) MaxConns() int32 { return s.pgx.Config().MaxConns }

// MigrateTo brings the schema up or down to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	provider, err := s.migrator(s.write)
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return err
	}
	_, err = provider.DownTo(ctx, version)
	return err
}

// ExecInAct runs a statement on the writer's connection, from within an act.
func (s *Store) ExecInAct(ctx context.Context, text string) error {
	_, err := s.writer.conn.ExecContext(ctx, text)
	return err
}

// Queued is how many acts wait for the writer.
func (s *Store) Queued() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.queue)
}

// Spy is Read whose statements are told before they are sent.
func (s *Store) Spy(tell func(query string, arguments []any)) *Conn {
	told := spy{s.read, tell}
	if s.engine == Postgres {
		return s.conn(sqlgen.New(told), sqlgen.New(replanned{told}))
	}
	return s.conn(sqlgen.New(told), sqlgen.New(told))
}

type spy struct {
	sqlgen.DBTX
	tell func(query string, arguments []any)
}

func (s spy) QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error) {
	s.tell(query, arguments)
	return s.DBTX.QueryContext(ctx, query, arguments...)
}

func (s spy) QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row {
	s.tell(query, arguments)
	return s.DBTX.QueryRowContext(ctx, query, arguments...)
}

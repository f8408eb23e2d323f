package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is what Migrate did or the state that it found.
type Migration struct {
	From, To int64 // schema versions
}

// ErrNewerSchema says that the database was migrated by a newer Watchword.
var ErrNewerSchema = errors.New("the database's schema is newer than this program; run the newer version")

// Migrate brings the schema up to date and readies the store for use. Several
// nodes may call it at once: one migrates, the others wait.
func (s *Store) Migrate(ctx context.Context) (Migration, error) {
	db := s.write
	if s.engine == Postgres {
		db = s.patient()
		defer func() { _ = db.Close() }()
	}
	provider, err := s.migrator(db)
	if err != nil {
		return Migration{}, err
	}
	m, err := upOnce(ctx, provider)
	// On SQLite nothing makes a second program wait: of two that take the same step
	// one fails, whole, and finds the other further on when it looks again.
	for range 2 * len(provider.ListSources()) {
		if err == nil || s.engine == Postgres || errors.Is(err, ErrNewerSchema) {
			break
		}
		m, err = upOnce(ctx, provider)
	}
	if err != nil {
		return m, err
	}
	if err := s.prepare(ctx); err != nil {
		return Migration{}, fmt.Errorf("prepare the statements: %w", err)
	}
	return m, nil
}

func upOnce(ctx context.Context, provider *goose.Provider) (Migration, error) {
	from, to, err := provider.GetVersions(ctx)
	if err != nil {
		return Migration{}, fmt.Errorf("read the schema version: %w", err)
	}
	if from > to {
		return Migration{From: from, To: to}, ErrNewerSchema
	}
	if from < to {
		if _, err := provider.Up(ctx); err != nil {
			return Migration{}, fmt.Errorf("migrate the database: %w", err)
		}
	}
	return Migration{From: from, To: to}, nil
}

// Versions are the schema's version and the one that this program wants. It
// changes nothing; an empty database has version 0.
func (s *Store) Versions(ctx context.Context) (Migration, error) {
	provider, err := s.migrator(s.write)
	if err != nil {
		return Migration{}, err
	}
	// The provider would make its table where there is none.
	if migrated, err := s.migrated(ctx); err != nil || !migrated {
		sources := provider.ListSources()
		return Migration{To: sources[len(sources)-1].Version}, err
	}
	from, to, err := provider.GetVersions(ctx)
	if err != nil {
		return Migration{}, fmt.Errorf("read the schema version: %w", err)
	}
	return Migration{From: from, To: to}, nil
}

func (s *Store) migrator(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	tune := func(version int64, more ...func(context.Context, *sql.Tx) error) *goose.Migration { // after each step that makes tables
		up := func(ctx context.Context, tx *sql.Tx) error {
			for _, step := range slices.Concat([]func(context.Context, *sql.Tx) error{s.tune}, more) {
				if err := step(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		}
		return goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, &goose.GoFunc{RunTx: noop})
	}
	options := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(tune(2), tune(4), tune(6), tune(8, s.fillNameKeys)),
	}
	if s.engine == Postgres {
		dialect = goose.DialectPostgres
		// A node that waits for another's migration looks every second, for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, fmt.Errorf("make the migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

// tune makes Postgres do what SQLite does by itself.
func (s *Store) tune(ctx context.Context, tx *sql.Tx) error {
	if s.engine != Postgres {
		return nil
	}
	if err := sortByBytes(ctx, tx); err != nil {
		return err
	}
	// Room in each page of the tables whose rows are updated in place: a refresh
	// then writes no index (HOT).
	for _, table := range []string{"sessions", "users", "jobs"} {
		if _, err := tx.ExecContext(ctx, "ALTER TABLE "+table+" SET (fillfactor = 70)"); err != nil {
			return fmt.Errorf("tune %s: %w", table, err)
		}
	}
	return nil
}

// Text that the schema made by a language's rules, which is how most databases
// are set up, a table at a time.
const textByLanguage = `
SELECT table_name, string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', column_name), ', ')
FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
GROUP BY table_name ORDER BY table_name`

// sortByBytes has all text sorted by its bytes, as on SQLite. Paging and purging
// by id rely on it: a language may put ~ before letters, and aa behind z.
func sortByBytes(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, textByLanguage)
	if err != nil {
		return fmt.Errorf("look for text that is sorted by language: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var statements []string
	for rows.Next() {
		var table, changes string
		if err := rows.Scan(&table, &changes); err != nil {
			return fmt.Errorf("look for text that is sorted by language: %w", err)
		}
		statements = append(statements, "ALTER TABLE "+table+" "+changes)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for text that is sorted by language: %w", err)
	}
	for _, text := range statements {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("sort text by bytes: %w", err)
		}
	}
	return nil
}

func noop(context.Context, *sql.Tx) error { return nil }

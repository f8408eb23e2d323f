package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
)

// synchronous=FULL makes every commit survive a power cut; the one writer makes
// "database is locked" impossible within the process, and the busy time-out
// covers the others (the command line beside a running server).
var sqlitePragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	"temp_store(MEMORY)", "cache_size(-16384)", "journal_size_limit(67108864)",
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	// The folder holds the server secret and password hashes: nobody else's to read.
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	driver := &sqlite.Driver{}
	write := sql.OpenDB(connector{driver, sqliteDSN(path, "_txlock", "immediate")})
	// One is held by the writer; the other is for migrations.
	write.SetMaxOpenConns(2)
	write.SetMaxIdleConns(1)
	write.SetConnMaxLifetime(0)

	readers := max(4, runtime.NumCPU())
	read := sql.OpenDB(connector{driver, sqliteDSN(path, "_pragma", "query_only(ON)")})
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	read.SetConnMaxLifetime(0)

	s.write, s.read = write, read
	s.closers = []func() error{read.Close, write.Close}
	if err := write.PingContext(ctx); err != nil {
		_ = s.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	// The driver makes the file by the umask; it holds password hashes.
	if err := os.Chmod(path, 0o600); err != nil {
		_ = s.Close()
		return fmt.Errorf("restrict the database file: %w", err)
	}
	return nil
}

func sqliteDSN(path string, more ...string) string {
	q := url.Values{}
	for _, p := range sqlitePragmas {
		q.Add("_pragma", p)
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Add(more[i], more[i+1])
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

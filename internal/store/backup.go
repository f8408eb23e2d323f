package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a database is not backed up, or a backup not restored.
var (
	ErrNotSQLite = errors.New("only SQLite databases are backed up and restored by Watchword itself")
	ErrNoBackup  = errors.New("it is no backup of Watchword")
	ErrBroken    = errors.New("it is damaged")
	ErrInUse     = errors.New("the database is in use: stop the server, and whatever else has it open")
)

// BackUp writes a copy of a SQLite database, as it is at one moment, into an empty
// file. Writers go on meanwhile. The copy is not synced to its disk.
func (s *Store) BackUp(ctx context.Context, path string) error {
	if s.engine != SQLite {
		return ErrNotSQLite
	}
	whole, err := filepath.Abs(path) // or a name such as file:a would be taken for a URI
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	// Of the ways to copy this one sees one moment and is done once: the other begins
	// anew whenever somebody writes.
	if _, err := s.write.ExecContext(ctx, "VACUUM INTO $1", whole); err != nil {
		return translate("back up", err)
	}
	return nil
}

// InspectBackup reads the whole of a backup and tells its schema version, changing
// nothing: ErrNoBackup, ErrBroken or ErrNewerSchema where it cannot be restored.
func InspectBackup(ctx context.Context, path string) (Migration, error) {
	// Somebody's copy of a running server's file lacks what is in the log beside it.
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return Migration{}, fmt.Errorf("%w: a log lies beside it, as with a running server's database", ErrNoBackup)
	}
	file, err := os.Open(path)
	if err != nil {
		return Migration{}, fmt.Errorf("open the backup: %w", err)
	}
	_ = file.Close()
	db := sql.OpenDB(connector{&sqlite.Driver{}, backupURI(path)})
	defer func() { _ = db.Close() }()
	var verdict string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict)
	switch {
	case isSQLite(err, sqlite3.SQLITE_NOTADB):
		return Migration{}, ErrNoBackup
	case isSQLite(err, sqlite3.SQLITE_CORRUPT), err == nil && verdict != "ok":
		return Migration{}, ErrBroken
	case err != nil:
		return Migration{}, translate("check the backup", err)
	}
	version, err := (&Store{engine: SQLite, read: db, write: db}).Versions(ctx)
	switch {
	case err != nil:
		return Migration{}, err
	case version.From == 0:
		return version, ErrNoBackup
	case version.From > version.To:
		return version, ErrNewerSchema
	}
	return version, nil
}

// backupURI opens a backup that lies anywhere, a disk that cannot be written included.
func backupURI(path string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&immutable=1"}).String()
}

func isSQLite(err error, code int) bool {
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == code
}

// Restore makes a SQLite database what a backup holds, in one transaction: whoever
// is broken off leaves it as it was. ErrInUse: another program has it open.
func Restore(ctx context.Context, backup, path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	query := url.Values{"_pragma": {"busy_timeout(1000)", "locking_mode(EXCLUSIVE)", "synchronous(FULL)"}}
	db := sql.OpenDB(connector{&sqlite.Driver{}, (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()})
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if isSQLite(err, sqlite3.SQLITE_BUSY) {
		return ErrInUse
	}
	if err != nil {
		return translate("open the database", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := takeAlone(ctx, conn); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("restrict the database file: %w", err)
	}
	return conn.Raw(func(driver any) error {
		into, ok := driver.(interface {
			NewRestore(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("restore: the driver cannot")
		}
		from, err := into.NewRestore(backupURI(backup))
		if err != nil {
			return translate("restore", err)
		}
		more := true
		for more && err == nil && ctx.Err() == nil {
			more, err = from.Step(restorePages)
		}
		// Without its last page it undoes itself.
		return translate("restore", errors.Join(err, from.Finish(), ctx.Err()))
	})
}

// restorePages is how many pages are copied until somebody may break off.
const restorePages = 4096

// takeAlone takes the database for good, until its connection is closed. Leaving
// the write-ahead log is what nobody can do while another has the database open.
func takeAlone(ctx context.Context, conn *sql.Conn) error {
	var mode string
	err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if isSQLite(err, sqlite3.SQLITE_BUSY) || err == nil && mode != "delete" {
		return ErrInUse
	}
	if isSQLite(err, sqlite3.SQLITE_NOTADB) {
		return errors.New("what lies in the database's place is no database: move it away")
	}
	for _, text := range []string{"BEGIN EXCLUSIVE", "COMMIT"} {
		if err == nil {
			_, err = conn.ExecContext(ctx, text)
		}
	}
	if isSQLite(err, sqlite3.SQLITE_BUSY) {
		return ErrInUse
	}
	return translate("take the database", err)
}

package storetest

import (
	"database/sql"
	"testing"

	"watchword/internal/store"
)

// Exec changes what is in a database by a statement of its own, as an operation
// would that the store does not have yet, or a hand that is not ours.
func Exec(tb testing.TB, engine store.Engine, location, statement string, arguments ...any) {
	tb.Helper()
	db := connect(tb, engine, location)
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement, arguments...); err != nil { //nolint:noctx // a test waits for it
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Count is how many rows a query selects, to see what was written and what not.
func Count(tb testing.TB, engine store.Engine, location, from string) (n int) {
	tb.Helper()
	db := connect(tb, engine, location)
	defer func() { _ = db.Close() }()
	if err := db.QueryRow("SELECT COUNT(*) FROM " + from).Scan(&n); err != nil { //nolint:noctx // a test waits for it
		tb.Fatalf("%s: %v", from, err)
	}
	return n
}

func connect(tb testing.TB, engine store.Engine, location string) *sql.DB {
	tb.Helper()
	driver := map[store.Engine]string{store.SQLite: "sqlite", store.Postgres: "pgx"}[engine]
	if engine == store.SQLite {
		location = "file:" + location + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(ON)"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

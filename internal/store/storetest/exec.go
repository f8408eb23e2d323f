package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"watchword/internal/store"
)

// Statement is one of several.
type Statement struct {
	Text      string
	Arguments []any
}

// Exec changes what is in a database by a statement of its own, as an operation
// would that the store does not have yet, or a hand that is not ours.
func Exec(tb testing.TB, engine store.Engine, location, statement string, arguments ...any) {
	tb.Helper()
	ExecAll(tb, engine, location, []Statement{{statement, arguments}})
}

// ExecAll is Exec with many, in one transaction.
func ExecAll(tb testing.TB, engine store.Engine, location string, statements []Statement) {
	tb.Helper()
	db := connect(tb, engine, location)
	defer func() { _ = db.Close() }()
	tx, err := db.Begin() //nolint:noctx // a test waits for it
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range statements {
		if _, err := tx.Exec(s.Text, s.Arguments...); err != nil { //nolint:noctx // a test waits for it
			tb.Fatalf("%s: %v", s.Text, err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
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

// Rows are the rows of a query as text, alike on both engines, to compare what two
// databases hold.
func Rows(tb testing.TB, engine store.Engine, location, query string) (list []string) {
	tb.Helper()
	db := connect(tb, engine, location)
	defer func() { _ = db.Close() }()
	rows, err := db.Query(query) //nolint:noctx // a test waits for it
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		values, places := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			tb.Fatal(err)
		}
		list = append(list, rowText(names, values))
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return list
}

func rowText(names []string, values []any) string {
	fields := make([]string, len(names))
	for i, value := range values {
		if truth, ok := value.(bool); ok {
			value = map[bool]int64{true: 1}[truth]
		}
		fields[i] = fmt.Sprintf("%s=%q", names[i], fmt.Sprint(value))
	}
	slices.Sort(fields) // engines add columns in other places
	return strings.Join(fields, " ")
}

func connect(tb testing.TB, engine store.Engine, location string) *sql.DB {
	tb.Helper()
	driver := map[store.Engine]string{store.SQLite: "sqlite", store.Postgres: "pgx"}[engine]
	if engine == store.SQLite {
		location = "file:" + (&url.URL{Path: location}).EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(ON)"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

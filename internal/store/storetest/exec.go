package storetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
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
		location = "file:" + location + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(ON)"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

package main

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"watchword/internal/store"
)

// rows is all that the database holds, a line for each row: what a refused call
// must leave as it was.
func (w *world) rows() []string {
	w.t.Helper()
	tables := "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	if w.engine == store.Postgres {
		tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
	}
	db := w.database()
	defer func() { _ = db.Close() }()
	var all []string
	for _, table := range column(w.t, db, tables) {
		all = append(all, dump(w.t, db, table)...)
	}
	return all
}

// database opens the server's database behind its back.
func (w *world) database() *sql.DB {
	w.t.Helper()
	driver, location := "sqlite", w.location+"?_pragma=busy_timeout(60000)" // the server writes, too
	if w.engine == store.Postgres {
		driver, location = "pgx", w.location
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		w.t.Fatal(err)
	}
	return db
}

// alter does what no operation does yet.
func (w *world) alter(statement string, args ...any) {
	w.t.Helper()
	db := w.database()
	defer func() { _ = db.Close() }()
	result, err := db.ExecContext(w.t.Context(), statement, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		w.t.Fatalf("%s altered %d rows: %v", statement, n, err)
	}
}

func column(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func dump(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		line := table + ": "
		for i, v := range values {
			line += fmt.Sprintf("%s=%v ", names[i], *v.(*any))
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

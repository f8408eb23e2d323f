//go:build !race

package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// A page costs what it answers, however much there is, wherever it begins and
// however few it is looking for.
func TestListsOfALargeInstallationReadWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newLarge(t, engine)
		for name, list := range w.lists() {
			for at, before := range list.places {
				t.Run(name+"/"+at, func(t *testing.T) { w.measure(t, list, watchword.Page{Before: before, Limit: pageSize}) })
			}
		}
		for name, sifted := range w.siftedLists() {
			t.Run(name, func(t *testing.T) { w.whole(t, sifted) })
		}
	})
}

// pageSize is a page's usual one.
const pageSize = 20

// What a page may read: so many rows, and so many pages of the database. A list
// that is sifted looks at some thousands before it gives up.
const (
	mostRows        = 16 * (pageSize + 1)
	mostPages       = 40 * (pageSize + 1)
	mostSiftedRows  = 50_000
	mostSiftedPages = 60_000
)

// large is a database with as much in it as a big installation has.
type large struct {
	storetest.Filled
	s      *store.Store
	direct *sql.Conn // to the same database
}

func newLarge(t *testing.T, engine store.Engine) large {
	t.Helper()
	location := storetest.Location(t, engine)
	now := time.Now().Truncate(time.Microsecond)
	size := storetest.Size{Users: 200_000, Events: 1_000_000}
	if testing.Short() {
		size = storetest.Size{Users: 10_000, Events: 50_000}
	}
	filled, err := storetest.Fill(t.Context(), engine, location, size, now)
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.OpenAt(t, engine, location, func() time.Time { return now })
	direct, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = direct.Close() })
	return large{filled, s, direct}
}

// measure reads a page and then, each by itself, what it was read by.
func (w large) measure(t *testing.T, l list, page watchword.Page) {
	t.Helper()
	var sent []statementSent
	_, _, err := l.read(t.Context(), w.s.Spy(func(query string, arguments []any) { sent = append(sent, statementSent{query, arguments}) }), page)
	if err != nil {
		t.Fatal(err)
	}
	rows, pages := mostRows, mostPages
	if l.sifted {
		rows, pages = mostSiftedRows, mostSiftedPages
	}
	for mode, total := range w.total(t, sent) {
		if wholeTable.MatchString(harmless.Replace(total.plan)) || total.sorts && !l.sorted {
			t.Errorf("planned %s, a page scans or sorts:\n%s", mode, total.plan)
		}
		if total.rows > rows || total.pages > pages {
			t.Errorf("planned %s, a page reads %d rows and %d pages:\n%s", mode, total.rows, total.pages, total.plan)
		}
	}
}

// whole walks a list of which little is left to its end. That its pages may end
// before they are full must leave nothing out.
func (w large) whole(t *testing.T, l siftedList) {
	t.Helper()
	var got []string
	short := false
	for page := (watchword.Page{Limit: 100}); ; {
		ids, next, err := l.read(t.Context(), w.s.Read(), page)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids...)
		if next == "" {
			break
		}
		short, page.Before = short || len(ids) < page.Limit, next
	}
	want := w.column(t, 0, l.want)
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%d were found, not %d", len(got), len(want))
	}
	if short != l.short && !testing.Short() {
		t.Errorf("a page ended early: %t", short)
	}
}

type statementSent struct {
	query     string
	arguments []any
}

// name is that of the query among ours.
func (s statementSent) name() string {
	line, _, _ := strings.Cut(s.query, "\n")
	return strings.Fields(line)[2]
}

// replanned says whether Postgres is told to plan it each time.
func (s statementSent) replanned() bool {
	_, is := s.arguments[0].(pgx.QueryExecMode)
	return is
}

// cost is what a statement has cost. SQLite does not count rows, so that what it
// has sorted is not known either; Postgres sorts where that reads less.
type cost struct {
	rows, pages int
	plan        string
	sorts       bool
}

// total is what statements cost together, by how they are planned.
func (w large) total(t *testing.T, sent []statementSent) map[string]cost {
	t.Helper()
	totals := map[string]cost{}
	add := func(mode string, one statementSent, c cost) {
		total := totals[mode]
		total.rows, total.pages, total.sorts = total.rows+c.rows, total.pages+c.pages, total.sorts || c.sorts
		total.plan += fmt.Sprintf("%s, %d rows, %d pages:\n%s\n", one.name(), c.rows, c.pages, c.plan)
		totals[mode] = total
	}
	for _, one := range sent {
		if w.s.Engine() == store.SQLite {
			add("as always", one, w.costOnSQLite(t, one))
			continue
		}
		add("for these values", one, w.costOnPostgres(t, one, "force_custom_plan"))
		if !one.replanned() { // after some times Postgres has a plan for any
			add("for any values", one, w.costOnPostgres(t, one, "force_generic_plan"))
		}
	}
	return totals
}

func (w large) costOnSQLite(t *testing.T, s statementSent) (c cost) {
	t.Helper()
	c.plan = strings.Join(w.column(t, 3, "EXPLAIN QUERY PLAN "+s.query, s.arguments...), "\n")
	c.sorts = strings.Contains(c.plan, "TEMP B-TREE")
	looked := func() (pages int) {
		err := w.direct.Raw(func(driver any) error {
			for _, op := range []sqlite.DBStatusOp{sqlite.DBStatusCacheHit, sqlite.DBStatusCacheMiss} {
				n, _, err := driver.(sqlite.DBStatus).Status(op, true)
				if err != nil {
					return err
				}
				pages += n
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	looked()
	w.column(t, 0, s.query, s.arguments...)
	c.pages = looked()
	return c
}

func (w large) costOnPostgres(t *testing.T, s statementSent, mode string) (c cost) {
	t.Helper()
	arguments := s.arguments
	if s.replanned() {
		arguments = arguments[1:]
	}
	values := make([]string, len(arguments))
	for i, argument := range arguments {
		switch v := argument.(type) {
		case string:
			values[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
		case int64:
			values[i] = strconv.FormatInt(v, 10)
		default:
			t.Fatalf("%s takes a %T", s.name(), argument)
		}
	}
	for _, text := range []string{"SET plan_cache_mode = " + mode, "DEALLOCATE ALL", "PREPARE list AS " + s.query} {
		if _, err := w.direct.ExecContext(t.Context(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	question := "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE list (" + strings.Join(values, ", ") + ")"
	c.plan = w.column(t, 0, question, pgx.QueryExecModeSimpleProtocol)[0]
	var explained []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(c.plan), &explained); err != nil {
		t.Fatal(err)
	}
	root := explained[0].Plan
	c.rows, c.pages = root.read(), root.Hit+root.Read
	return c
}

// planNode is what Postgres tells of a part of a plan; figures are per loop.
type planNode struct {
	Type     string     `json:"Node Type"`
	Rows     float64    `json:"Actual Rows"`
	Filtered float64    `json:"Rows Removed by Filter"`
	Joined   float64    `json:"Rows Removed by Join Filter"`
	Checked  float64    `json:"Rows Removed by Index Recheck"`
	Loops    float64    `json:"Actual Loops"`
	Hit      int        `json:"Shared Hit Blocks"`
	Read     int        `json:"Shared Read Blocks"`
	Plans    []planNode `json:"Plans"`
}

// read is how many rows were taken from tables and indexes.
func (n planNode) read() int {
	rows := 0
	if strings.Contains(n.Type, "Scan") {
		rows = int((n.Rows + n.Filtered + n.Joined + n.Checked) * n.Loops)
	}
	for _, part := range n.Plans {
		rows += part.read()
	}
	return rows
}

// column is that column of what a query answers.
func (w large) column(t *testing.T, n int, query string, arguments ...any) (values []string) {
	t.Helper()
	rows, err := w.direct.QueryContext(context.WithoutCancel(t.Context()), query, arguments...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	row := make([]any, len(names))
	for i := range row {
		row[i] = &sql.RawBytes{}
	}
	for rows.Next() {
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		values = append(values, string(*row[n].(*sql.RawBytes)))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return values
}

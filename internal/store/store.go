package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"watchword/internal/store/internal/sqlgen"
)

// Engine is the database engine behind a Store.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say where the data is and where time and randomness come from.
type Options struct {
	Engine Engine
	// Location is the file of a SQLite database or the URL of a Postgres one,
	// which may hold a password: it appears in no error.
	Location string
	Clock    func() time.Time
	Random   io.Reader
}

// Store is an open database.
type Store struct {
	engine  Engine
	clock   func() time.Time
	random  io.Reader
	write   *sql.DB
	read    *sql.DB // on Postgres the same pool as write
	reading *sqlgen.Queries
	listing *sqlgen.Queries // reading, but for how Postgres plans
	writer  *writer         // SQLite: there is one
	pgx     *pgxpool.Pool   // Postgres
	closers []func() error
}

// Conn runs operations: each by itself (Read), or within a Write or a Tx. It is
// for one request at a time.
type Conn struct {
	q      *sqlgen.Queries
	lists  *sqlgen.Queries // for the pages of lists
	now    time.Time
	random io.Reader
	engine Engine
	events int // written so far
}

// Open opens the database without migrating it.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{engine: o.Engine, clock: o.Clock, random: o.Random}
	var err error
	switch o.Engine {
	case SQLite:
		err = s.openSQLite(ctx, o.Location)
	case Postgres:
		err = s.openPostgres(ctx, o.Location)
	default:
		return nil, fmt.Errorf("open the database: unknown engine %q", o.Engine)
	}
	if err != nil {
		return nil, fmt.Errorf("open the %s database: %w", o.Engine, err)
	}
	return s, nil
}

// prepare readies the statements; the schema must be there. On Postgres pgx
// keeps its own prepared statements for each connection.
func (s *Store) prepare(ctx context.Context) error {
	if s.engine == Postgres {
		s.reading, s.listing = sqlgen.New(s.read), sqlgen.New(replanned{s.read})
		return nil
	}
	kept := newStatements(s.read)
	s.reading = sqlgen.New(kept)
	s.listing = s.reading
	s.closers = append([]func() error{kept.close}, s.closers...)
	var err error
	if s.writer, err = newWriter(ctx, s.write); err != nil {
		return err
	}
	s.closers = append([]func() error{s.writer.close}, s.closers...)
	return nil
}

// Engine is the engine in use.
func (s *Store) Engine() Engine { return s.engine }

// PoolStats tell of a connection pool.
type PoolStats struct {
	Open, InUse int
	Waited      time.Duration // for a connection, summed up over all calls
}

// Pools are the connection pools by name, for metrics.
func (s *Store) Pools() map[string]PoolStats {
	if s.pgx != nil {
		stat := s.pgx.Stat()
		return map[string]PoolStats{"all": {
			Open: int(stat.TotalConns()), InUse: int(stat.AcquiredConns()), Waited: stat.EmptyAcquireWaitTime(),
		}}
	}
	return map[string]PoolStats{"write": poolStats(s.write), "read": poolStats(s.read)}
}

func poolStats(db *sql.DB) PoolStats {
	stat := db.Stats()
	return PoolStats{Open: stat.OpenConnections, InUse: stat.InUse, Waited: stat.WaitDuration}
}

// Close closes the database. Nothing may be under way.
func (s *Store) Close() error {
	var first error
	for _, c := range s.closers {
		if err := c(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return translate("ping the database", s.read.PingContext(ctx))
}

// Read runs each operation by itself, reading.
func (s *Store) Read() *Conn { return s.conn(s.reading, s.listing) }

func (s *Store) conn(q, lists *sqlgen.Queries) *Conn {
	return &Conn{q: q, lists: lists, now: s.now(), random: s.random, engine: s.engine}
}

// now has the database's resolution, so that a time read back is the time written.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// Write runs one writing operation by itself: act calls one and no more. It has
// been committed when Write returns. On Postgres that is one round trip.
func (s *Store) Write(ctx context.Context, act func(*Conn) error) error {
	if s.engine == SQLite {
		return s.group(act, statement)
	}
	for attempt := 1; ; attempt++ {
		err := act(s.Read())
		if err == nil || attempt == maxAttempts || !retryable(err) || ctx.Err() != nil {
			return err
		}
	}
}

// Tx runs act in one transaction, with one reading of the clock. It commits if
// act returns nil. act may run more than once (a deadlock on Postgres) and in
// another goroutine, so its only effects are those on the Conn and on variables
// that it assigns anew.
func (s *Store) Tx(ctx context.Context, act func(*Conn) error) error {
	if s.engine == SQLite {
		return s.group(act, transaction)
	}
	for attempt := 1; ; attempt++ {
		err := s.tx(ctx, act)
		if err == nil || attempt == maxAttempts || !retryable(err) || ctx.Err() != nil {
			return err
		}
	}
}

const maxAttempts = 4

func (s *Store) group(run func(*Conn) error, sc scope) error {
	return s.writer.do(&act{run: run, scope: sc, conn: func() *Conn { return s.conn(s.writer.q, s.writer.q) }})
}

func (s *Store) tx(ctx context.Context, act func(*Conn) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return translate("begin", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := act(s.conn(s.reading.WithTx(tx), sqlgen.New(replanned{tx}))); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return translate("commit", err)
	}
	return nil
}

// Now is the time of this Conn's transaction.
func (c *Conn) Now() time.Time { return c.now }

// bound takes the cancelling out of a SQLite call's context: its statements take
// microseconds, the driver starts a goroutine to watch each cancellable one, and
// one caller who leaves must not break off the group that others are in.
func (c *Conn) bound(ctx context.Context) context.Context {
	if c.engine == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

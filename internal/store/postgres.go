package store

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"watchword/internal/store/internal/sqlgen"
)

const (
	pgConnectTimeout = 3 * time.Second
	// A statement of ours takes milliseconds. One that takes seconds waits for a
	// lock or a dying disk; giving up frees the connection for the others.
	pgStatementTimeout = "8000"
	// A Postgres that stood still would do what it had been sent when it goes on,
	// for callers who were told long ago that it failed: a refresh done so with
	// its old time is past its grace at once. Connections that waited this long
	// end instead. The pool gives them up before that.
	pgIdleTimeout     = "15000"
	pgPoolIdle        = 8 * time.Second
	pgPoolHealthCheck = 4 * time.Second
)

func (s *Store) openPostgres(ctx context.Context, url string) error {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's own message repeats parts of the URL.
		return errors.New("the database URL cannot be read as a Postgres one")
	}
	if !strings.Contains(url, "pool_max_conns") { // pgx's own default is for smaller things
		cfg.MaxConns = int32(max(16, 4*runtime.NumCPU()))
	}
	cfg.MinIdleConns = 2
	cfg.MaxConnIdleTime = pgPoolIdle
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 10 * time.Minute
	cfg.HealthCheckPeriod = pgPoolHealthCheck
	if !strings.Contains(url, "connect_timeout") {
		cfg.ConnConfig.ConnectTimeout = pgConnectTimeout
	}
	setDefault(cfg.ConnConfig.RuntimeParams, "application_name", "watchword")
	setDefault(cfg.ConnConfig.RuntimeParams, "statement_timeout", pgStatementTimeout)
	setDefault(cfg.ConnConfig.RuntimeParams, "idle_session_timeout", pgIdleTimeout)
	setDefault(cfg.ConnConfig.RuntimeParams, "idle_in_transaction_session_timeout", pgIdleTimeout)
	// Our statements look rows up by key. While a table is new and has no statistics
	// the planner would rather read a small one whole at each request, and keeps such
	// a plan; and to compile a plan, or to share it out among processes, costs more
	// than any of them: a page of a list would read those of its neighbours, too.
	setDefault(cfg.ConnConfig.RuntimeParams, "enable_seqscan", "off")
	setDefault(cfg.ConnConfig.RuntimeParams, "jit", "off")
	setDefault(cfg.ConnConfig.RuntimeParams, "max_parallel_workers_per_gather", "0")
	// A host that vanished without a word is given up in about ten seconds.
	dialer := &net.Dialer{
		Timeout:         cfg.ConnConfig.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 4 * time.Second, Interval: 2 * time.Second, Count: 3},
	}
	cfg.ConnConfig.DialFunc = dialer.DialContext

	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return errors.New("the connection pool cannot be made")
	}
	// database/sql keeps no connections of its own: the pool beneath it does.
	db := stdlib.OpenDBFromPool(pool)
	s.write, s.read, s.pgx = db, db, pool
	s.closers = []func() error{db.Close, func() error { pool.Close(); return nil }}
	if err := db.PingContext(ctx); err != nil {
		_ = s.Close()
		return translate("connect", err)
	}
	return nil
}

// replanned has Postgres plan each statement for the values at hand. It would do
// so for the first five of a kind and then keep a plan for any: where most of what
// there is belongs to one account, the list of another would be looked for there.
// It is for lists: to plan one takes a fraction of a millisecond.
type replanned struct{ sqlgen.DBTX }

func (r replanned) QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error) {
	return r.DBTX.QueryContext(ctx, query, append([]any{pgx.QueryExecModeExec}, arguments...)...)
}

func (r replanned) QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row {
	return r.DBTX.QueryRowContext(ctx, query, append([]any{pgx.QueryExecModeExec}, arguments...)...)
}

// patient is connections for migrations, whose statements may take minutes.
func (s *Store) patient() *sql.DB {
	cfg := s.pgx.Config().ConnConfig.Copy()
	cfg.RuntimeParams["statement_timeout"] = "0"
	cfg.RuntimeParams["idle_session_timeout"] = "0"
	return stdlib.OpenDB(*cfg)
}

func setDefault(m map[string]string, key, value string) {
	if _, given := m[key]; !given {
		m[key] = value
	}
}

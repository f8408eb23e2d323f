package store

import (
	"context"
	"time"
)

// migrated says whether the database has ever been migrated.
func (s *Store) migrated(ctx context.Context) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'"
	if s.engine == Postgres {
		query = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')"
	}
	var tables int
	err := s.read.QueryRowContext(ctx, query).Scan(&tables)
	return tables > 0, translate("look for the schema version", err)
}

// EngineTime is the time on the database's machine, for whoever compares clocks:
// nothing else is ever decided by it. SQLite's machine is ours.
func (s *Store) EngineTime(ctx context.Context) (time.Time, error) {
	if s.engine != Postgres {
		return s.now(), nil
	}
	var us int64
	err := s.read.QueryRowContext(ctx, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)").Scan(&us)
	return at(us), translate("read the database's clock", err)
}

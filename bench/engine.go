package main

import (
	"context"
	"path/filepath"

	"watchword/internal/store/storetest/pgcluster"
)

// The engines by the names that --engines takes.
const (
	engineSQLite   = "sqlite"
	enginePostgres = "postgres"
)

// engine is what the server keeps its data in.
type engine interface {
	// database is the URL of a new, empty database; dir is the server's own.
	database(ctx context.Context, dir string) (string, error)
	// processes are those that work for it besides the server.
	processes() ([]int, error)
	close() error
}

// openEngine readies an engine whose files lie below folder.
func openEngine(ctx context.Context, name, folder string) (engine, error) {
	if name == engineSQLite {
		return sqlite{}, nil
	}
	cluster, err := pgcluster.New(ctx, pgcluster.Options{Fsync: true, Folder: folder})
	if err != nil {
		return nil, err
	}
	return postgres{cluster}, nil
}

type sqlite struct{}

func (sqlite) database(_ context.Context, dir string) (string, error) {
	return "sqlite:" + filepath.Join(dir, "watchword.db"), nil
}

func (sqlite) processes() ([]int, error) { return nil, nil }

func (sqlite) close() error { return nil }

// postgres is a throw-away cluster that syncs like a real one.
type postgres struct{ cluster *pgcluster.Cluster }

func (p postgres) database(ctx context.Context, _ string) (string, error) {
	return p.cluster.CreateDatabase(ctx)
}

func (p postgres) processes() ([]int, error) {
	pid, err := p.cluster.PID()
	return []int{pid}, err
}

func (p postgres) close() error { return p.cluster.Close() }

package main

import (
	"context"
	"fmt"

	"watchword/internal/config"
)

type migrateCommand struct {
	config.Flags
}

// Help has the examples.
func (*migrateCommand) Help() string {
	return `Examples:

    watchword migrate
    watchword migrate --database postgres://watchword@db/watchword`
}

// Run migrates and says what was done.
func (c *migrateCommand) Run(ctx context.Context, env environment, std streams) error {
	cfg, err := config.Load(config.Sources{Mode: config.Tool, Flags: c.Flags, Environ: env})
	if err != nil {
		return err
	}
	s, err := openStore(ctx, cfg, realWorld(newLog(std.err, cfg)))
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	done, err := s.Migrate(ctx)
	if err != nil {
		return err
	}
	if done.From == done.To {
		fmt.Fprintf(std.out, "The database is up to date (version %d).\n", done.To)
		return nil
	}
	fmt.Fprintf(std.out, "The database was migrated from version %d to %d.\n", done.From, done.To)
	return nil
}

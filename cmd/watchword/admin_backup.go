package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/store"
)

type backupCommand struct {
	File string `arg:"" name:"FILE" help:"The file to make."`
}

// Help says what is in it, and has the examples.
func (*backupCommand) Help() string {
	return `Copies the whole SQLite database as it is at one moment, sessions and events included, beside a running server, which goes on. The file is made for its owner alone, stands under its name only when it is whole and on the disk, and replaces no other. The server secret is not in it: keep that in another place.

With Postgres use pg_dump.

Examples:

    watchword admin backup /var/backups/watchword-$(date +%F).db
    watchword admin backup before-update.db --json`
}

// errPostgresTools says how Postgres is kept.
var errPostgresTools = errors.New("the database is Postgres, which has tools of its own: pg_dump --format=custom makes a backup, pg_restore --clean puts it back")

// Run backs up.
func (c *backupCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	if t.cfg.Database.Engine != config.SQLite {
		return errPostgresTools
	}
	s, err := openCurrent(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()
	size, err := c.write(ctx, s, t.actor)
	if err != nil {
		return err
	}
	return t.say(struct {
		File  string `json:"file"`
		Bytes int64  `json:"bytes"`
	}{c.File, size}, "The database is backed up in %s (%d KiB). The server secret is not in it: keep that in another place.",
		printable(c.File), size>>10)
}

func (c *backupCommand) write(ctx context.Context, s *store.Store, actor string) (int64, error) {
	file, err := createFile(c.File)
	if err != nil {
		return 0, err
	}
	err = recordData(ctx, s, watchword.EventDataBackedUp, actor)
	if err == nil {
		err = s.BackUp(ctx, file.Name())
	}
	if err != nil {
		file.discard()
		return 0, fmt.Errorf("back up the database: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.discard()
		return 0, fmt.Errorf("back up the database: %w", err)
	}
	return info.Size(), file.keep()
}

func recordData(ctx context.Context, s *store.Store, typ watchword.EventType, actor string) error {
	return s.Write(ctx, func(c *store.Conn) error {
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{Type: typ, Actor: actor})
	})
}

type restoreCommand struct {
	File string `arg:"" name:"FILE" help:"A file that backup has made."`
	Yes  bool   `help:"Give up what is in the database now."`
}

// Help says what follows, and has the examples.
func (*restoreCommand) Help() string {
	return `Puts a backup in the place of the SQLite database and brings it up to date. The server must be stopped. The backup is checked first; a restore that is broken off leaves the database as it was. The server needs the secret that it had when the backup was made.

People who refreshed after the backup was made are asked to sign in again: their tokens are ahead of the database. What was revoked since is not revoked any more: look through sessions, API keys and users.

Examples:

    watchword admin restore /var/backups/watchword-2026-01-31.db
    watchword admin restore before-update.db --yes`
}

// Run restores.
func (c *restoreCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	if t.cfg.Database.Engine != config.SQLite {
		return errPostgresTools
	}
	path := t.cfg.Database.Path
	found, err := store.InspectBackup(ctx, c.File)
	if err != nil {
		return fmt.Errorf("%s cannot be restored: %w", printable(c.File), err)
	}
	if there, err := os.Stat(path); err == nil && there.Size() > 0 && !c.Yes {
		return fmt.Errorf("there is a database in %s, and what is in it would be lost: say --yes", printable(path))
	}
	if err := store.Restore(ctx, c.File, path); err != nil {
		return fmt.Errorf("restore the database: %w", err)
	}
	s, err := openMigrated(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()
	if err := recordData(ctx, s, watchword.EventDataRestored, t.actor); err != nil {
		return err
	}
	return t.say(struct {
		File    string `json:"file"`
		Version int64  `json:"schema_version"`
	}{c.File, found.From}, "The database is restored. Start the server with the secret that it had then; `watchword doctor` says whether it is the right one.")
}

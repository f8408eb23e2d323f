package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"watchword/internal/account"
	"watchword/internal/store"
)

type importUsersCommand struct {
	File   string `arg:"" name:"FILE" help:"JSON lines; - reads the standard input."`
	DryRun bool   `help:"Find what the import would find, and write nothing."`
}

// Help describes a line, and has the examples.
func (*importUsersCommand) Help() string {
	return `Every line is a JSON object; only email is required:

    {"email":"ada@example.com","email_verified":true,"name":"Ada","password_hash":"$2b$12$…","account":{"name":"Analytical Engines"},"locale":"en","metadata":{"plan":"pro"}}

Hashes of Argon2, bcrypt, scrypt, Firebase and PBKDF2 are taken over. A line that is refused is named with its number and the others are imported; a user whose address is here already is passed over, so that the command can be broken off and run again. It exits with 1 if a line was refused.

Examples:

    watchword admin import-users users.jsonl --dry-run
    watchword admin import-users users.jsonl
    zcat users.jsonl.gz | watchword admin import-users - --json`
}

// importReport is the outcome in JSON.
type importReport struct {
	DryRun       bool `json:"dry_run"`
	Lines        int  `json:"lines"`
	Imported     int  `json:"imported"`
	AlreadyThere int  `json:"already_there"`
	Refused      int  `json:"refused"`
}

// Run imports.
func (c *importUsersCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	file, size, err := c.open(std)
	if err != nil {
		return err
	}
	defer file.Close()
	s, err := openCurrent(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()

	shown := newProgress(std.err, t.clock, size)
	importer := account.Importer{
		Store: s, Random: t.random, Mode: c.mode(),
		Refused:  func(line int, why error) { shown.line("line %d: %s", line, explain(why)) },
		Progress: func(tally account.ImportTally) { shown.show(tally); giveWay(ctx, s.Engine()) },
	}
	tally, err := importer.Run(ctx, file)
	shown.clear()
	return c.conclude(t, tally, err)
}

func (c *importUsersCommand) mode() account.ImportMode {
	if c.DryRun {
		return account.ImportDryRun
	}
	return account.ImportWrites
}

// open opens the file and says how many bytes it has; 0: nobody knows.
func (c *importUsersCommand) open(std streams) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(std.in), 0, nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, 0, fmt.Errorf("open the import: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open the import: %w", err), file.Close())
	}
	return file, info.Size(), nil
}

// importPause is how long the import leaves SQLite to the writer of a running
// server after each batch. That one looks every few milliseconds whether it can
// have its turn, and gives up after seconds without one.
const importPause = 15 * time.Millisecond

func giveWay(ctx context.Context, engine store.Engine) {
	if engine != store.SQLite {
		return // there, writers do not wait for each other
	}
	select {
	case <-ctx.Done():
	case <-time.After(importPause):
	}
}

func (c *importUsersCommand) conclude(t tool, tally account.ImportTally, failed error) error {
	text := "%d users imported, %d were there already, %d lines refused."
	if c.DryRun {
		text = "Dry run, nothing is written: %d users to be imported, %d are there already, %d lines refused."
	}
	err := t.say(importReport{c.DryRun, tally.Lines, tally.Imported, tally.Present, tally.Refused},
		text, tally.Imported, tally.Present, tally.Refused)
	switch {
	case failed != nil:
		return fmt.Errorf("the import was broken off, run it again to go on: %w", failed)
	case err != nil:
		return err
	case tally.Refused > 0:
		return fmt.Errorf("%d lines were refused: mend them and run it again", tally.Refused)
	}
	return nil
}

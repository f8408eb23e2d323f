package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"watchword/internal/store"
)

// importSource is what imports have in common on the command line.
type importSource struct {
	File   string `arg:"" name:"FILE" help:"JSON lines; - reads the standard input."`
	DryRun bool   `help:"Find what the import would find, and write nothing."`
}

// importReport is the outcome in JSON.
type importReport struct {
	DryRun       bool `json:"dry_run"`
	Lines        int  `json:"lines"`
	Imported     int  `json:"imported"`
	AlreadyThere int  `json:"already_there"`
	Refused      int  `json:"refused"`
}

// openSource is what an import works with.
type openSource struct {
	tool
	importSource
	file  io.Reader
	store *store.Store
	shown *progress
}

// with runs an import and says what came of it.
func (c *importSource) with(ctx context.Context, admin *adminCommand, env environment, std streams, run func(openSource) (importReport, error)) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	file, size, err := c.open(std)
	if err != nil {
		return err
	}
	defer file.Close()
	s, err := c.database(ctx, t)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()

	source := openSource{tool: t, importSource: *c, file: file, store: s, shown: newProgress(std.err, t.clock, size)}
	report, err := run(source)
	source.shown.clear()
	return report.conclude(t, err)
}

// open opens the file and says how many bytes it has; 0: nobody knows.
func (c *importSource) open(std streams) (io.ReadCloser, int64, error) {
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

// database opens the database; a dry run does not make one.
func (c *importSource) database(ctx context.Context, t tool) (*store.Store, error) {
	if c.DryRun {
		return openCurrent(ctx, t.cfg, t.surroundings)
	}
	return openOrMake(ctx, t.cfg, t.surroundings)
}

func (s openSource) refused(line int, why error) {
	s.shown.line("line %d: %s", line, explain(why))
}

// progress shows how far the import is, and lets others write after what it wrote.
func (s openSource) progress(ctx context.Context, r importReport, bytes int64) {
	s.shown.show(headway{
		lines: r.Lines, bytes: bytes, short: fmt.Sprintf("%d refused", r.Refused),
		said: fmt.Sprintf("%d imported, %d already there, %d refused", r.Imported, r.AlreadyThere, r.Refused),
	})
	if !s.DryRun {
		giveWay(ctx, s.store.Engine())
	}
}

// importPause is how long an import leaves SQLite to the writer of a running
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

func (r importReport) conclude(t tool, failed error) error {
	text := "%d imported, %d were there already, %d lines refused."
	if r.DryRun {
		text = "Dry run, nothing is written: %d to be imported, %d are there already, %d lines refused."
	}
	err := t.say(r, text, r.Imported, r.AlreadyThere, r.Refused)
	switch {
	case failed != nil:
		return fmt.Errorf("the import was broken off, run it again to go on: %w", failed)
	case err != nil:
		return err
	case r.Refused > 0:
		return fmt.Errorf("%d lines were refused: mend them and run it again", r.Refused)
	}
	return nil
}

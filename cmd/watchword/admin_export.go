package main

import (
	"context"
	"fmt"
	"io"

	"watchword/internal/transfer"
)

type exportCommand struct {
	File string `arg:"" optional:"" name:"FILE" default:"-" help:"The file to make; - writes to the standard output."`
}

// Help says what is in it, and has the examples.
func (*exportCommand) Help() string {
	return `Writes users with their password hashes, addresses, identities, accounts, memberships, invites, waitlists and the client applications of the database, as they are at one moment, beside a running server. One JSON object a line; the same data is the same file. It is for another server, on either engine: watchword admin import.

Not in it: sessions, links and codes under way, API keys, signing keys, events, jobs, settings.

It holds password hashes: the file is made for its owner alone and replaces no other.

Examples:

    watchword admin export everything.jsonl
    watchword admin export | gzip > everything.jsonl.gz`
}

// exportReport is the outcome in JSON.
type exportReport struct {
	Lines  int               `json:"lines"`
	ByType transfer.Exported `json:"by_type"`
}

// Run exports.
func (c *exportCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	s, err := openCurrent(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()

	shown := newProgress(std.err, t.clock, 0)
	exporter := transfer.Exporter{Store: s, Actor: t.actor, Progress: func(done transfer.Exported) {
		shown.show(headway{lines: done.All(), short: "written"})
	}}
	done, err := c.write(func(to io.Writer) (transfer.Exported, error) {
		defer shown.clear()
		return exporter.Run(ctx, to)
	}, std)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if c.File == "-" { // the standard output is the export
		t.std.out = std.err
	}
	return t.say(exportReport{done.All(), done}, "%d lines exported: %d users, %d accounts, %d clients.",
		done.All(), done[transfer.TypeUser], done[transfer.TypeAccount], done[transfer.TypeClient])
}

func (c *exportCommand) write(export func(io.Writer) (transfer.Exported, error), std streams) (transfer.Exported, error) {
	if c.File == "-" {
		return export(std.out)
	}
	file, err := createFile(c.File)
	if err != nil {
		return nil, err
	}
	done, err := export(file)
	if err != nil {
		file.discard()
		return nil, err
	}
	return done, file.keep()
}

package main

import (
	"context"

	"watchword/internal/transfer"
)

type importCommand struct {
	importSource
	StopOnError bool `help:"Stop at the first line that is refused."`
}

// Help says how it goes on, and has the examples.
func (*importCommand) Help() string {
	return `Brings in what watchword admin export has written, with ids, times and password hashes kept. A line that is refused is named with its number and the others are brought in; what is here already and equal is passed over, so that the command can be broken off and run again. It exits with 1 if a line was refused.

Nobody is signed in by it, and invites must be sent again: sessions and links are not in an export. For users of other systems there is watchword admin import-users.

Examples:

    watchword admin import everything.jsonl --dry-run
    watchword admin import everything.jsonl
    zcat everything.jsonl.gz | watchword admin import - --stop-on-error --json`
}

// Run imports.
func (c *importCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return c.with(ctx, admin, env, std, func(source openSource) (importReport, error) {
		importer := transfer.Importer{
			Store: source.store, Actor: source.actor, Refused: source.refused,
			Progress: func(done transfer.Imported) {
				source.progress(ctx, importReport{Lines: done.Lines, Imported: done.New, AlreadyThere: done.Present, Refused: done.Refused}, done.Bytes)
			},
		}
		if c.DryRun {
			importer.Mode = transfer.DryRun
		}
		if c.StopOnError {
			importer.OnFault = transfer.Stop
		}
		done, err := importer.Run(ctx, source.file)
		return importReport{c.DryRun, done.Lines, done.New, done.Present, done.Refused}, err
	})
}

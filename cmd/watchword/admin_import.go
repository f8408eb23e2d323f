package main

import (
	"context"

	"watchword/internal/account"
)

type importUsersCommand struct {
	importSource
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

// Run imports.
func (c *importUsersCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return c.with(ctx, admin, env, std, func(source openSource) (importReport, error) {
		importer := account.Importer{
			Store: source.store, Random: source.random, Refused: source.refused,
			Progress: func(done account.ImportTally) {
				source.progress(ctx, importReport{Lines: done.Lines, Imported: done.Imported, AlreadyThere: done.Present, Refused: done.Refused}, done.Bytes)
			},
		}
		if c.DryRun {
			importer.Mode = account.ImportDryRun
		}
		done, err := importer.Run(ctx, source.file)
		return importReport{c.DryRun, done.Lines, done.Imported, done.Present, done.Refused}, err
	})
}

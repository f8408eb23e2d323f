package main

import (
	"context"
	"fmt"
	"time"

	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/store"
)

// adminCommand is what operators do by hand, beside a running server or not.
type adminCommand struct {
	config.Flags `group:"Settings, the same as the server's:"`

	JSON bool `name:"json" help:"Print JSON, for machines."`

	Users       usersCommand       `cmd:"" help:"Find, make, change, disable and delete users; say who is an administrator."`
	Accounts    accountsCommand    `cmd:"" help:"Find, rename and delete accounts; say who is in them."`
	Sessions    sessionsCommand    `cmd:"" help:"List and end sessions."`
	Invites     invitesCommand     `cmd:"" help:"List and revoke invites."`
	Clients     clientsCommand     `cmd:"" help:"Make, change and delete client applications."`
	Waitlists   waitlistsCommand   `cmd:"" help:"Make and close features, see who waits, and approve them."`
	Events      eventsCommand      `cmd:"" help:"Read and follow the audit record."`
	Stats       statsCommand       `cmd:"" help:"Count users, sign-ups, sign-ins and failures by day, sessions, and what waits."`
	Keys        keysCommand        `cmd:"" help:"Make, list and revoke API keys."`
	Mail        mailCommand        `cmd:"" help:"Look at the letters that are mailed."`
	SigningKeys signingKeysCommand `cmd:"" help:"List the keys that sign access tokens."`
	ImportUsers importUsersCommand `cmd:"" help:"Bring in the users of another system from JSON lines."`
	Export      exportCommand      `cmd:"" help:"Write everything that another server can take over as JSON lines."`
	Import      importCommand      `cmd:"" help:"Bring in what export has written."`
	Backup      backupCommand      `cmd:"" help:"Copy the SQLite database of a running server into a file."`
	Restore     restoreCommand     `cmd:"" help:"Put a backup in the place of the SQLite database."`
	RotateKeys  rotateKeysCommand  `cmd:"" help:"Make the next key that signs access tokens."`
	Reseal      resealCommand      `cmd:"" help:"Move everything sealed under WATCHWORD_SECRET_PREVIOUS to the current secret."`
}

// Help says what holds for all.
func (*adminCommand) Help() string {
	return `The commands work on the database itself, with the settings of the server, whether or not one runs. Whatever they change is in the audit record with the actor cli.

Lists are tables for people; with --json they are JSON arrays, and what follows events prints a line for each. Times are UTC. The exit code is 0 if all was done, 1 if not, 2 if the command was not understood.`
}

// tool is what an act of the administration works with.
type tool struct {
	surroundings
	cfg  config.Config
	std  streams
	json bool
}

func (a *adminCommand) tool(env environment, std streams) (tool, error) {
	cfg, err := config.Load(config.Sources{Mode: config.Tool, Flags: a.Flags, Environ: env})
	if err != nil {
		return tool{}, err
	}
	around := realWorld(newLog(std.err, cfg))
	around.actor = event.ActorCommandLine
	return tool{surroundings: around, cfg: cfg, std: std, json: a.JSON}, nil
}

// withStore runs an act on the database that needs no secret.
func (a *adminCommand) withStore(ctx context.Context, env environment, std streams, act func(tool, *store.Store) error) error {
	return a.opened(ctx, env, std, openCurrent, act)
}

// withStoreMade is withStore for what a new server may begin with.
func (a *adminCommand) withStoreMade(ctx context.Context, env environment, std streams, act func(tool, *store.Store) error) error {
	return a.opened(ctx, env, std, openOrMake, act)
}

func (a *adminCommand) opened(ctx context.Context, env environment, std streams,
	open func(context.Context, config.Config, surroundings) (*store.Store, error), act func(tool, *store.Store) error,
) error {
	t, err := a.tool(env, std)
	if err != nil {
		return err
	}
	s, err := open(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer database{store: s, log: t.log}.close()
	return act(t, s)
}

// withDatabase runs an act that opens or seals what lies in the database.
func (a *adminCommand) withDatabase(ctx context.Context, env environment, std streams, act func(tool, database) error) error {
	t, err := a.tool(env, std)
	if err != nil {
		return err
	}
	db, err := openCurrentDatabase(ctx, t.cfg, t.surroundings)
	if err != nil {
		return err
	}
	defer db.close()
	return act(t, db)
}

// say prints what came of an act: text for people, or value as JSON.
func (t tool) say(value any, text string, args ...any) error {
	if t.json {
		return printJSON(t.std.out, value)
	}
	_, err := fmt.Fprintf(t.std.out, text+"\n", args...)
	return err
}

// show prints one thing: rows of what it is called and what it is, or value as JSON.
func (t tool) show(value any, rows [][]string) error {
	if t.json {
		return printJSON(t.std.out, value)
	}
	return printTable(t.std.out, rows)
}

// note prints what is worth knowing besides.
func (t tool) note(text string, args ...any) { fmt.Fprintf(t.std.err, text+"\n", args...) }

// moment is a time in JSON: null for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// when is a time for people.
func when(t time.Time, never string) string {
	if t.IsZero() {
		return never
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

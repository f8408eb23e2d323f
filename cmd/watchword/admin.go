package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/store"
)

// adminCommand is what operators do by hand, beside a running server or not.
type adminCommand struct {
	config.Flags `group:"Settings, the same as the server's:"`

	JSON bool `name:"json" help:"Print JSON, for machines."`

	Keys        keysCommand        `cmd:"" help:"Make, list and revoke API keys."`
	Users       usersCommand       `cmd:"" help:"Say who is an administrator."`
	Mail        mailCommand        `cmd:"" help:"Look at the letters that are mailed."`
	ImportUsers importUsersCommand `cmd:"" help:"Bring in the users of another system from JSON lines."`
	Export      exportCommand      `cmd:"" help:"Write everything that another server can take over as JSON lines."`
	Import      importCommand      `cmd:"" help:"Bring in what export has written."`
	Backup      backupCommand      `cmd:"" help:"Copy the SQLite database of a running server into a file."`
	Restore     restoreCommand     `cmd:"" help:"Put a backup in the place of the SQLite database."`
	RotateKeys  rotateKeysCommand  `cmd:"" help:"Make the next key that signs access tokens."`
	Reseal      resealCommand      `cmd:"" help:"Move everything sealed under WATCHWORD_SECRET_PREVIOUS to the current secret."`
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
	t, err := a.tool(env, std)
	if err != nil {
		return err
	}
	s, err := openMigrated(ctx, t.cfg, t.surroundings)
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
	db, err := openDatabase(ctx, t.cfg, t.surroundings)
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

// note prints what is worth knowing besides.
func (t tool) note(text string, args ...any) { fmt.Fprintf(t.std.err, text+"\n", args...) }

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printTable prints rows under their headings.
func printTable(w io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(cell)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// printable keeps a name that somebody chose from moving the terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

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

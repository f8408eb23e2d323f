// Command watchword is the server and the tools beside it: dev, serve, migrate,
// admin, doctor and version. All wiring is here; assemble.go is the list.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"watchword"
	"watchword/internal/config"
)

// commands is the command line.
type commands struct {
	Dev     devCommand     `cmd:"" help:"Run a server for development: everything on http://localhost:8080, data in ./watchword-data."`
	Serve   serveCommand   `cmd:"" help:"Run the server for production. It refuses to start on unsafe settings and names each."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date. serve and dev do so at their start, too."`
	Admin   adminCommand   `cmd:"" help:"Administer users, accounts, clients, waitlists, keys and secrets, and read the audit record."`
	Doctor  doctorCommand  `cmd:"" help:"Check the settings and what they lead to; exits with 1 if anything is wrong."`
	Version versionCommand `cmd:"" help:"Print the version."`

	Completion completionCommand `cmd:"" help:"Print what makes a shell complete this command line."`
	Complete   completeCommand   `cmd:"" name:"__complete" hidden:""`
}

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are those of the process, or a test's own. What was asked for goes to
// out, everything else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is main with its exit code: 0 done, 1 failed, 2 called wrongly.
func run(args, environ []string, std streams) int {
	// The second signal ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return runUntil(ctx, args, environ, std)
}

// runUntil is run where something else than a signal may end what would go on.
func runUntil(ctx context.Context, args, environ []string, std streams) int {
	helped := false
	parser, err := newParser(&commands{}, std, func(int) { helped = true })
	if err != nil {
		fmt.Fprintln(std.err, "watchword:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if helped { // it goes on parsing, and misses what nobody meant to give
		return 0
	}
	if err != nil {
		fmt.Fprintf(std.err, "watchword: %v\nRun watchword --help to see what there is.\n", err)
		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(environment(environ), std)
	return exitCode(command.Run(), std.err)
}

func newParser(cli *commands, std streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(cli, kong.Name("watchword"), kong.UsageOnError(),
		kong.Writers(std.out, std.err), kong.Exit(exit),
		kong.Description("User authentication and management for your product."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
}

// environment is what os.Environ gives.
type environment []string

func exitCode(err error, out io.Writer) int {
	if err == nil {
		return 0
	}
	if faults, ok := errors.AsType[config.Faults](err); ok {
		fmt.Fprintf(out, "watchword: the settings cannot be used:\n%v\n", faults)
		return 1
	}
	fmt.Fprintln(out, "watchword:", explain(err))
	return 1
}

// explain is an error for people at the command line: of one that they made
// what they did wrong, of one of ours everything there is.
func explain(err error) string {
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok || e.Kind == watchword.KindFault || e.Kind == watchword.KindUnavailable {
		return err.Error()
	}
	if len(e.Fields) == 0 {
		return e.Message
	}
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.Field + ": " + f.Message
	}
	return strings.Join(lines, "; ")
}

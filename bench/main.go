package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commandLine struct {
	Run   runCmd   `cmd:"" default:"withargs" help:"Measure and print the table."`
	Hello helloCmd `cmd:"" hidden:"" help:"Serve what the server is compared with."`

	Provider providerCmd `cmd:"" hidden:"" help:"Serve where people sign in."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:])
	stop()
	if err != nil {
		os.Stderr.WriteString("bench: " + err.Error() + "\n")
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string) error {
	parser, err := kong.New(&commandLine{}, kong.Name("bench"),
		kong.Description("Measures the server next to plain net/http and the bare password hash."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}

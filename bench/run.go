package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// runCmd is what to measure.
type runCmd struct {
	Engines     []string `default:"sqlite,postgres" enum:"sqlite,postgres" help:"Databases to run on."`
	Users       []int    `default:"1000,200000" help:"Numbers of users to seed."`
	Connections []int    `default:"1,32" help:"Numbers of keep-alive connections."`
	Only        []string `help:"Scenarios to play: start, memory, health, sign-in, me, refresh, refresh-in-flood, provider-sign-in, provider-sign-up, sign-up, lists, link-sign-in, send-magic-link, mail-answers (default: all)."`
	Seconds     float64  `default:"5" help:"Length of each measurement; a fifth as much again goes before it as warm-up."`
	Quick       bool     `help:"1,000 users and one second each: to see that everything works."`
	JSON        string   `name:"json" type:"path" help:"Also write the table to this file." placeholder:"FILE"`
	Binary      string   `type:"path" help:"Server to measure (default: build ./cmd/watchword)." placeholder:"FILE"`
	Folder      string   `type:"path" default:"/var/tmp" help:"Where databases are made for the time of the run: on the disk to be measured, on a short path."`
}

const (
	quickUsers     = 1000
	maxUsers       = 10_000_000
	maxConnections = 1024
	maxSeconds     = 120 // an access token outlives a measurement
)

var errBadFlags = errors.New("bad flags")

// Validate is kong's hook after parsing.
func (r *runCmd) Validate() error {
	for _, n := range r.Users {
		if n < 1 || n > maxUsers {
			return fmt.Errorf("%w: --users: 1 to %d", errBadFlags, maxUsers)
		}
	}
	for _, n := range r.Connections {
		if n < 1 || n > maxConnections {
			return fmt.Errorf("%w: --connections: 1 to %d", errBadFlags, maxConnections)
		}
	}
	for _, name := range r.Only {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("%w: --only knows %v", errBadFlags, names())
		}
	}
	if r.Seconds <= 0 || r.Seconds > maxSeconds {
		return fmt.Errorf("%w: --seconds: more than 0, at most %d", errBadFlags, maxSeconds)
	}
	return nil
}

// Run measures everything and prints the table; its error tells of wrong answers.
func (r *runCmd) Run(ctx context.Context) (err error) {
	if r.Quick {
		r.Seconds, r.Users = 1, []int{quickUsers}
	}
	dir, err := os.MkdirTemp(r.Folder, "watchword-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := bench{
		plan: *r, dir: dir, startRounds: 5, hash: bareHash,
		report: newReport(r.Seconds), progress: os.Stderr,
	}
	return errors.Join(b.measure(ctx), b.finish(os.Stdout))
}

func (r *runCmd) wants(name string) bool { return len(r.Only) == 0 || slices.Contains(r.Only, name) }

// bench is one run.
type bench struct {
	plan        runCmd
	dir         string
	startRounds int                    // of each kind of start; the median counts
	hash        func(part int) journey // the bare password hash
	binary      string
	hello       *process
	provider    *process // nil: nobody signs in at one
	report      *report
	progress    io.Writer
}

func (b *bench) measure(ctx context.Context) (err error) {
	if b.binary, err = buildServer(ctx, b.plan.Binary, b.dir); err != nil {
		return err
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.add(row{What: whatBinary, Result: inMegabytes(info.Size()), Unit: megabytes})
	if b.hello, err = startSelf(ctx, b.dir, "hello"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.hello.stop()) }()
	if b.plan.wants(onlyComeBack) || b.plan.wants(onlyComeNew) {
		if b.provider, err = startSelf(ctx, b.dir, "provider"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.provider.stop()) }()
	}
	for _, name := range b.plan.Engines {
		if err := b.onEngine(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) onEngine(ctx context.Context, name string) (err error) {
	e, err := openEngine(ctx, name, b.plan.Folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	for _, users := range b.plan.Users {
		g := group{bench: b, engine: e, name: name, stage: &stage{users: users}}
		if err := g.measure(ctx); err != nil {
			return fmt.Errorf("%d users: %w", users, err)
		}
	}
	return nil
}

// finish prints what there is, even of a run that broke off.
func (b *bench) finish(w io.Writer) error {
	errs := []error{b.report.write(w)}
	if b.plan.JSON != "" {
		errs = append(errs, b.report.save(b.plan.JSON))
	}
	return errors.Join(append(errs, b.report.verdict())...)
}

// add keeps a row and tells of it while the run goes on.
func (b *bench) add(line row) { b.tell(b.report.add(line).inBrief()) }

func (b *bench) tell(text string) {
	_, _ = fmt.Fprintln(b.progress, time.Now().Format(time.TimeOnly), text) // nothing depends on it
}

func inMegabytes(n int64) float64 { return float64(n) / 1e6 }

// buildServer is the given binary, or one built from this tree.
func buildServer(ctx context.Context, given, dir string) (string, error) {
	if given != "" {
		return given, nil
	}
	binary := filepath.Join(dir, "watchword")
	build := program{
		path: "go", args: []string{"build", "-trimpath", "-o", binary, "./cmd/watchword"},
		env: os.Environ(), log: filepath.Join(dir, "build.log"),
	}
	return binary, build.run(ctx)
}

// startSelf starts this program again, as one of those that the server has to do
// with or is compared with.
func startSelf(ctx context.Context, dir, command string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	again := program{
		path: self, args: []string{command, "--listen", address},
		env: os.Environ(), dir: dir, log: filepath.Join(dir, command+".log"),
	}
	return again.start(ctx, address, "/healthz")
}

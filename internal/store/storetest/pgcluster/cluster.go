package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

const superuser = "watchword"

// Options says what a cluster is for. The zero value is for tests.
type Options struct {
	// Fsync makes commits durable, as in production: for measurements. Without
	// it a crash of the machine loses the cluster, which is thrown away anyway.
	Fsync bool
	// Folder is where the cluster's own folder is made. The path must be short (a
	// socket lies in there) and, for root, open to the user postgres. Empty: /tmp,
	// which is often held in memory, where Fsync measures nothing, or without Fsync
	// what is known to be.
	Folder string
	// MaxConnections defaults to 200.
	MaxConnections int
}

// Cluster is a PostgreSQL server and its data.
type Cluster struct {
	owner     owner
	binaries  string
	dir       string // holds data, log and the socket
	guard     *guard
	closing   func() error
	databases atomic.Int64

	mu        sync.Mutex
	templates map[string]*preparedTemplate
}

// New makes a cluster and starts its server. It belongs to the caller, who
// should Close it; at the latest it goes with the process.
func New(ctx context.Context, options Options) (*Cluster, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	owner, err := findOwner()
	if err != nil {
		return nil, err
	}
	base := options.Folder
	if base == "" {
		base = usualFolder(options)
	}
	dir, err := owner.makeFolder(base)
	if err != nil {
		return nil, fmt.Errorf("make a folder for a cluster: %w", err)
	}
	c := &Cluster{owner: owner, binaries: binaries, dir: dir, templates: map[string]*preparedTemplate{}}
	if c.guard, err = startGuard(owner, c.binary("pg_ctl"), dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c.closing = sync.OnceValue(func() error {
		// The guard empties the folder. Removing it may need more rights than the
		// server's user has, where root chose a folder of its own.
		_ = c.guard.release()
		return os.RemoveAll(dir)
	})
	if err := c.create(ctx, options); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) create(ctx context.Context, options Options) error {
	err := c.run(ctx, "initdb", "--pgdata", c.data(), "--username", superuser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	if err := c.configure(options); err != nil {
		return fmt.Errorf("configure a cluster: %w", err)
	}
	return c.Start(ctx)
}

func (c *Cluster) configure(options Options) error {
	connections := options.MaxConnections
	if connections == 0 {
		connections = 200
	}
	settings := []string{
		"listen_addresses = ''",
		"unix_socket_directories = '" + c.dir + "'",
		"max_connections = " + strconv.Itoa(connections),
	}
	if !options.Fsync {
		settings = append(settings, "fsync = off", "full_page_writes = off", "max_wal_size = 256MB")
	}
	file, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString("\n" + strings.Join(settings, "\n") + "\n")
	return errors.Join(err, file.Close())
}

// Start starts the server after Stop or Crash, and returns when it answers.
func (c *Cluster) Start(ctx context.Context) error {
	return c.run(ctx, "pg_ctl", "start", "--wait", "--pgdata", c.data(), "--log", c.log())
}

// Stop takes the server away in good order: clients are cut off, data is kept.
func (c *Cluster) Stop(ctx context.Context) error { return c.stop(ctx, "fast") }

// Crash takes the server away as a power cut would: the next Start recovers.
func (c *Cluster) Crash(ctx context.Context) error { return c.stop(ctx, "immediate") }

func (c *Cluster) stop(ctx context.Context, mode string) error {
	return c.run(ctx, "pg_ctl", "stop", "--wait", "--pgdata", c.data(), "--mode", mode)
}

// Restart is Stop and Start.
func (c *Cluster) Restart(ctx context.Context) error {
	return errors.Join(c.Stop(ctx), c.Start(ctx))
}

// Close stops the server and removes everything. Only the first call acts.
func (c *Cluster) Close() error { return c.closing() }

// URL is the connection string of a database in this cluster.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(superuser), Path: "/" + database,
		// Patient: a machine that runs many tests at once is slow, not away.
		RawQuery: url.Values{"host": {c.dir}, "connect_timeout": {"60"}}.Encode(),
	}
	return u.String()
}

// PID is the server's main process, of which its other processes are children:
// for measuring what it uses. It changes with every Start.
func (c *Cluster) PID() (int, error) {
	content, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find the server process: %w", err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	return strconv.Atoi(first)
}

func (c *Cluster) data() string              { return filepath.Join(c.dir, "data") }
func (c *Cluster) log() string               { return filepath.Join(c.dir, "log") }
func (c *Cluster) binary(name string) string { return filepath.Join(c.binaries, name) }

// run runs one of PostgreSQL's programs; its error tells what that printed.
func (c *Cluster) run(ctx context.Context, name string, arguments ...string) error {
	command := exec.CommandContext(ctx, c.binary(name), arguments...)
	command.Dir = c.dir // the caller's may be closed to the owner
	command.SysProcAttr = c.owner.process()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s%s", name, err, output, c.logTail())
	}
	return nil
}

func (c *Cluster) logTail() []byte {
	content, _ := os.ReadFile(c.log()) // there is none before the first start
	return content[max(0, len(content)-2000):]
}

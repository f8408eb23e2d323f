package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	readyLimit = 60 * time.Second
	readyPoll  = time.Millisecond
	stopLimit  = 15 * time.Second
)

// program is how to run a child process: its output goes to the log.
type program struct {
	path string
	args []string
	env  []string
	dir  string
	log  string
}

func (p program) command(ctx context.Context) (*exec.Cmd, io.Closer, error) {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	command := exec.CommandContext(ctx, p.path, p.args...)
	command.Env, command.Dir, command.Stdout, command.Stderr = p.env, p.dir, log, log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopLimit
	return command, log, nil
}

// run runs the program to its end.
func (p program) run(ctx context.Context) error {
	command, log, err := p.command(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(command.Run(), log.Close()); err != nil {
		return p.explain(err)
	}
	return nil
}

// process is a running program that answers HTTP.
type process struct {
	program program
	address string
	startup time.Duration // from before the start of the process to the first 200
	pid     int
	command *exec.Cmd
	log     io.Closer
	exited  chan struct{}
	err     error // of the exit, once exited is closed
}

// start starts the program and returns when path answers 200.
func (p program) start(ctx context.Context, address, path string) (*process, error) {
	command, log, err := p.command(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	started := &process{
		program: p, address: address, pid: command.Process.Pid,
		command: command, log: log, exited: make(chan struct{}),
	}
	go started.wait()
	if err := started.await(ctx, began.Add(readyLimit), path); err != nil {
		return nil, p.explain(errors.Join(err, started.stop()))
	}
	started.startup = time.Since(began)
	return started, nil
}

func (p *process) wait() {
	p.err = p.command.Wait()
	close(p.exited)
}

var errNotReady = errors.New("not ready in time")

func (p *process) await(ctx context.Context, deadline time.Time, path string) error {
	c, err := dial(p.address, deadline)
	if err != nil {
		return err
	}
	defer c.close()
	poll := time.NewTicker(readyPoll)
	defer poll.Stop()
	for time.Now().Before(deadline) {
		if a, err := c.exchange(get(path)); err == nil && a.status == 200 {
			return nil
		}
		select {
		case <-poll.C:
		case <-p.exited:
			return errors.New("ended at once")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errNotReady
}

// stop asks the process to end and waits for it: a server that does not end
// well within its time has failed.
func (p *process) stop() error {
	select {
	case <-p.exited:
		return errors.Join(p.err, p.log.Close())
	default:
	}
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may end by itself just now
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		_ = p.command.Process.Kill() // likewise
		<-p.exited
	}
	return errors.Join(p.err, p.log.Close())
}

// explain adds what the program said last to its error.
func (p program) explain(err error) error {
	said, readErr := os.ReadFile(p.log)
	if readErr != nil {
		return fmt.Errorf("%s: %w", p.path, err)
	}
	tail := said[max(0, len(said)-2000):]
	return fmt.Errorf("%s %s: %w\n%s", p.path, strings.Join(p.args, " "), err, tail)
}

// freeAddress is a loopback address that nobody listens on right now.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

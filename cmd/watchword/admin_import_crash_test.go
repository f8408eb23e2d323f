package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const (
	childVariable = "TEST_COMMAND_LINE"
	fromArguments = "those of the process"
)

// TestChild is the process that a test below starts, and nothing by itself.
func TestChild(*testing.T) {
	line, given := os.LookupEnv(childVariable)
	if !given {
		return
	}
	if line == fromArguments {
		os.Exit(run(flag.Args(), nil, streams{os.Stdin, os.Stdout, os.Stderr}))
	}
	var args []string
	if err := json.Unmarshal([]byte(line), &args); err != nil {
		panic(err)
	}
	os.Exit(run(args, nil, streams{os.Stdin, os.Stdout, os.Stderr}))
}

// process is a command as a process of its own.
func (o *operator) process(args ...string) *exec.Cmd {
	o.t.Helper()
	line, err := json.Marshal(o.onDatabase(args))
	if err != nil {
		o.t.Fatal(err)
	}
	command := exec.CommandContext(o.t.Context(), os.Args[0], "-test.run=^TestChild$")
	command.Env = append(os.Environ(), childVariable+"="+string(line))
	return command
}

// child starts a command as a process of its own.
func (o *operator) child(args ...string) (*exec.Cmd, io.WriteCloser) {
	o.t.Helper()
	command := o.process(args...)
	stdin, err := command.StdinPipe()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		o.t.Fatal(err)
	}
	return command, stdin
}

func TestAnImportThatIsKilledGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	const all, given = 20_000, 12_000 // the child never sees the end
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		o := newOperator(t, engine)
		s := storetest.OpenAt(t, engine, o.location, nil)
		killed, stdin := o.child("admin", "import-users", "-")
		fed := make(chan error, 1)
		go func() {
			_, err := io.Copy(stdin, strings.NewReader(people(0, given)))
			fed <- err
		}()
		waitForUser(t, s, "user4000@example.com")
		if err := killed.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := killed.Wait(); err == nil {
			t.Fatal("the import ended by itself")
		}
		if err := <-fed; err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed) {
			t.Fatal(err)
		}
		done := countRows(t, engine, o.location, "users")
		if done < 4_000 || done > given || done%250 != 0 {
			t.Errorf("the killed import left %d users: it must be whole batches", done)
		}
		o.run(people(0, all), "admin", "import-users", "-", "--json").want(t, 0).wantImport(t, all-done, done, 0)
		for _, table := range []string{"users", "emails", "accounts", "memberships"} {
			if n := countRows(t, engine, o.location, table); n != all {
				t.Errorf("%d %s, want %d", n, table, all)
			}
		}
	})
}

func waitForUser(t *testing.T, s *store.Store, address string) {
	t.Helper()
	for range 60_000 { // minutes: a child that fails shall not hang the suite
		_, err := s.Read().UserByAddress(t.Context(), address)
		if err == nil {
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the child imports nothing")
}

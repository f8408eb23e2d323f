package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// endLimit is by when whatever must happen has happened. It only bounds how long
// a failing test takes.
const endLimit = 60 * time.Second

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(endLimit); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: waited for %s", what)
		}
	}
}

// output is what a child has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// child is one run of the program.
type child struct {
	t              testing.TB
	command        *exec.Cmd
	stdout, stderr output
	guard          io.WriteCloser
	exited         chan struct{}
}

// run says how the program is run.
type run struct {
	args       []string
	env        []string
	dir        string              // working directory
	credential *syscall.Credential // nil: the tests' own
}

// start runs the program. It is killed when the test ends, if it still lives
// then, and when the tests end in whatever way.
func (r run) start(t testing.TB) *child {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, command: exec.Command(program, r.args...), exited: make(chan struct{})}
	c.command.Dir, c.command.Stdout, c.command.Stderr = r.dir, &c.stdout, &c.stderr
	c.command.Env = append(withoutSettings(os.Environ()), r.env...)
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: r.credential}
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	c.watch()
	go func() {
		_ = c.command.Wait() // its outcome is in ProcessState
		close(c.exited)
	}()
	t.Cleanup(c.end)
	return c
}

// finish runs the program to its end.
func (r run) finish(t testing.TB) *child {
	t.Helper()
	c := r.start(t)
	c.wait()
	return c
}

// watch starts what kills the child if these tests die first.
func (c *child) watch() {
	c.t.Helper()
	guard := exec.Command("/bin/sh", "-c", `read -r _ || kill -9 "$0"`, fmt.Sprint(c.command.Process.Pid))
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		_ = c.command.Process.Kill()
		c.t.Fatal(err)
	}
	c.guard = pipe
	c.t.Cleanup(func() { _ = guard.Wait() })
}

// end kills the child if it still runs, and looks whether it behaved.
func (c *child) end() {
	_ = c.command.Process.Kill() // it may have ended
	<-c.exited
	_, _ = io.WriteString(c.guard, "\n")
	_ = c.guard.Close()
	for _, bad := range []string{"DATA RACE", "panic", "goroutine 1 [", "malformed", "corrupt"} {
		if strings.Contains(c.stderr.String(), bad) {
			c.t.Errorf("the program said %q", bad)
		}
	}
	if c.t.Failed() {
		c.t.Logf("%s: %s\nit printed:\n%s\nand logged:\n%s",
			strings.Join(c.command.Args[1:], " "), c.command.ProcessState, tail(&c.stdout), tail(&c.stderr))
	}
}

func tail(o *output) string {
	text := o.String()
	return text[max(0, len(text)-4000):]
}

// gone says whether the child has ended.
func (c *child) gone() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

func (c *child) signal(s os.Signal) {
	c.t.Helper()
	if err := c.command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Fatal(err)
	}
}

// wait waits for the child's end.
func (c *child) wait() {
	c.t.Helper()
	select {
	case <-c.exited:
	case <-time.After(endLimit):
		c.t.Fatal("the program does not end")
	}
}

// stop asks the child to end, and wants it to end well.
func (c *child) stop() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	c.wantExit(0)
}

// kill ends the child without a word.
func (c *child) kill() {
	c.t.Helper()
	c.signal(syscall.SIGKILL)
	c.wait()
}

// wantExit wants the child to end by itself, with this code, having said all
// these words on stderr.
func (c *child) wantExit(code int, words ...string) {
	c.t.Helper()
	c.wait()
	if got := c.command.ProcessState.ExitCode(); got != code {
		c.t.Fatalf("ended with %s, want exit code %d\n%s", c.command.ProcessState, code, tail(&c.stderr))
	}
	for _, word := range words {
		if !strings.Contains(c.stderr.String(), word) {
			c.t.Errorf("stderr does not say %q:\n%s", word, tail(&c.stderr))
		}
	}
}

// withoutSettings keeps the settings of whoever runs the tests out of them.
func withoutSettings(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		if !strings.HasPrefix(variable, "WATCHWORD_") && !strings.HasPrefix(variable, "PG") {
			kept = append(kept, variable)
		}
	}
	return kept
}

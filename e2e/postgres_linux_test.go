package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"watchword/internal/store/storetest/pgcluster"
)

// hang stops all processes of a cluster where they are: connections stay open,
// new ones are taken by the kernel, and nothing is answered.
func hang(t *testing.T, cluster *pgcluster.Cluster) (resume func()) {
	t.Helper()
	postmaster, err := cluster.PID()
	if err != nil {
		t.Fatal(err)
	}
	stopped := []int{postmaster}
	resume = func() {
		for _, pid := range stopped {
			_ = syscall.Kill(pid, syscall.SIGCONT) // some may have ended
		}
	}
	t.Cleanup(resume)
	stop := func(pid int) { err = errors.Join(err, syscall.Kill(pid, syscall.SIGSTOP)) }
	stop(postmaster) // the parent first: then no more children are born
	stopped = append(stopped, children(t, postmaster)...)
	for _, pid := range stopped[1:] {
		stop(pid)
	}
	if err != nil {
		t.Fatal(err)
	}
	return resume
}

// children are the processes that a process has started.
func children(t *testing.T, parent int) []int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// "pid (name) state ppid …", where a name may hold anything.
		rest := string(text)[strings.LastIndexByte(string(text), ')')+1:]
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == fmt.Sprint(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, pid)
		}
	}
	return found
}

// chain refreshes without pause until an answer is none, and gives what its
// client then holds.
func chain(s *server, held answer) answer {
	c := s.another()
	for {
		next, err := c.try("POST", "/auth/refresh", refreshBody(held.str("refresh_token")))
		if err != nil {
			c.t.Errorf("not answered at all: %v", err)
			return held
		}
		if next.status != 200 {
			next.wantAway(c.t)
			return held
		}
		held = next
	}
}

func TestWhilePostgresHangsEverybodyIsAnswered(t *testing.T) {
	t.Parallel()
	i, cluster := onCluster(t)
	// However long the database hangs, the lost answers must still be had after it.
	if err := os.WriteFile(filepath.Join(i.dir, "watchword.yaml"), []byte("lifetimes: {refresh_grace: 5m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGuest(i.start())
	other := devInstall(t)
	other.run.env = i.run.env
	second := other.start()
	var chains sync.WaitGroup
	held := make([]answer, 3)
	for n := range held {
		held[n] = g.s.signUp(fmt.Sprintf("user-%d@example.com", n))
		chains.Go(func() { held[n] = chain(g.s, held[n]) })
	}
	eventually(t, "the chains", func() bool { return strings.Count(g.s.stderr.String(), "/auth/refresh") > 50 })

	resume := hang(t, cluster)
	late := devInstall(t)
	// The address of a test's cluster asks for more patience than a start needs here.
	for _, setting := range i.run.env {
		late.run.env = append(late.run.env, strings.Replace(setting, "connect_timeout=60", "connect_timeout=3", 1))
	}
	starting := late.run.start(t)
	second.signal(syscall.SIGTERM)
	g.wantAway()
	chains.Wait()
	starting.wantExit(1, "open the postgres database")
	second.wantExit(0)
	resume()
	g.wantBack()
	for _, a := range held {
		// Whether the database did what it was asked when it hung or not.
		g.program.post("/auth/refresh", refreshBody(a.str("refresh_token"))).want(t, 200, "")
	}
	g.s.stop()
}

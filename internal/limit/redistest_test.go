package limit

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a real redis-server with nothing in it.
type redisServer struct {
	port    int
	address string
	args    []string
	cmd     *exec.Cmd
	guard   io.Closer
}

// startRedis runs redis-server until the test ends. It fails where there is none.
func startRedis(t *testing.T, args ...string) *redisServer {
	t.Helper()
	s := &redisServer{args: args}
	for range 3 { // somebody else may take the free port first
		s.port = freePort(t)
		s.address = fmt.Sprintf("redis://127.0.0.1:%d", s.port)
		if s.start(t) {
			t.Cleanup(s.kill)
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

// start starts the server, again after a kill, and waits until it answers.
func (s *redisServer) start(t *testing.T) bool {
	t.Helper()
	args := append([]string{
		"--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", t.TempDir(),
		"--save", "", "--appendonly", "no",
	}, s.args...)
	s.cmd = exec.Command("redis-server", args...)
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("redis-server is needed: %v", err)
	}
	s.watch(t)
	probe := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.port)})
	defer func() { _ = probe.Close() }()
	for range 500 {
		err := probe.Ping(t.Context()).Err()
		if err == nil || redis.HasErrorPrefix(err, "NOAUTH") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.kill()
	return false
}

// watch starts what kills the server when the pipe to it closes: in kill, or when
// the test process ends in whatever way.
func (s *redisServer) watch(t *testing.T) {
	t.Helper()
	guard := exec.Command("sh", "-c", "cat; kill -9 $0", fmt.Sprint(s.cmd.Process.Pid))
	pipe, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.guard = pipe
	t.Cleanup(func() {
		_ = pipe.Close()
		_ = guard.Wait()
	})
}

func (s *redisServer) kill() {
	_ = s.guard.Close()
	_ = s.cmd.Wait()
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

package e2e

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"syscall"
	"testing"
)

// redisServer is a real redis-server with nothing in it.
type redisServer struct {
	t       *testing.T
	port    int
	command *exec.Cmd
	guard   io.Closer
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	r := &redisServer{t: t, port: freePort(t)}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *redisServer) url() string { return "redis://" + addressOf(r.port) }

// start starts the server, again after a kill, and returns when it answers.
func (r *redisServer) start() {
	r.t.Helper()
	// The shell kills the server when the pipe closes: in kill, or when the tests
	// end in whatever way.
	r.command = exec.Command("/bin/sh", "-c", `"$@" </dev/null & read -r _; kill -9 $!; wait`, "guard",
		"redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(r.port), "--dir", r.t.TempDir(), "--save", "", "--appendonly", "no")
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := r.command.StdinPipe()
	if err == nil {
		err = r.command.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.guard = pipe
	eventually(r.t, "Redis to answer", func() bool {
		conn, err := net.Dial("tcp", addressOf(r.port))
		if err != nil {
			return false
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "PING\r\n")
		reply := make([]byte, 7)
		if err == nil {
			_, err = io.ReadFull(conn, reply)
		}
		return err == nil && string(reply) == "+PONG\r\n"
	})
}

func (r *redisServer) kill() {
	_ = r.guard.Close()
	_ = r.command.Wait() // killed, as it was told
}

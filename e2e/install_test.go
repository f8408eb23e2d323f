package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const serverSecret = "k8Xv2mPqL5tRw9ZbN3cY7hJd4fGs6aUe"

// install is an installation: what stays from one start of a server to the next.
type install struct {
	t       testing.TB
	dir     string // working directory; the data folder lies in there
	port    int
	metrics int // zero: none yet
	run     run
}

// devInstall is a server for development, as a newcomer starts it.
func devInstall(t testing.TB, args ...string) *install {
	t.Helper()
	i := &install{t: t, dir: t.TempDir(), port: freePort(t)}
	i.run = run{dir: i.dir, args: append([]string{"dev", "--listen", i.address()}, args...)}
	return i
}

// serveInstall is a server for production.
func serveInstall(t testing.TB, args ...string) *install {
	t.Helper()
	i := &install{t: t, dir: t.TempDir(), port: freePort(t)}
	i.run = run{
		dir: i.dir, args: append([]string{"serve", "--listen", i.address()}, args...),
		env: []string{
			"WATCHWORD_PUBLIC_URL=https://auth.example.com", "WATCHWORD_SMTP=smtp://127.0.0.1:2525",
			"WATCHWORD_SECRET=" + serverSecret,
		},
	}
	return i
}

// on puts the installation's data on an engine: a fresh and empty database.
func (i *install) on(engine store.Engine) *install {
	i.t.Helper()
	if engine == store.Postgres {
		return i.onDatabase(storetest.Postgres(i.t))
	}
	return i
}

func (i *install) onDatabase(url string) *install {
	i.run.env = append(i.run.env, "WATCHWORD_DATABASE="+url, "WATCHWORD_SECRET="+serverSecret)
	return i
}

func (i *install) address() string { return addressOf(i.port) }

func addressOf(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// data is a path in the data folder.
func (i *install) data(name string) string { return filepath.Join(i.dir, "watchword-data", name) }

// server is a running server and a caller of it.
type server struct {
	*child
	*caller
	address string
}

// start starts the server and returns when it answers.
func (i *install) start() *server {
	i.t.Helper()
	s := &server{child: i.run.start(i.t), caller: newCaller(i.t, "http://"+i.address()), address: i.address()}
	eventually(i.t, "the server to answer", func() bool {
		if s.gone() {
			i.t.Fatalf("ended at its start: %s\n%s", s.command.ProcessState, tail(&s.stderr))
		}
		a, err := s.try("GET", "/healthz", "")
		return err == nil && a.status == 200
	})
	return s
}

// another is one more caller of the server, with connections of its own.
func (s *server) another() *caller { return newCaller(s.caller.t, s.url) }

// freePort is a port that nobody listens on. It lies below those that the kernel
// gives to outgoing connections: none of them can take it while the server is
// down.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 10000 + rand.IntN(20000)
		l, err := net.Listen("tcp", addressOf(port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

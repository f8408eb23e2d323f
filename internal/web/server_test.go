package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// patience bounds how long a test waits for what must happen; it is never what
// a test is about.
const patience = 30 * time.Second

type startOptions struct {
	timeouts  Timeouts
	grace     time.Duration
	readiness *Readiness
	wrap      func(net.Listener) net.Listener
}

func start(tb testing.TB, mux *Mux, o startOptions) *Server {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if o.wrap != nil {
		listener = o.wrap(listener)
	}
	if o.timeouts == (Timeouts{}) {
		o.timeouts = DefaultTimeouts()
	}
	if o.readiness == nil {
		o.readiness = new(Readiness)
	}
	f := newFixture(tb, mux)
	server := NewServer(ServerOptions{
		Listener: listener, Handler: f, Timeouts: o.timeouts,
		Readiness: o.readiness, Grace: o.grace, Log: f.options.Log,
	})
	server.Start(tb.Context())
	return server
}

func stop(tb testing.TB, s *Server) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		tb.Error(err)
	}
}

// dial opens a connection that gives up after patience.
func dial(tb testing.TB, s *Server) net.Conn {
	tb.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// rest is everything that the server sends until it closes the connection.
func rest(tb testing.TB, conn net.Conn) string {
	tb.Helper()
	data, err := io.ReadAll(conn)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		tb.Fatal("the server did not close the connection")
	}
	return string(data)
}

func TestSlowConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	short := Timeouts{Header: 50 * time.Millisecond, Read: 100 * time.Millisecond, Write: time.Minute, Idle: 50 * time.Millisecond}
	server := start(t, bodyMux(), startOptions{timeouts: short})
	defer stop(t, server)
	for name, c := range map[string]struct{ sent, answer string }{
		"nothing at all":    {"", ""},
		"half a header":     {"GET /json HTTP/1.1\r\nHost: x\r\nX-Slow: ", ""},
		"half a body":       {"POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\"", "body_incomplete"},
		"idle after a call": {"GET /json HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, server)
			if _, err := io.WriteString(conn, c.sent); err != nil {
				t.Fatal(err)
			}
			if got := rest(t, conn); !strings.Contains(got, c.answer) {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	server := start(t, bodyMux(), startOptions{})
	defer stop(t, server)
	for size, status := range map[int]string{maxHeaderBytes - 1024: " 200 ", maxHeaderBytes + 8192: " 431 "} {
		conn := dial(t, server)
		request := "GET /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + strings.Repeat("x", size) + "\r\n\r\n"
		go func() { _, _ = io.WriteString(conn, request) }()
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, status) {
			t.Errorf("%d bytes: %q, %v", size, line, err)
		}
	}
}

func TestATooLongBodyIsAnsweredThoughUnread(t *testing.T) {
	t.Parallel()
	server := start(t, bodyMux(), startOptions{})
	defer stop(t, server)
	body := strings.NewReader(`"` + strings.Repeat("x", 8<<20) + `"`)
	response, err := http.Post("http://"+server.Addr().String()+"/json", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", response.StatusCode)
	}
}

func TestStoppingServerAnswersWhatItHasBegun(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	mux := NewMux(nil)
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusTeapot) // stopping broke off the call
		}
	})
	server := start(t, mux, startOptions{})
	conn := dial(t, server)
	if _, err := io.WriteString(conn, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(t.Context()) }()
	for { // until it accepts no more
		extra, err := net.Dial("tcp", server.Addr().String())
		if err != nil {
			break
		}
		_ = extra.Close()
	}
	select {
	case err := <-stopped:
		t.Fatalf("stopped before the call was answered: %v", err)
	default:
	}
	close(release)
	if got := rest(t, conn); !strings.HasPrefix(got, "HTTP/1.1 200 OK") {
		t.Errorf("%q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err, open := <-server.Failed(); open {
		t.Errorf("a stop is no failure: %v", err)
	}
}

func TestDrainingServerStillAnswersButKeepsNoConnection(t *testing.T) {
	t.Parallel()
	readiness := new(Readiness)
	mux := NewMux(nil)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := readiness.Check(); err != nil {
			WriteProblem(w, r, err)
		}
	})
	server := start(t, mux, startOptions{readiness: readiness})
	defer stop(t, server)
	url := "http://" + server.Addr().String() + "/readyz"
	for _, want := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want || response.Close != readiness.Draining() {
			t.Errorf("%d %v, want %d", response.StatusCode, response.Header, want)
		}
		readiness.Drain() // as Stop begins
	}
}

// A load balancer's connection that was accepted, and whose call comes late.
func TestStoppingServerAnswersALateCallOnAnAcceptedConnection(t *testing.T) {
	t.Parallel()
	accepted := &accepting{}
	server := start(t, answering("GET /x", nil), startOptions{wrap: func(l net.Listener) net.Listener {
		accepted.Listener = l
		return accepted
	}})
	conn := dial(t, server)
	for {
		if _, ok := accepted.peers.Load(conn.LocalAddr().String()); ok {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(t.Context()) }()
	if err := <-server.Failed(); err != nil { // closed: it accepts no more
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got := rest(t, conn); !strings.HasPrefix(got, "HTTP/1.1 200 OK") {
		t.Errorf("%q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestGraceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	entered := make(chan struct{})
	mux.HandleFunc("GET /stuck", func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // until the connection is broken off
	})
	server := start(t, mux, startOptions{grace: time.Hour})
	conn := dial(t, server)
	if _, err := io.WriteString(conn, "GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	rest(t, conn)
}

func TestCallsOutliveWhatStartedTheServer(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, mux)
	server := NewServer(ServerOptions{Listener: listener, Handler: f, Timeouts: DefaultTimeouts(), Readiness: new(Readiness), Log: f.options.Log})
	ctx, cancel := context.WithCancel(t.Context())
	server.Start(ctx)
	cancel() // as SIGTERM does
	defer stop(t, server)
	response, err := http.Get("http://" + server.Addr().String() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%d", response.StatusCode)
	}
}

func TestALostListenerIsAFailure(t *testing.T) {
	t.Parallel()
	var listener net.Listener
	server := start(t, NewMux(nil), startOptions{wrap: func(l net.Listener) net.Listener {
		listener = l
		return l
	}})
	_ = listener.Close()
	if err := <-server.Failed(); err == nil {
		t.Error("no failure")
	}
}

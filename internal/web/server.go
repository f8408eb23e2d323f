package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxHeaderBytes bounds request line and headers together.
const maxHeaderBytes = 16 << 10

// Timeouts bound how long a connection may take for each part of a call.
type Timeouts struct {
	Header time.Duration // to send its headers
	Read   time.Duration // to send all of it
	Write  time.Duration // from the end of its headers to the end of the answer
	Idle   time.Duration // until the next call
}

// DefaultTimeouts are those for a server that strangers can reach.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Header: 5 * time.Second, Read: 15 * time.Second,
		Write: 30 * time.Second, Idle: 2 * time.Minute,
	}
}

// ServerOptions is what a Server needs.
type ServerOptions struct {
	Listener  net.Listener // open; the server closes it
	Handler   http.Handler
	Timeouts  Timeouts
	Readiness *Readiness
	// Grace is how long a stopping server goes on accepting, so that load
	// balancers see it become unready before it refuses anybody.
	Grace time.Duration
	Log   *slog.Logger
}

// Server serves HTTP/1.1 from Start to Stop.
type Server struct {
	http      *http.Server
	listener  net.Listener
	readiness *Readiness
	grace     time.Duration
	busy      busyConns
	stopping  atomic.Bool
	last      context.CancelFunc // tells answers that take long to end
	served    chan struct{}      // closed when nothing is accepted any more
	failed    chan error
}

// NewServer makes a server that does not serve yet.
func NewServer(o ServerOptions) *Server {
	s := &Server{
		listener:  o.Listener,
		readiness: o.Readiness,
		grace:     o.Grace,
		busy:      busyConns{conns: map[net.Conn]struct{}{}},
		served:    make(chan struct{}),
		failed:    make(chan error, 1),
	}
	s.http = &http.Server{
		Handler:           s.closing(o.Handler),
		ReadHeaderTimeout: o.Timeouts.Header,
		ReadTimeout:       o.Timeouts.Read,
		WriteTimeout:      o.Timeouts.Write,
		IdleTimeout:       o.Timeouts.Idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         s.busy.note,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		// OPTIONS * is answered by the chain, as everything is.
		DisableGeneralOptionsHandler: true,
	}
	return s
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Start begins to serve. Requests see ctx's values but not its end: what stops
// the server must not break off the calls that it still answers.
func (s *Server) Start(ctx context.Context) {
	stopping, last := context.WithCancel(context.WithoutCancel(ctx))
	s.last = last
	requests := context.WithValue(context.WithoutCancel(ctx), stoppingKey{}, stopping)
	s.http.BaseContext = func(net.Listener) context.Context { return requests }
	go func() {
		err := s.http.Serve(s.listener)
		if !s.stopping.Load() {
			s.failed <- fmt.Errorf("serving %s: %w", s.listener.Addr(), err)
		}
		close(s.failed)
		close(s.served)
	}()
}

// Failed yields the error if the server ends unasked, and is closed when it
// accepts no more.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop drains a started server: unready at once; then for the grace it answers
// as ever but has its clients close their connections; then it accepts no more,
// and answers every call on every connection that it has accepted, those that take
// long ([Pieces]) as far as they come in a short time. When ctx ends first, what is left is broken off and the error is ctx's.
func (s *Server) Stop(ctx context.Context) error {
	s.readiness.Drain()
	wait := time.NewTimer(s.grace)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.last()
	_ = s.listener.Close() // if it is closed already, so much the better
	<-s.served
	// Not Shutdown yet: from then on net/http drops calls that it has not begun
	// to read, on accepted connections too.
	select {
	case <-s.busy.none():
	case <-ctx.Done():
	}
	if err := s.http.Shutdown(ctx); err != nil { // closes the idle ones
		return errors.Join(fmt.Errorf("stopping: %w", err), s.http.Close())
	}
	return nil
}

// closing has clients open their next connection elsewhere once the server
// drains, instead of finding theirs closed just as they send.
func (s *Server) closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.readiness.Draining() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// busyConns are the connections on which a call is being answered or, being
// new, may be about to arrive.
type busyConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	empty chan struct{} // closed when the last one is gone; nil while nobody waits
}

func (b *busyConns) note(conn net.Conn, state http.ConnState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		b.conns[conn] = struct{}{}
		return
	}
	delete(b.conns, conn)
	if len(b.conns) == 0 && b.empty != nil {
		close(b.empty)
		b.empty = nil
	}
}

// none is closed once no connection is busy.
func (b *busyConns) none() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	empty := make(chan struct{})
	if len(b.conns) == 0 {
		close(empty)
	} else {
		b.empty = empty
	}
	return empty
}

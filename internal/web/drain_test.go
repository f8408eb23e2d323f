package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// accepting remembers whom the process has accepted: a connection that lies in
// the kernel's queue when the listener closes was refused, not dropped.
type accepting struct {
	net.Listener
	peers sync.Map
}

func (l *accepting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.peers.Store(conn.RemoteAddr().String(), true)
	}
	return conn, err
}

// load is clients that call without pause until they are refused.
type load struct {
	listener *accepting
	addr     string
	answered sync.Map // number of a call → true
	entered  sync.Map // as seen by the handler
	next     atomic.Int64
	total    atomic.Int64
}

func (l *load) mux() *Mux {
	mux := NewMux(nil)
	mux.HandleFunc("POST /call/{n}", func(w http.ResponseWriter, r *http.Request) {
		l.entered.Store(r.PathValue("n"), true)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		_, _ = w.Write(body)
	})
	return mux
}

// call makes one call and reads its answer whole. It says whether the
// connection is good for another.
func (l *load) call(conn net.Conn, reader *bufio.Reader) (again bool, err error) {
	n := fmt.Sprint(l.next.Add(1))
	body := `"` + strings.Repeat(n+" ", 500) + `"`
	_, err = fmt.Fprintf(conn, "POST /call/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		n, len(body), body)
	if err != nil {
		return false, err
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return false, err
	}
	if response.StatusCode != http.StatusOK || string(got) != body {
		return false, fmt.Errorf("call %s: %d, %d bytes", n, response.StatusCode, len(got))
	}
	l.answered.Store(n, true)
	l.total.Add(1)
	return !response.Close, nil
}

// client calls until no connection is to be had, so many times on each.
func (l *load) client(t *testing.T, calls int) {
	for {
		conn, err := net.Dial("tcp", l.addr)
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		if err := l.useUp(conn, calls); err != nil {
			t.Error(err)
		}
	}
}

func (l *load) useUp(conn net.Conn, calls int) error {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for n := range calls {
		again, err := l.call(conn, reader)
		if err != nil {
			if _, accepted := l.listener.peers.Load(conn.LocalAddr().String()); accepted && n == 0 {
				return fmt.Errorf("accepted, then dropped: %w", err)
			}
			return nil // a later call on a kept connection can cross its end (RFC 9112 §9.5)
		}
		if !again {
			return nil
		}
	}
	return nil
}

func TestDrainUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	l := &load{listener: &accepting{}}
	server := start(t, l.mux(), startOptions{
		grace: 200 * time.Millisecond,
		wrap: func(inner net.Listener) net.Listener {
			l.listener.Listener = inner
			return l.listener
		},
	})
	l.addr = server.Addr().String()
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Go(func() { l.client(t, 1+i%2*1000) })
	}
	for l.total.Load() < 200 {
		time.Sleep(time.Millisecond)
	}
	stop(t, server)
	clients.Wait()
	l.entered.Range(func(n, _ any) bool {
		if _, ok := l.answered.Load(n); !ok {
			t.Errorf("call %v was handled and its answer lost", n)
		}
		return true
	})
	t.Logf("%d calls answered", l.total.Load())
}

package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// longAnswer writes so many pieces, which no buffer between here and there holds,
// and tells how that ended. before is called ahead of each.
func longAnswer(pieces int, each, last time.Duration, before func(i int)) (*Mux, <-chan error) {
	ended := make(chan error, 1)
	mux := NewMux(nil)
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		p := NewPieces(r.Context(), w, each, last)
		defer p.Done()
		for i := range pieces {
			before(i)
			err := p.Next()
			if err == nil {
				_, err = io.WriteString(w, strings.Repeat("x", 1<<20))
			}
			if err != nil {
				ended <- err
				panic(http.ErrAbortHandler)
			}
		}
		ended <- nil
	})
	return mux, ended
}

func ask(tb testing.TB, conn net.Conn) {
	tb.Helper()
	if _, err := fmt.Fprint(conn, "GET /file HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		tb.Fatal(err)
	}
}

// awaited is what comes, within patience.
func awaited[T any](tb testing.TB, from <-chan T) (value T) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case value = <-from:
	case <-ctx.Done():
		tb.Fatal("nothing came")
	}
	return value
}

func TestAReaderWhoStopsDoesNotHoldTheHandler(t *testing.T) {
	t.Parallel()
	mux, ended := longAnswer(100, 50*time.Millisecond, time.Hour, func(int) {})
	server := start(t, mux, startOptions{})
	ask(t, dial(t, server)) // and reads nothing
	if err := awaited(t, ended); err == nil {
		t.Error("100 MiB were written to nobody")
	}
	stop(t, server)
}

func TestAReaderWhoStopsDoesNotHoldTheEndOfTheServer(t *testing.T) {
	t.Parallel()
	begun := make(chan bool, 100)
	mux, ended := longAnswer(100, time.Hour, 50*time.Millisecond, func(int) { begun <- true })
	server := start(t, mux, startOptions{})
	ask(t, dial(t, server))
	awaited(t, begun)
	stop(t, server)
	if err := awaited(t, ended); err == nil {
		t.Error("100 MiB were written to nobody")
	}
}

// Whoever reads gets what can be written in the time that is left, and calls that
// come on accepted connections are answered as ever.
func TestAReaderWhoReadsGetsAllOfIt(t *testing.T) {
	t.Parallel()
	begun, stopping := make(chan bool, 1), make(chan bool)
	mux, ended := longAnswer(20, time.Hour, time.Hour, func(i int) {
		if i == 10 {
			begun <- true
			<-stopping
		}
	})
	server := start(t, mux, startOptions{})
	conn := dial(t, server)
	ask(t, conn)
	whole := make(chan int64, 1)
	go func() {
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Error(err)
			whole <- 0
			return
		}
		defer func() { _ = response.Body.Close() }()
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil {
			t.Error(err)
		}
		whole <- n
	}()
	awaited(t, begun)
	stopped := make(chan bool)
	go func() {
		stop(t, server)
		close(stopped)
	}()
	if err := awaited(t, server.Failed()); err != nil { // closed: nothing is accepted any more
		t.Error(err)
	}
	close(stopping)
	if n := awaited(t, whole); n != 20<<20 {
		t.Errorf("%d bytes came", n)
	}
	if err := awaited(t, ended); err != nil {
		t.Error(err)
	}
	awaited(t, stopped)
}

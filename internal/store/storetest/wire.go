package storetest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"watchword/internal/store"
)

// Wire stands between a store and its Postgres server and counts what passes: how
// often somebody asked and waited is what no clock can tell.
type Wire struct {
	syncs atomic.Int64
}

// RoundTrips is how often the server was asked so far.
func (w *Wire) RoundTrips() int64 { return w.syncs.Load() }

const socketName = ".s.PGSQL.5432"

// Tap gives the location of the Postgres database behind a Wire.
func Tap(tb testing.TB, location string) (tapped string, w *Wire) {
	tb.Helper()
	u, err := url.Parse(location)
	if err != nil {
		tb.Fatal(err)
	}
	query := u.Query()
	server := filepath.Join(query.Get("host"), socketName)
	dir, err := os.MkdirTemp("", "wire") //nolint:usetesting // shorter than a test's: sockets have short names
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, socketName)) //nolint:noctx // it ends with the test
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = listener.Close(), os.RemoveAll(dir) })
	w = &Wire{}
	go w.serve(listener, server)
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return u.String(), w
}

// OpenTapped is a fresh store on Postgres whose round trips are counted.
func OpenTapped(tb testing.TB) (*store.Store, *Wire) {
	tb.Helper()
	location, wire := Tap(tb, Location(tb, store.Postgres))
	return OpenAt(tb, store.Postgres, location, nil), wire
}

func (w *Wire) serve(listener net.Listener, server string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		upstream, err := net.Dial("unix", server) //nolint:noctx // it ends with the client's
		if err != nil {
			_ = client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(client, upstream)
			_ = client.Close()
		}()
		go func() {
			_ = w.forward(upstream, client)
			_ = upstream.Close()
		}()
	}
}

// forward passes the client's messages on. Each but the first begins with its
// type (PostgreSQL, Frontend/Backend Protocol): Sync and Query end a question.
func (w *Wire) forward(server io.Writer, client io.Reader) error {
	in := bufio.NewReader(client)
	if err := pass(server, in, nil); err != nil {
		return err
	}
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return err
		}
		if kind == 'S' || kind == 'Q' {
			w.syncs.Add(1)
		}
		if err := pass(server, in, []byte{kind}); err != nil {
			return err
		}
	}
}

// pass copies one message: its length counts itself.
func pass(server io.Writer, client io.Reader, head []byte) error {
	var length [4]byte
	if _, err := io.ReadFull(client, length[:]); err != nil {
		return err
	}
	if _, err := server.Write(append(head, length[:]...)); err != nil {
		return err
	}
	_, err := io.CopyN(server, client, int64(binary.BigEndian.Uint32(length[:]))-4)
	return err
}

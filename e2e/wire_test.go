package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// wire is a connection on which a test says exactly what it wants.
type wire struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, address string) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(endLimit)); err != nil {
		t.Fatal(err)
	}
	return &wire{t: t, Conn: conn, in: bufio.NewReader(conn)}
}

func (w *wire) say(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Fatal(err)
	}
}

// hear reads one whole answer.
func (w *wire) hear() answer {
	w.t.Helper()
	a, err := w.tryHear()
	if err != nil {
		w.t.Fatalf("no whole answer: %v", err)
	}
	return a
}

func (w *wire) tryHear() (answer, error) {
	response, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a, err
}

// wantClosed wants the server to close the connection without another word.
func (w *wire) wantClosed() {
	w.t.Helper()
	if rest, err := io.ReadAll(w.in); len(rest) > 0 {
		w.t.Errorf("there is more: %q (%v)", rest, err)
	}
}

// exchange says something on a connection of its own and hears one answer.
func exchange(t testing.TB, address, text string) answer {
	t.Helper()
	w := dial(t, address)
	defer w.Close()
	w.say(text)
	return w.hear()
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func dialTest(t testing.TB, address string) *conn {
	t.Helper()
	c, err := dial(address, time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func TestOnlyLoopbackIsDialled(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80", "localhost:80", "example.com:80", ""} {
		if _, err := dial(address, time.Now()); !errors.Is(err, errNotLoopback) {
			t.Errorf("dial(%q) = %v, want a refusal", address, err)
		}
	}
}

func TestConnectionIsKeptAlive(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization")+r.Header.Get("Accept"))
		if r.URL.Path == "/nothing" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
		if r.URL.Path == "/chunked" {
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write(body)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := dialTest(t, server.Listener.Addr().String())
	big := strings.Repeat("0123456789", 10_000)
	for _, exchange := range []struct {
		path, body, want string
		status           int
	}{
		{"/plain", "hi", "hi", 200},
		{"/chunked", "hi", "hihi", 200},
		{"/chunked", big, big + big, 200},
		{"/nothing", "", "", 204},
		{"/plain", big, big, 200},
		{"/plain", "", "", 200},
	} {
		r := request{method: "POST", path: exchange.path, bearer: "t", fields: "Accept: text/plain\r\n", body: []byte(exchange.body)}
		a, err := c.exchange(r)
		if err != nil {
			t.Fatalf("%s: %v", exchange.path, err)
		}
		if a.status != exchange.status || string(a.body) != exchange.want {
			t.Errorf("%s answered %d with %d bytes, want %d with %d", exchange.path, a.status, len(a.body), exchange.status, len(exchange.want))
		}
		if got := a.header("x-echo"); got != "Bearer ttext/plain" {
			t.Errorf("%s: header fields arrived as %q", exchange.path, got)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections were opened, want 1", n)
	}
}

func TestConnectionIsOpenedAgainAfterItsLastAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	c := dialTest(t, server.Listener.Addr().String())
	for _, path := range []string{"/", "/", "/abort", "/"} {
		a, err := c.exchange(get(path))
		if broken := path == "/abort"; broken != (err != nil) || !broken && a.status != 200 {
			t.Errorf("%s: %d, %v", path, a.status, err)
		}
	}
}

func readFrom(raw string) (answer, bool, error) {
	c := conn{reader: bufio.NewReader(strings.NewReader(raw))}
	return c.read()
}

func TestMalformedAnswersAreRefused(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"nothing":              "",
		"no status":            "HTTP/1.1 \r\n\r\n",
		"other protocol":       "HTTP/2 200\r\n\r\n",
		"no end":               "HTTP/1.1 200 OK\r\n\r\nhello",
		"negative length":      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"too long":             "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
		"cut off":              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
		"bad chunk":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
		"chunk without end":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naa\r\n0\r\n\r\n",
		"informational answer": "HTTP/1.1 100 Continue\r\n\r\n",
		"endless head":         "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 20_000) + "\r\n",
	} {
		if _, _, err := readFrom(raw); err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 204 No Content\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, _, err := readFrom(string(raw))
		if err != nil {
			return
		}
		if a.status < 200 || a.status > 999 || len(a.body) > maxBody || len(a.head) > maxHead {
			t.Errorf("accepted status %d, head of %d, body of %d bytes", a.status, len(a.head), len(a.body))
		}
		a.text("code")
		a.header("Location")
		response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if err != nil {
			return // net/http is stricter, about header lines of no concern here
		}
		defer response.Body.Close()
		if response.StatusCode != a.status {
			t.Errorf("status %d, net/http reads %d", a.status, response.StatusCode)
		}
	})
}

func TestTextFindsStringsOfTheAnswer(t *testing.T) {
	t.Parallel()
	a := answer{body: []byte(`{"session_id":"ses_1","user":{"id": "usr_1","picture":null},"expires_in":600,"cut":"of`)}
	for name, want := range map[string]string{
		"session_id": "ses_1", "id": "usr_1", "picture": "", "expires_in": "", "missing": "", "cut": "",
	} {
		if got := a.text(name); got != want {
			t.Errorf("text(%q) = %q, want %q", name, got, want)
		}
	}
}

// BenchmarkExchange is the reason for conn: what one exchange costs with it and
// with net/http's client, against the same server.
func BenchmarkExchange(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	b.Cleanup(server.Close)
	b.Run("conn", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			c, err := dial(server.Listener.Addr().String(), time.Now().Add(time.Minute))
			if err != nil {
				b.Error(err)
				return
			}
			defer c.close()
			for p.Next() {
				if a, err := c.exchange(get("/")); err != nil || a.status != 200 {
					b.Error(a.status, err)
					return
				}
			}
		})
	})
	b.Run("net-http", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			client := http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for p.Next() {
				if err := fetch(&client, server.URL); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func fetch(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}

package web

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"ok"}`)
}

func quietChain(tb testing.TB, mux *Mux) http.Handler {
	return newFixture(tb, mux, func(o *Options) {
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	})
}

// BenchmarkChain is what the chain itself costs, without a network.
func BenchmarkChain(b *testing.B) {
	mux := NewMux(nil)
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /auth/me", healthz)
	mux.HandleFunc("POST /auth/refresh", healthz)
	h := quietChain(b, mux)
	get := func(path string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		return r
	}
	b.Run("health", func(b *testing.B) { serveEach(b, h, get("/healthz"), "") })
	b.Run("logged", func(b *testing.B) { serveEach(b, h, get("/auth/me"), "") })
	post := httptest.NewRequest(http.MethodPost, "/auth/refresh", nil)
	post.Header.Set("Content-Type", "application/json")
	b.Run("body", func(b *testing.B) { serveEach(b, h, post, `{"refresh_token":"`+strings.Repeat("a", 90)+`"}`) })
}

// discardWriter is a response writer that costs next to nothing.
type discardWriter struct{ header http.Header }

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *discardWriter) WriteHeader(int)             {}

func serveEach(b *testing.B, h http.Handler, r *http.Request, body string) {
	w := &discardWriter{header: http.Header{}}
	reader := strings.NewReader(body)
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		if body != "" {
			reader.Reset(body)
			r.Body, r.ContentLength = io.NopCloser(reader), int64(len(body))
		}
		h.ServeHTTP(w, r)
	}
}

// BenchmarkLoopback compares the chain with plain net/http, end to end.
func BenchmarkLoopback(b *testing.B) {
	mux := NewMux(map[string]Rule{"GET /healthz": {CORS: CORSNone}})
	mux.HandleFunc("GET /healthz", healthz)
	plain := http.NewServeMux()
	plain.HandleFunc("GET /healthz", healthz)
	b.Run("plain", func(b *testing.B) { loopback(b, plain) })
	b.Run("chain", func(b *testing.B) { loopback(b, quietChain(b, mux)) })
}

func loopback(b *testing.B, h http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := NewServer(ServerOptions{
		Listener: listener, Handler: h, Timeouts: DefaultTimeouts(),
		Readiness: new(Readiness), Log: slog.New(slog.DiscardHandler),
	})
	server.Start(b.Context())
	defer func() { _ = server.Stop(b.Context()) }()
	request := []byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	b.SetParallelism(16)
	b.ReportAllocs()
	before := cpuTime(b)
	defer func() { b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op") }()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", server.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answer := make([]byte, 4096) // both answers fit, and come in one segment
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if _, err := conn.Read(answer); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// cpuTime is what the process has used so far, client and server: on a busy
// machine it is steadier than the time that passed.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

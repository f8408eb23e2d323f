package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword"
	"watchword/internal/secret"
)

const (
	appOrigin   = "https://app.example.com"
	otherOrigin = "https://other.example.com"
)

// listed lists origins by client, as the configuration does.
type listed map[watchword.ClientID][]string

func (l listed) Allowed(client watchword.ClientID, origin string) bool {
	if client == "" {
		client = "web"
	}
	return slices.Contains(l[client], origin)
}

func (l listed) AllowedByAny(origin string) bool {
	for client := range l {
		if l.Allowed(client, origin) {
			return true
		}
	}
	return false
}

// logLines is a log that tests read.
type logLines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// fixture is a chain under test.
type fixture struct {
	http.Handler
	options  Options
	log      *logLines
	registry *prometheus.Registry
}

// newFixture puts the chain around mux, with adjust applied to its options.
func newFixture(tb testing.TB, mux *Mux, adjust ...func(*Options)) *fixture {
	tb.Helper()
	f := &fixture{log: &logLines{}, registry: prometheus.NewRegistry()}
	f.options = Options{
		PublicURL:      mustURL(tb, "https://auth.example.com"),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Origins:        listed{"web": {appOrigin, "null"}, "other": {otherOrigin}}, // a misguided client lists null
		Log:            slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics:        NewMetrics(f.registry),
		Now:            time.Now,
		Random:         rand.Reader,
	}
	for _, change := range adjust {
		change(&f.options)
	}
	f.Handler = Handler(f.options, mux)
	return f
}

func mustURL(tb testing.TB, text string) *url.URL {
	tb.Helper()
	u, err := url.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// send serves one request. Headers are given as name, value pairs.
func send(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// wantProblem checks the status and code of a problem answer, and gives it back.
func wantProblem(tb testing.TB, w *httptest.ResponseRecorder, status int, code string) Problem {
	tb.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		tb.Fatalf("Content-Type %q, status %d, body %s", got, w.Code, w.Body)
	}
	var p Problem
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		tb.Fatalf("problem %s: %v", w.Body, err)
	}
	if w.Code != status || p.Status != status || p.Code != code {
		tb.Fatalf("got %d, %s, want %d %s", w.Code, w.Body, status, code)
	}
	if p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
		tb.Errorf("request_id %q, header %q", p.RequestID, w.Header().Get("X-Request-Id"))
	}
	return p
}

// answering is a mux with one route that answers with err, or 200 where nil.
func answering(pattern string, err error) *Mux {
	mux := NewMux(nil)
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			WriteProblem(w, r, err)
		}
	})
	return mux
}

func newKeyring(tb testing.TB, current, previous string) *secret.Keyring {
	tb.Helper()
	var old secret.String
	if previous != "" {
		old = secret.NewString(strings.Repeat(previous, 32))
	}
	keys, err := secret.NewKeyring(secret.NewString(strings.Repeat(current, 32)), old)
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

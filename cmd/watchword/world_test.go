package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const (
	testPassword = "violet tambourine 41 harvest"
	testSecret   = "k8Xv2mPqL5tRw9ZbN3cY7hJd4fGs6aUe-test"
)

// world is a whole server in this process, on a real database and a real socket,
// with a clock of the test's own.
type world struct {
	*server
	t        *testing.T
	clock    *storetest.Clock
	url      string
	location string // of the database
	engine   store.Engine
	log      *logBuffer
	flags    config.Flags
}

// logBuffer is the server's log.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newWorld starts a server on a fresh database. settings is a watchword.yaml.
func newWorld(t *testing.T, engine store.Engine, settings string) *world {
	t.Helper()
	return newNode(t, engine, storetest.Location(t, engine), storetest.NewClock(), settings)
}

// newNode starts one more server on a database.
func newNode(t *testing.T, engine store.Engine, location string, clock *storetest.Clock, settings string, flags ...config.Flags) *world {
	t.Helper()
	w := &world{t: t, clock: clock, location: location, engine: engine, log: &logBuffer{}}
	for _, given := range flags {
		w.flags = given
	}
	handler := http.NewServeMux()
	web := httptest.NewServer(handler)
	w.url = web.URL
	cfg := w.config(settings)
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	w.server, err = assemble(context.Background(), cfg, surroundings{clock: clock.Now, random: rand.Reader, log: log, version: "test", actor: event.ActorSystem})
	if err != nil {
		web.Close()
		t.Fatal(err)
	}
	handler.Handle("/", w.handler)
	w.start()
	t.Cleanup(func() {
		web.Close()
		w.stop()
	})
	return w
}

func (w *world) config(settings string) config.Config {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "watchword.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		w.t.Fatal(err)
	}
	database := "sqlite:" + w.location
	if w.engine == store.Postgres {
		database = w.location
	}
	cfg, err := config.Load(config.Sources{Mode: config.Dev, Flags: w.flags, Environ: []string{
		"WATCHWORD_CONFIG=" + file, "WATCHWORD_DATABASE=" + database, "WATCHWORD_SECRET=" + testSecret,
		"WATCHWORD_PUBLIC_URL=" + w.url, "WATCHWORD_DATA=" + w.t.TempDir(),
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return cfg
}

// noMailServer has every mail refused at the door, so that it waits to be tried
// again.
const noMailServer = "smtp: smtp://127.0.0.1:1\n"

// mailFailed waits until every mail has been tried.
func (w *world) mailFailed() {
	w.t.Helper()
	w.eventually("every mail has been tried", "kind=mail ", "last_error= ")
}

// settled waits until no job is left.
func (w *world) settled() {
	w.t.Helper()
	w.eventually("the jobs are done", "", "done_at=<nil>")
}

// eventually waits until no job of a kind holds the mark.
func (w *world) eventually(what, kind, mark string) {
	w.t.Helper()
	for range 1000 {
		waiting := 0
		for _, row := range w.rows() {
			if strings.HasPrefix(row, "jobs: ") && strings.Contains(row, kind) && strings.Contains(row, mark) {
				waiting++
			}
		}
		if waiting == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("never: " + what)
}

// apiKey makes an API key.
func (w *world) apiKey(scopes ...watchword.Scope) string {
	w.t.Helper()
	_, key, err := w.apiKeys.Create(context.Background(), apikey.New{Name: "test", Scopes: scopes, Actor: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	return key.Reveal()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil where it is no JSON object
}

func (a answer) str(path ...string) string {
	var v any = a.body
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[key]
	}
	s, _ := v.(string)
	return s
}

// browser is somebody who calls; with a jar it keeps cookies.
type browser struct {
	w       *world
	client  *http.Client
	headers map[string]string
}

// program calls without cookies.
func (w *world) program(headers ...string) *browser {
	b := &browser{w: w, client: &http.Client{}, headers: map[string]string{}}
	for i := 0; i+1 < len(headers); i += 2 {
		b.headers[headers[i]] = headers[i+1]
	}
	return b
}

// browser keeps cookies, the Secure ones too, although the test speaks http.
func (w *world) browser(headers ...string) *browser {
	b := w.program(headers...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	b.client.Jar = secureJar{jar}
	return b
}

// secureJar holds loopback for secure, as browsers do.
type secureJar struct{ http.CookieJar }

func (j secureJar) SetCookies(u *url.URL, c []*http.Cookie) { j.CookieJar.SetCookies(https(u), c) }
func (j secureJar) Cookies(u *url.URL) []*http.Cookie       { return j.CookieJar.Cookies(https(u)) }

func https(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	return &c
}

// do sends a request; body is JSON text, or empty for none.
func (b *browser) do(method, path, body string, headers ...string) answer {
	b.w.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, b.w.url+path, reader)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range b.headers {
		r.Header.Set(k, v)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

func (b *browser) send(r *http.Request) answer {
	b.w.t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatalf("%v\nthe server's log:\n%s", err, b.w.log)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

func (b *browser) get(path string, headers ...string) answer {
	return b.do(http.MethodGet, path, "", headers...)
}

func (b *browser) post(path, body string, headers ...string) answer {
	return b.do(http.MethodPost, path, body, headers...)
}

// want fails the test unless the answer has the status and, for a problem, the code.
func (a answer) want(t *testing.T, status int, code string) answer {
	t.Helper()
	if a.status != status || code != "" && a.str("code") != code {
		t.Fatalf("got %d %q, want %d %q: %s", a.status, a.str("code"), status, code, a.text)
	}
	return a
}

// signUp makes a user and answers the result.
func (b *browser) signUp(email string) answer {
	b.w.t.Helper()
	return b.post("/auth/sign-up", `{"email":"`+email+`","password":"`+testPassword+`","name":"Test Person"}`).want(b.w.t, 201, "")
}

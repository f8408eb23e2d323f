package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fake speaks as much of the server's interface as the load program uses, and
// is strict about it: above all, no refresh token may be used twice.
type fake struct {
	mu       sync.Mutex
	users    map[string]bool
	access   map[string]string // token → address
	refresh  map[string]string
	issued   int
	requests int
	busy     int // so many sign-ins are still refused
	links    map[string]string
	mails    chan mailOrder // nil: nobody sends any
	flows    map[string]fakeFlow
	codes    map[string]fakeFlow
	people   map[string]bool // who have come by the provider
}

func newFake(users int) *fake {
	f := &fake{
		users: map[string]bool{}, access: map[string]string{}, refresh: map[string]string{}, links: map[string]string{},
		flows: map[string]fakeFlow{}, codes: map[string]fakeFlow{}, people: map[string]bool{},
	}
	for n := range users {
		f.users[userEmail(n)] = true
	}
	return f
}

func (f *fake) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("POST /auth/sign-up", f.signUp)
	mux.HandleFunc("POST /auth/sign-in", f.signIn)
	mux.HandleFunc("POST /auth/refresh", f.rotate)
	mux.HandleFunc("GET /auth/me", f.me)
	mux.HandleFunc("POST /auth/send-magic-link", f.send)
	mux.HandleFunc("POST /auth/send-password-reset", f.send)
	mux.HandleFunc("POST /auth/sign-in/token", f.openLink)
	mux.HandleFunc("GET /auth/{provider}/authorize", f.authorize)
	mux.HandleFunc("GET /auth/{provider}/callback", f.callback)
	mux.HandleFunc("POST /oauth2/token", f.token)
	mux.HandleFunc("GET /admin/", f.list)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.requests++
		mux.ServeHTTP(w, r)
	})
}

func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+fixedKey {
		problem(w, http.StatusUnauthorized, "unauthenticated")
		return
	}
	_, _ = io.WriteString(w, `{"data":[],"next_cursor":null,"days":[]}`)
}

func (f *fake) signUp(w http.ResponseWriter, r *http.Request) {
	in := decode(w, r)
	switch {
	case in == nil:
	case f.users[in["email"]]:
		problem(w, http.StatusConflict, "email_taken")
	default:
		f.users[in["email"]] = true
		f.answer(w, http.StatusCreated, in["email"])
	}
}

func (f *fake) signIn(w http.ResponseWriter, r *http.Request) {
	in := decode(w, r)
	switch {
	case in == nil:
	case f.busy > 0:
		f.busy--
		problem(w, http.StatusServiceUnavailable, "busy")
	case !f.users[in["email"]] || in["password"] != password:
		problem(w, http.StatusUnauthorized, "invalid_credentials")
	default:
		f.answer(w, http.StatusOK, in["email"])
	}
}

func (f *fake) rotate(w http.ResponseWriter, r *http.Request) {
	in := decode(w, r)
	if in == nil {
		return
	}
	email, ok := f.refresh[in["refresh_token"]]
	if !ok {
		problem(w, http.StatusUnauthorized, "refresh_token_reused")
		return
	}
	delete(f.refresh, in["refresh_token"])
	f.answer(w, http.StatusOK, email)
}

func (f *fake) me(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	email, ok := f.access[token]
	if !ok {
		problem(w, http.StatusUnauthorized, "unauthenticated")
		return
	}
	write(w, http.StatusOK, map[string]any{"user": map[string]any{"email": email}})
}

func (f *fake) answer(w http.ResponseWriter, status int, email string) {
	f.issued++
	access, refresh := fmt.Sprintf("at-%d", f.issued), fmt.Sprintf("rt_%d", f.issued)
	f.access[access], f.refresh[refresh] = email, email
	write(w, status, map[string]any{
		"access_token": access, "refresh_token": refresh, "user": map[string]any{"email": email},
		"filler": strings.Repeat("x", 3000), // long enough for net/http to send it in chunks
	})
}

func decode(w http.ResponseWriter, r *http.Request) map[string]string {
	var in map[string]string
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&in) != nil {
		problem(w, http.StatusBadRequest, "malformed")
		return nil
	}
	return in
}

func problem(w http.ResponseWriter, status int, code string) {
	write(w, status, map[string]any{"status": status, "code": code})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// serveFake is the fake on a loopback address, for one test.
func serveFake(t *testing.T, f *fake) string {
	t.Helper()
	server := httptest.NewServer(f.handler())
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestMain makes this test binary also the programs that a run starts: the
// server to be measured and hello.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	var err error
	switch os.Args[1] {
	case "dev":
		err = fakeDev(ctx, flags())
	case "admin":
		err = fakeImport(os.Args[3], flags()["data"])
	default:
		err = execute(ctx, os.Args[1:])
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func flags() map[string]string {
	values := map[string]string{}
	for i, arg := range os.Args[:len(os.Args)-1] {
		if name, ok := strings.CutPrefix(arg, "--"); ok {
			values[name] = os.Args[i+1]
		}
	}
	return values
}

const importedFile = "imported"

func fakeDev(ctx context.Context, flags map[string]string) error {
	f := newFake(0)
	content, err := os.ReadFile(filepath.Join(flags["data"], importedFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for email := range strings.FieldsSeq(string(content)) {
		f.users[email] = true
	}
	if post, ok := strings.CutPrefix(flags["smtp"], "smtp://"); ok {
		f.mails = make(chan mailOrder, 100_000)
		for range 4 {
			go deliver(post, f.mails)
		}
	}
	server := http.Server{Addr: flags["listen"], Handler: f.handler()}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func fakeImport(file, data string) error {
	lines, err := os.Open(file)
	if err != nil {
		return err
	}
	defer lines.Close()
	var emails []string
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		var user seedUser
		if err := json.Unmarshal(scanner.Bytes(), &user); err != nil {
			return err
		}
		emails = append(emails, user.Email)
	}
	return os.WriteFile(filepath.Join(data, importedFile), []byte(strings.Join(emails, "\n")), 0o600)
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchword"
)

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, status := range map[watchword.Kind]int{
		watchword.KindFault:           503,
		watchword.KindMalformed:       400,
		watchword.KindUnauthenticated: 401,
		watchword.KindForbidden:       403,
		watchword.KindNotFound:        404,
		watchword.KindConflict:        409,
		watchword.KindGone:            410,
		watchword.KindTooLarge:        413,
		watchword.KindUnsupported:     415,
		watchword.KindInvalid:         422,
		watchword.KindLimited:         429,
		watchword.KindUnavailable:     503,
		watchword.KindUpstream:        502,
		kindMethodNotAllowed:          405,
		kindMisdirected:               421,
		watchword.Kind(99):            503,
	} {
		h := newFixture(t, answering("GET /x", watchword.NewError(kind, "some_code", "Some text.")))
		p := wantProblem(t, send(h, "GET", "/x", ""), status, "some_code")
		if p.Type != "/docs/errors#some_code" || p.Detail != "Some text." || p.Title == "" {
			t.Errorf("kind %d: %+v", kind, p)
		}
		if p.Retryable != (status == 503) {
			t.Errorf("kind %d: retryable %v", kind, p.Retryable)
		}
	}
}

func TestWhateverIsNotAnErrorOfOursIsAFault(t *testing.T) {
	t.Parallel()
	unauthenticated := watchword.NewError(watchword.KindUnauthenticated, "session_revoked", "Over.")
	for name, err := range map[string]error{
		"foreign":             errors.New("pq: password canary-7 is wrong"),
		"deadline":            fmt.Errorf("reading canary-7: %w", context.DeadlineExceeded),
		"401 for a deadline":  unauthenticated.Because(fmt.Errorf("canary-7: %w", context.DeadlineExceeded)),
		"401 for a cancelled": unauthenticated.Because(fmt.Errorf("canary-7: %w", context.Canceled)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, answering("GET /x", err))
			w := send(f, "GET", "/x", "")
			p := wantProblem(t, w, 503, "unavailable")
			if !p.Retryable || w.Header().Get("Retry-After") != "1" {
				t.Errorf("retryable %v after %q", p.Retryable, w.Header().Get("Retry-After"))
			}
			if strings.Contains(w.Body.String(), "canary-7") {
				t.Error("the cause was sent")
			}
			if log := f.log.String(); !strings.Contains(log, "canary-7") || !strings.Contains(log, p.RequestID) {
				t.Errorf("the log does not tell the cause and the request id: %s", log)
			}
		})
	}
}

func TestRefusalsAreNotLoggedAsErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []*watchword.Error{
		watchword.NewError(watchword.KindForbidden, "no", "No.").Because(errors.New("cause")),
		watchword.NewError(watchword.KindUnavailable, "busy", "Busy.").After(time.Second),
	} {
		f := newFixture(t, answering("GET /x", err))
		send(f, "GET", "/x", "")
		if log := f.log.String(); strings.Contains(log, `"ERROR"`) || strings.Contains(log, "cause") {
			t.Errorf("%s: %s", err.Code, log)
		}
	}
	f := newFixture(t, answering("GET /x",
		watchword.NewError(watchword.KindUnavailable, "away", "Away.").Because(errors.New("connection refused"))))
	send(f, "GET", "/x", "")
	if !strings.Contains(f.log.String(), "connection refused") {
		t.Error("a database that is away was not logged")
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		0: "1", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", 15 * time.Minute: "900",
	} {
		h := newFixture(t, answering("GET /x", watchword.NewError(watchword.KindLimited, "slow", "Slow.").After(wait)))
		w := send(h, "GET", "/x", "")
		if p := wantProblem(t, w, 429, "slow"); p.Retryable || w.Header().Get("Retry-After") != want {
			t.Errorf("%v: Retry-After %q, want %q", wait, w.Header().Get("Retry-After"), want)
		}
	}
}

func TestChallengeNamesAnErrorOnlyWhereATokenWasSent(t *testing.T) {
	t.Parallel()
	h := newFixture(t, answering("GET /x", watchword.NewError(watchword.KindUnauthenticated, "no", "No.")))
	for sent, want := range map[string]string{
		"":              `Bearer realm="watchword"`,
		"Basic YTpi":    `Bearer realm="watchword"`,
		"Bearer":        `Bearer realm="watchword"`,
		"Bearer ":       `Bearer realm="watchword"`,
		"Bearer abc":    `Bearer realm="watchword", error="invalid_token"`,
		"bearer  a.b.c": `Bearer realm="watchword", error="invalid_token"`,
	} {
		w := send(h, "GET", "/x", "", "Authorization", sent)
		wantProblem(t, w, 401, "no")
		if got := w.Header().Get("WWW-Authenticate"); got != want {
			t.Errorf("%q: %q, want %q", sent, got, want)
		}
	}
}

func TestFieldErrorsAreListed(t *testing.T) {
	t.Parallel()
	h := newFixture(t, answering("GET /x", watchword.InvalidField("email", "too_long", "It is too long.")))
	p := wantProblem(t, send(h, "GET", "/x", ""), 422, "validation_failed")
	if len(p.Errors) != 1 || p.Errors[0] != (watchword.FieldError{Field: "email", Code: "too_long", Message: "It is too long."}) {
		t.Errorf("%+v", p.Errors)
	}
}

func TestWhatTheMuxSaysByItselfIsAProblem(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /auth/me", healthz)
	mux.HandleFunc("DELETE /auth/me", healthz)
	mux.HandleFunc("GET /docs/", healthz)
	h := newFixture(t, mux)

	p := wantProblem(t, send(h, "GET", "/nowhere/canary-7", ""), 404, "not_found")
	if strings.Contains(fmt.Sprint(p), "canary-7") {
		t.Error("the path was repeated")
	}
	w := send(h, "POST", "/auth/me", `{"a":1}`)
	wantProblem(t, w, 405, "method_not_allowed")
	if got := w.Header().Get("Allow"); got != "DELETE, GET, HEAD" {
		t.Errorf("Allow: %q", got)
	}
	w = send(h, "GET", "/auth//me", "")
	if w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "/auth/me" {
		t.Errorf("untidy path: %d %v", w.Code, w.Header())
	}
	w = send(h, "GET", "/docs", "")
	if w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "/docs/" {
		t.Errorf("subtree: %d %v", w.Code, w.Header())
	}
	for _, untidy := range []string{"//evil.example/x", "/a/../nowhere", `/\evil.example/..`} {
		w = send(h, "GET", "http://auth.example.com"+untidy, "")
		if wantProblem(t, w, 404, "not_found"); w.Header().Get("Location") != "" {
			t.Errorf("%s leads to %q", untidy, w.Header().Get("Location"))
		}
	}
	w = send(h, "DELETE", "/auth//me", "") // a redirect would have the body and the method resent
	if wantProblem(t, w, 404, "not_found"); w.Header().Get("Location") != "" {
		t.Error("an unsafe call was redirected")
	}
	wantProblem(t, send(h, "OPTIONS", "*", ""), 400, "bad_request")
	if w := send(h, "HEAD", "/auth/me", ""); w.Code != 200 {
		t.Errorf("HEAD: %d", w.Code)
	}
}

func TestRoutesMayAnswer404Themselves(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("own"))
	})
	if w := send(newFixture(t, mux), "GET", "/x", ""); w.Code != 404 || w.Body.String() != "own" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAProblemReplacesWhatDescribedTheAnswer(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Cache-Control", "public")
		WriteProblem(w, r, errNotFound)
	})
	w := send(newFixture(t, mux), "GET", "/x", "")
	wantProblem(t, w, 404, "not_found")
	if h := w.Header(); h.Get("Content-Length") != "" || h.Get("ETag") != "" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", h)
	}
}

func TestAMisspeltExceptionIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a rule for a pattern that nothing handles was accepted")
		}
	}()
	mux := NewMux(map[string]Rule{"POST /oauth2/tokn": {Origin: OriginAny}})
	mux.HandleFunc("POST /oauth2/token", healthz)
	newFixture(t, mux)
}

func TestProblemKnowsItsStatusAndHeaders(t *testing.T) {
	t.Parallel()
	var err error = NewProblem(t.Context(), // also outside a request
		watchword.NewError(watchword.KindUnauthenticated, "no", "No.").Because(errors.New("cause")))
	p, ok := err.(interface {
		GetStatus() int
		GetHeaders() http.Header
		ContentType(string) string
	})
	if !ok || p.GetStatus() != 401 || p.ContentType("application/json") != "application/problem+json" ||
		p.GetHeaders().Get("WWW-Authenticate") != bearerRealm || err.Error() != "no: No." {
		t.Errorf("%#v", err)
	}
}

func TestACallerWhoLeftIsNoFault(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, r *http.Request) {
		cancel()
		WriteProblem(w, r, fmt.Errorf("query: %w", r.Context().Err()))
	})
	f := newFixture(t, mux)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/x", nil))
	wantProblem(t, w, 503, "unavailable")
	if strings.Contains(f.log.String(), `"ERROR"`) {
		t.Errorf("%s", f.log)
	}
}

func TestHandlersReachTheConnection(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints) // is not the answer
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot) // too late
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	f := newFixture(t, mux)
	server := httptest.NewServer(f)
	response, err := server.Client().Get(server.URL + "/x")
	if err != nil {
		server.Close()
		t.Fatal(err)
	}
	_ = response.Body.Close()
	server.Close() // and so wait for the log line
	if response.StatusCode != http.StatusCreated {
		t.Errorf("%d", response.StatusCode)
	}
	if !strings.Contains(f.log.String(), `"status":201`) {
		t.Errorf("%s", f.log)
	}
	if got := mux.Patterns(); len(got) != 1 || got[0] != "GET /x" {
		t.Errorf("%v", got)
	}
}

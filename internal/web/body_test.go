package web

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"watchword"
)

// bodyMux has routes that answer with the body that reaches them.
func bodyMux() *Mux {
	mux := NewMux(map[string]Rule{"POST /form": {Body: BodyForm}, "POST /raw": {Body: BodyForm}, "POST /own": {Body: BodyOwn}})
	echo := func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		_, _ = w.Write(data)
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		mux.HandleFunc(method+" /json", echo)
	}
	mux.HandleFunc("POST /own", func(w http.ResponseWriter, r *http.Request) {
		if err := ParseForm(r); err != nil {
			_, _ = io.WriteString(w, "in its own words: "+problemCode(err))
		}
	})
	mux.HandleFunc("POST /raw", echo) // as a framework reads it
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") == "application/json" {
			echo(w, r)
			return
		}
		if err := ParseForm(r); err != nil {
			WriteProblem(w, r, err)
			return
		}
		_, _ = io.WriteString(w, r.PostForm.Get("token"))
	})
	return mux
}

func TestBodiesMustSayThatTheyAreJSON(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	for _, c := range []struct {
		headers []string
		ok      bool
	}{
		{[]string{"Content-Type", "application/json"}, true},
		{[]string{"Content-Type", "application/json; charset=utf-8"}, true},
		{[]string{"Content-Type", `Application/JSON;charset="UTF-8"`}, true},
		{[]string{"Content-Type", "application/json", "Content-Encoding", "identity"}, true},
		{nil, false},
		{[]string{"Content-Type", ""}, false},
		{[]string{"Content-Type", "text/plain"}, false},
		{[]string{"Content-Type", "application/x-www-form-urlencoded"}, false},
		{[]string{"Content-Type", "application/jsonx"}, false},
		{[]string{"Content-Type", "application/problem+json"}, false},
		{[]string{"Content-Type", "application/json; charset=latin1"}, false},
		{[]string{"Content-Type", "application/json; charset=utf-8; x=y"}, false},
		{[]string{"Content-Type", "application/json; boundary=x"}, false},
		{[]string{"Content-Type", "application/json;;;"}, false},
		{[]string{"Content-Type", "text/plain, application/json"}, false},
		{[]string{"Content-Type", "application/json", "Content-Type", "text/plain"}, false},
		{[]string{"Content-Type", "application/json", "Content-Encoding", "gzip"}, false},
		{[]string{"Content-Type", "application/json", "Content-Encoding", "identity", "Content-Encoding", "gzip"}, false},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			w := send(h, method, "/json", `{"a":1}`, c.headers...)
			if !c.ok {
				wantProblem(t, w, 415, "unsupported_media_type")
			} else if w.Code != 200 || w.Body.String() != `{"a":1}` {
				t.Errorf("%s %v: %d %s", method, c.headers, w.Code, w.Body)
			}
		}
	}
}

func TestBodiesAreCheckedBeforeTheHandler(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	for _, path := range []string{"/json", "/form"} {
		w := send(h, "POST", path, `{"a":1,"a":2}`, "Content-Type", "application/json")
		wantProblem(t, w, 400, "malformed_json")
	}
}

func TestACallMayHaveNoBody(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	if w := send(h, "POST", "/json", ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest(http.MethodPost, "/json", io.NopCloser(strings.NewReader("")))
	r.ContentLength = -1 // chunked, and nothing in it
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestBodiesOfCallsThatReadAreIgnored(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	for _, method := range []string{"GET", "HEAD"} {
		if w := send(h, method, "/json", `{"a":1}`); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	fitting := `"` + strings.Repeat("x", MaxBody-2) + `"`
	if w := send(h, "POST", "/json", fitting, "Content-Type", "application/json"); w.Code != 200 {
		t.Errorf("64 KiB: %d", w.Code)
	}
	long := `"` + strings.Repeat("x", MaxBody-1) + `"`
	wantProblem(t, send(h, "POST", "/json", long, "Content-Type", "application/json"), 413, "body_too_large")
	form := "token=" + strings.Repeat("x", MaxBody)
	wantProblem(t, send(h, "POST", "/form", form, "Content-Type", "application/x-www-form-urlencoded"), 413, "body_too_large")

	for _, path := range []string{"/json", "/form"} { // by its length alone, unread
		r := httptest.NewRequest(http.MethodPost, path, iotest.ErrReader(errors.New("it was read")))
		r.ContentLength = MaxBody + 1
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		wantProblem(t, w, 413, "body_too_large")
	}
	chunked := func(path, media, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.ContentLength = -1
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	wantProblem(t, chunked("/json", "application/json", long), 413, "body_too_large")
	wantProblem(t, chunked("/form", "application/x-www-form-urlencoded", form), 413, "body_too_large")
	wantProblem(t, chunked("/raw", "application/x-www-form-urlencoded", form), 413, "body_too_large")
	wantProblem(t, chunked("/json", "text/plain", "{}"), 415, "unsupported_media_type")
	if w := chunked("/json", "application/json", fitting); w.Code != 200 || w.Body.String() != fitting {
		t.Errorf("chunked: %d", w.Code)
	}
}

func TestATornBodyIsTheCallersFault(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	for path, media := range map[string]string{
		"/json": "application/json", "/form": "application/x-www-form-urlencoded", "/raw": "application/x-www-form-urlencoded",
	} {
		for _, length := range []int64{-1, 100} {
			r := httptest.NewRequest(http.MethodPost, path, bufio.NewReader(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`{"a":1}`)))))
			r.ContentLength = length
			r.Header.Set("Content-Type", media)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			wantProblem(t, w, 400, "body_incomplete")
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	w := send(h, "POST", "/form?token=query", "token=body", "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if w.Code != 200 || w.Body.String() != "body" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, send(h, "POST", "/form", "token=%zz", "Content-Type", "application/x-www-form-urlencoded"), 400, "malformed_form")
	wantProblem(t, send(h, "POST", "/form", "token=x", "Content-Type", "text/plain"), 415, "unsupported_media_type")
	wantProblem(t, send(h, "POST", "/form", "token=x"), 415, "unsupported_media_type")
	if w := send(h, "POST", "/form", `{"a":1}`, "Content-Type", "application/json"); w.Body.String() != `{"a":1}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestWhatARouteOfItsOwnWordsCannotReadItRefusesItself(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	form, long := "application/x-www-form-urlencoded", "token="+strings.Repeat("x", MaxBody)
	for _, c := range []struct{ media, body, want string }{
		{form, "token=x", ""},
		{form, "token=%zz", "malformed_form"},
		{form, long, "body_too_large"},
		{"application/json", `{"a":1,"a":2}`, "unsupported_media_type"},
		{"text/plain", long, "unsupported_media_type"},
		{"", "token=x", "unsupported_media_type"},
	} {
		want := ""
		if c.want != "" {
			want = "in its own words: " + c.want
		}
		for _, length := range []int64{-1, int64(len(c.body))} {
			r := httptest.NewRequest(http.MethodPost, "/own", strings.NewReader(c.body))
			r.ContentLength = length
			r.Header.Set("Content-Type", c.media)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != 200 || w.Body.String() != want {
				t.Errorf("%s %.20s (%d): %d %s", c.media, c.body, length, w.Code, w.Body)
			}
		}
	}
}

// problemCode is what callers can tell an error by.
func problemCode(err error) string {
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok {
		return ""
	}
	return e.Code
}

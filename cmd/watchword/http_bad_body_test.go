package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/config"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/web"
)

// badBody is a way in which a body is no body of an operation.
type badBody struct {
	make   func(r *http.Request, minimal string)
	status int
	code   string
}

func text(body string) func(*http.Request, string) {
	return func(r *http.Request, _ string) { setBody(r, body) }
}

// within puts something into the object that the operation takes.
func within(member string) func(*http.Request, string) {
	return func(r *http.Request, minimal string) { setBody(r, adding(minimal, member)) }
}

func adding(object, member string) string {
	if inner := strings.Trim(object, "{}"); inner != "" {
		return "{" + inner + "," + member + "}"
	}
	return "{" + member + "}"
}

// header sends a body that is well, under headers that are not.
func header(name string, values ...string) func(*http.Request, string) {
	return func(r *http.Request, minimal string) {
		setBody(r, adding(minimal, `"x":1`))
		r.Header[name] = values
	}
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
}

func badBodies() map[string]badBody {
	long := `{"x":"` + strings.Repeat("a", web.MaxBody-7) + `"}` // one byte too many
	return map[string]badBody{
		"an array":             {text(`[]`), 422, "validation_failed"},
		"an array of it":       {func(r *http.Request, minimal string) { setBody(r, "["+minimal+"]") }, 422, "validation_failed"},
		"a string":             {text(`"x"`), 422, "validation_failed"},
		"a number":             {text(`1`), 422, "validation_failed"},
		"null":                 {text(`null`), 422, "validation_failed"},
		"no JSON":              {text(`email=a@example.com`), 400, "malformed_json"},
		"white space":          {text("  \n"), 400, "malformed_json"},
		"cut short":            {text(`{"email":"a`), 400, "malformed_json"},
		"a BOM":                {text("\ufeff{}"), 400, "malformed_json"},
		"UTF-16":               {text("\xff\xfe{\x00}\x00"), 400, "malformed_json"},
		"something after it":   {func(r *http.Request, minimal string) { setBody(r, minimal+"{}") }, 400, "malformed_json"},
		"a comma too many":     {text(`{"x":1,}`), 400, "malformed_json"},
		"a comment":            {text(`{/**/}`), 400, "malformed_json"},
		"NaN":                  {text(`{"x":NaN}`), 400, "malformed_json"},
		"a huge number":        {text(`{"x":1e999}`), 400, "malformed_json"},
		"unknown field":        {within(`"x":1`), 422, "validation_failed"},
		"dotted unknown field": {within(`"a.b.c":1`), 422, "validation_failed"},
		"empty name":           {within(`"":1`), 422, "validation_failed"},
		"a prototype":          {within(`"__proto__":{}`), 422, "validation_failed"},
		"same name twice":      {within(`"x":1,"x":1`), 400, "malformed_json"},
		"escaped same name":    {within(`"x":1,"\u0078":1`), 400, "malformed_json"},
		"NUL in a name":        {within(`"\u0000":1`), 400, "malformed_json"},
		"deep nesting":         {within(`"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100)), 400, "malformed_json"},
		"deeper nesting":       {text(strings.Repeat("[", 30000)), 400, "malformed_json"},
		"too long":             {text(long), 413, "body_too_large"},
		"too long in chunks":   {func(r *http.Request, _ string) { setBody(r, long); r.ContentLength = -1 }, 413, "body_too_large"},
		"no type":              {header("Content-Type"), 415, "unsupported_media_type"},
		"plain text":           {header("Content-Type", "text/plain"), 415, "unsupported_media_type"},
		"a form":               {header("Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"},
		"another charset":      {header("Content-Type", "application/json; charset=utf-16"), 415, "unsupported_media_type"},
		"two types":            {header("Content-Type", "application/json", "text/plain"), 415, "unsupported_media_type"},
		"compressed":           {header("Content-Encoding", "gzip"), 415, "unsupported_media_type"},
	}
}

func TestBodiesThatAreNoneAreRefusedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		who := w.everybody("ada@example.com")
		app := w.app()
		before := w.rows()
		for _, o := range operations(t) {
			if o.body() == nil && !o.refusesBodies() {
				continue
			}
			bad := badBodies()
			if o.form() != nil {
				delete(bad, "a form")
			}
			if o.body() != nil && o.RequestBody.Value.Required {
				bad["none at all"] = badBody{text(""), 400, "malformed_json"}
			}
			for name, b := range bad {
				r := w.request(o.method, o.at("x"), "{}", who.credential(o)...)
				b.make(r, asJSON(t, o.fields(t)))
				if o.Responses.Status(b.status) == nil {
					t.Errorf("%s does not say that it answers %d", o.OperationID, b.status)
				}
				if got := app.send(r); got.status != b.status || got.str("code") != b.code {
					t.Errorf("%s, %s: got %d, want %d %s: %s", o.OperationID, name, got.status, b.status, b.code, got.text)
				}
			}
		}
		if diff := cmp.Diff(before, w.rows()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
	})
}

// Nothing, whatever type is named for it, or an object of nothing.
func TestOperationsWithoutABodyTakeAnEmptyOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	empty := map[string]func(r *http.Request){
		"nothing":            func(*http.Request) {},
		"no text":            func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"no JSON":            func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"nothing, in chunks": func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("")), -1 },
		"an object":          func(r *http.Request) { setBody(r, "{}"); r.Header.Set("Content-Type", "application/json") },
		"an object, in chunks": func(r *http.Request) {
			setBody(r, " { } ")
			r.ContentLength = -1
			r.Header.Set("Content-Type", "application/json")
		},
	}
	calls := 0
	for name, make := range empty {
		who := everybody{}
		for i, o := range operations(t) {
			if !o.refusesBodies() {
				continue
			}
			calls++
			who = w.renewed(who, fmt.Sprintf("%d-%d@example.com", i, calls))
			r := w.request(o.method, o.at("x"), "", who.credential(o)...)
			make(r)
			got := w.app().send(r)
			joined := o.path == "/waitlist/{feature}" && o.method != http.MethodDelete
			if slices.Contains([]int{400, 413, 415, 422}, got.status) || joined && got.status != http.StatusCreated && got.status != http.StatusOK {
				t.Errorf("%s, %s: %d %s", o.OperationID, name, got.status, got.text)
			}
		}
	}
	if calls < 60 {
		t.Errorf("%d calls", calls)
	}
}

// Whoever reads the form, it is no fault of ours that it is too long.
func TestFormsThatAreTooLongAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous, func(cfg *config.Config) { cfg.AllowRemote = true }) // the inbox has a form then
	caller, routes := w.program(), 0
	for pattern, rule := range exceptions(w.config(generous)) {
		method, path, _ := strings.Cut(pattern, " ")
		if rule.Body != web.BodyForm && rule.Body != web.BodyOwn {
			continue
		}
		status, code := 413, "body_too_large"
		switch path {
		case "/oauth2/token": // RFC 6749 §5.2
			code = ""
		case "/oauth2/userinfo": // RFC 6750 §3.1
			status, code = 400, "invalid_request"
		}
		routes++
		for _, length := range []int64{web.MaxBody + 1, -1} {
			r := w.request(method, path, "")
			setBody(r, "token="+strings.Repeat("a", web.MaxBody-5))
			r.ContentLength = length
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if got := caller.send(r); got.status != status || got.str("code") != code {
				t.Errorf("%s, length %d: %d %s", pattern, length, got.status, got.text)
			}
		}
	}
	if routes < 5 {
		t.Errorf("%d routes take forms", routes)
	}
}

// A body of exactly 64 KiB is not too long.
func TestLongestBodyIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	who := w.everybody("ada@example.com")
	body := `{"name":"Countess"}`
	body += strings.Repeat(" ", web.MaxBody-len(body))
	w.app().do("PATCH", "/auth/me", body, "Authorization", "Bearer "+who.access).want(t, 200, "")
}

func TestFieldsThatAreWrongAreNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	who := w.everybody("ada@example.com")
	app := w.app()
	app.get("/admin/events", "Authorization", "Bearer "+who.key).want(t, 200, "") // marks the key as used
	before := w.rows()
	for _, o := range operations(t) {
		if o.body() == nil {
			continue
		}
		for field, schema := range o.body().Properties {
			rest := o.fields(t)
			delete(rest, field)
			for name, b := range badValues(t, o, field, schema.Value) {
				body := asJSON(t, rest)
				if b.json != "" {
					body = adding(body, b.json)
				}
				got := app.send(w.request(o.method, o.at("x"), body, who.credential(o)...))
				if b.fault(got) != "" {
					t.Errorf("%s, %s %s: %s: %d %s", o.OperationID, field, name, b.fault(got), got.status, got.text)
				}
			}
		}
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

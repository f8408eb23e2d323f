package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// described is the OpenAPI document that the server serves, as a test of the
// operations makes sure.
var described = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile("../../internal/api/testdata/openapi.yaml")
})

func description(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := described()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// conforming is a transport that holds every answer against what the document
// says of the operation: status, headers, media type and body.
type conforming struct {
	t        *testing.T
	document *openapi3.T
}

func (b *browser) conforming() *browser {
	b.w.t.Helper()
	b.client.Transport = conforming{b.w.t, description(b.w.t)}
	return b
}

// app is a program whose answers are checked, page a browser whose are.
func (w *world) app(headers ...string) *browser  { return w.program(headers...).conforming() }
func (w *world) page(headers ...string) *browser { return w.browser(headers...).conforming() }

func (c conforming) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err := conforms(c.document, r, response, body); err != nil {
		c.t.Errorf("%s %s answered %d, which is not as described: %v\n%s", r.Method, r.URL.Path, response.StatusCode, err, body)
	}
	return response, nil
}

// The answers that any path may give, described once for all.
var everywhere = map[int]bool{http.StatusMethodNotAllowed: true, http.StatusMisdirectedRequest: true}

func conforms(document *openapi3.T, r *http.Request, response *http.Response, body []byte) error {
	if response.Header.Get("X-Request-Id") == "" {
		return fmt.Errorf("it has no X-Request-Id")
	}
	problem := response.Header.Get("Content-Type") == "application/problem+json"
	if response.StatusCode < 400 && problem {
		return fmt.Errorf("it is a problem")
	}
	method := r.Method
	if method == http.MethodHead { // GET without a body
		method = http.MethodGet
	}
	path, item := operationsAt(document, r.URL.EscapedPath())
	switch {
	case problem && everywhere[response.StatusCode]:
		return nil
	case r.Method == http.MethodOptions: // a preflight is the browser's own
		return nil
	case item == nil || item.GetOperation(method) == nil:
		if response.StatusCode == http.StatusNotFound && problem {
			return nil
		}
		return fmt.Errorf("the operation is not described")
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route:   &routers.Route{Spec: document, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		},
		Status: response.StatusCode, Header: response.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			ExcludeResponseBody:   !strings.Contains(response.Header.Get("Content-Type"), "json"),
		},
	})
}

// operationsAt is what the document says of a path.
func operationsAt(document *openapi3.T, path string) (template string, item *openapi3.PathItem) {
	parts := strings.Split(path, "/")
	for template, item := range document.Paths.Map() {
		if pathMatches(strings.Split(template, "/"), parts) {
			return template, item
		}
	}
	return "", nil
}

func pathMatches(template, parts []string) bool {
	if len(template) != len(parts) {
		return false
	}
	for i := range template {
		if !strings.HasPrefix(template[i], "{") && template[i] != parts[i] {
			return false
		}
	}
	return true
}

// The check itself: what is not as described is found.
func TestAnswersThatAreNotAsDescribedAreFound(t *testing.T) {
	t.Parallel()
	document := description(t)
	id, problem := "X-Request-Id", "application/problem+json"
	const body = `{"type":"x","title":"x","status":401,"detail":"x","code":"x","request_id":"x"}`
	for name, test := range map[string]struct {
		path    string
		status  int
		headers []string
		body    string
		fine    bool
	}{
		"as described":        {"/auth/me", 401, []string{id, "x", "WWW-Authenticate", "Bearer", "Content-Type", problem}, body, true},
		"no request id":       {"/auth/me", 401, []string{"WWW-Authenticate", "Bearer", "Content-Type", problem}, body, false},
		"no challenge":        {"/auth/me", 401, []string{id, "x", "Content-Type", problem}, body, false},
		"no problem":          {"/auth/me", 401, []string{id, "x", "WWW-Authenticate", "Bearer", "Content-Type", "application/json"}, body, false},
		"undeclared status":   {"/auth/me", 409, []string{id, "x", "Content-Type", problem}, body, false},
		"undeclared field":    {"/auth/me", 400, []string{id, "x", "Content-Type", problem}, strings.Replace(body, "{", `{"stack":"x",`, 1), false},
		"missing field":       {"/auth/csrf/token", 200, []string{id, "x", "Content-Type", "application/json"}, `{"csrf_token":"x"}`, false},
		"null where none may": {"/healthz", 200, []string{id, "x", "Content-Type", "application/json"}, `{"status":null}`, false},
		"no such operation":   {"/auth/you", 200, []string{id, "x", "Content-Type", "application/json"}, `{}`, false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response := &http.Response{StatusCode: test.status, Header: http.Header{}}
		for i := 0; i < len(test.headers); i += 2 {
			response.Header.Set(test.headers[i], test.headers[i+1])
		}
		if err := conforms(document, r, response, []byte(test.body)); (err == nil) != test.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

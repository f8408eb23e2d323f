package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

const password = "violet tambourine 41 harvest"

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil where it is no JSON object
}

// str is the string at a path into the body, empty if there is none.
func (a answer) str(path ...string) string {
	var v any = a.body
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	s, _ := v.(string)
	return s
}

// is says whether the answer has the status and, for a problem, the code.
func (a answer) is(status int, code string) bool {
	return a.status == status && (code == "" || a.str("code") == code)
}

func (a answer) want(t testing.TB, status int, code string) answer {
	t.Helper()
	if !a.is(status, code) {
		t.Fatalf("got %d %q, want %d %q: %s", a.status, a.str("code"), status, code, a.text)
	}
	return a
}

// wantAway wants what a caller gets while the server cannot do its work: told to
// come back, never logged out.
func (a answer) wantAway(t testing.TB) {
	t.Helper()
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	retryable, _ := a.body["retryable"].(bool)
	if a.status != 503 || !retryable || err != nil || seconds < 1 || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d (Retry-After %q), want a retryable 503: %s", a.status, a.header.Get("Retry-After"), a.text)
	}
	if cookies := a.header["Set-Cookie"]; len(cookies) > 0 {
		t.Errorf("a 503 touched cookies: %s", cookies)
	}
}

// caller calls a server.
type caller struct {
	t      testing.TB
	client *http.Client
	url    string
}

// newCaller is a caller with connections, but no cookies, of its own.
func newCaller(t testing.TB, address string) *caller {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{t: t, url: address, client: &http.Client{
		Transport: transport, Timeout: endLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// withCookies has the caller keep cookies, the Secure ones too although it
// speaks http: browsers hold loopback for secure.
func (c *caller) withCookies() *caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.client.Jar = secureJar{jar}
	return c
}

type secureJar struct{ http.CookieJar }

func (j secureJar) SetCookies(u *url.URL, c []*http.Cookie) { j.CookieJar.SetCookies(https(u), c) }
func (j secureJar) Cookies(u *url.URL) []*http.Cookie       { return j.CookieJar.Cookies(https(u)) }

func https(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	return &c
}

// try makes a call; body is JSON, or empty for none. An error means that no
// whole answer came back.
func (c *caller) try(method, path, body string, headers ...string) (answer, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, c.url+path, reader)
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.GetBody = nil // a lost call is the test's to notice, not the library's to repeat
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a, nil
}

func (c *caller) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *caller) get(path string, headers ...string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", headers...)
}

func (c *caller) post(path, body string, headers ...string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, path, body, headers...)
}

// bearer are the headers of a signed-in caller.
func bearer(a answer) []string {
	return []string{"Authorization", "Bearer " + a.str("access_token")}
}

func credentials(email string) string {
	return `{"email":"` + email + `","password":"` + password + `"}`
}

func refreshBody(token string) string { return `{"refresh_token":"` + token + `"}` }

// signUp makes a user.
func (c *caller) signUp(email string) answer {
	c.t.Helper()
	return c.post("/auth/sign-up", credentials(email)).want(c.t, 201, "")
}

package certified

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Person is somebody with a browser, who signs in at the provider wherever they
// are led there.
type Person struct {
	Login  string // an address; the provider takes it for who they are
	Client *http.Client
}

// NewPerson is somebody whose browser keeps cookies, the Secure ones too although
// the tests speak http: browsers hold loopback for secure.
func NewPerson(t testing.TB, login string) *Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // no options: cannot fail
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &Person{Login: login, Client: &http.Client{
		Transport: transport, Jar: secureJar{jar}, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type secureJar struct{ http.CookieJar }

func (j secureJar) SetCookies(u *url.URL, c []*http.Cookie) { j.CookieJar.SetCookies(secured(u), c) }

func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(secured(u)) }

func secured(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	return &c
}

// Landed is where somebody's way has ended.
type Landed struct {
	URL    string
	Status int // 0: not opened, it is the page that the way was to lead to
	Text   string
}

var (
	formAction = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
	formField  = regexp.MustCompile(`<input[^>]*name="prompt"[^>]*value="([^"]*)"`)
)

// Travel opens an address and goes on through redirects and the provider's forms,
// up to an address that begins with until, or to any other page.
func (p *Person) Travel(t testing.TB, from, until string) Landed {
	t.Helper()
	at, form := from, url.Values(nil)
	for range 30 {
		response, text := p.open(t, at, form)
		form = nil
		if location := response.Header.Get("Location"); response.StatusCode/100 == 3 && location != "" {
			next, err := response.Request.URL.Parse(location)
			if err != nil {
				t.Fatalf("%s leads to %q: %v", at, location, err)
			}
			if at = next.String(); strings.HasPrefix(at, until) {
				return Landed{URL: at}
			}
			continue
		}
		action := formAction.FindStringSubmatch(text)
		if action == nil || !strings.Contains(action[1], "/interaction/") {
			return Landed{URL: at, Status: response.StatusCode, Text: text}
		}
		next, err := response.Request.URL.Parse(html.UnescapeString(action[1]))
		if err != nil {
			t.Fatal(err)
		}
		at, form = next.String(), url.Values{"prompt": {"consent"}}
		if field := formField.FindStringSubmatch(text); field != nil {
			form.Set("prompt", field[1])
		}
		if form.Get("prompt") == "login" {
			form.Set("login", p.Login)
			form.Set("password", "any")
		}
	}
	t.Fatalf("the way from %s does not end", from)
	return Landed{}
}

func (p *Person) open(t testing.TB, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := p.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

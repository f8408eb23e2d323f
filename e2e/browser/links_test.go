package browser

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"watchword/internal/mail/mailtest"
)

// step is where somebody has arrived.
type step struct {
	URL     string   `json:"url"`
	Heading string   `json:"heading"`
	Text    string   `json:"text"`
	Cookies []string `json:"cookies"`
	Focus   string   `json:"focus"` // what Enter would press
}

// field is the one for a new password, as browsers and password managers see it.
type field struct {
	Type, Name, Autocomplete, Label, Hint string
	Focused, Required                     bool
}

// opened is what people saw who opened their mails.
type opened struct {
	Steps map[string]step `json:"steps"`
	Field field           `json:"field"`
	Fault struct {
		field
		Alert string `json:"alert"`
	} `json:"fault"`
	watched
}

// testLinks opens mails in the browser that asked for them and in others, with
// JavaScript and without, by mouse and by keyboard.
func testLinks(t *testing.T, program string) {
	post, err := mailtest.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = post.Close() })
	server := startServer(t, program, "--rate-limits", "off", "--smtp", post.URL()).url
	outside := httptest.NewServer(world(post))
	t.Cleanup(outside.Close)
	client := strings.Replace(outside.URL, "127.0.0.1", "localhost", 1) // another origin of the same site
	var seen opened
	drive(t, "links.mjs", map[string]string{
		"url": server, "client": client, "webmail": outside.URL, "screenshots": os.Getenv("SCREENSHOTS"),
	}, &seen)

	in := client + "/in?state=s+1%262"
	for name, want := range map[string]step{
		"asked here":                         {URL: in, Cookies: []string{"access_token", "refresh_token"}},
		"elsewhere":                          {URL: server + "/auth/sign-in/token", Heading: "Sign in"},
		"elsewhere, confirmed":               {URL: in, Cookies: []string{"access_token", "refresh_token"}},
		"elsewhere, without JavaScript":      {URL: in, Cookies: []string{"access_token", "refresh_token"}},
		"elsewhere, by keyboard":             {URL: in, Cookies: []string{"access_token", "refresh_token"}, Focus: "Sign in"},
		"opened again":                       {URL: server + "/auth/sign-in/token", Heading: "This link does not work any more", Cookies: []string{"access_token", "refresh_token"}},
		"verify where they signed up":        {URL: server + "/auth/verify-email", Heading: "Your address is verified", Cookies: []string{"access_token", "refresh_token"}},
		"verify elsewhere":                   {URL: server + "/auth/verify-email", Heading: "Is this your address?"},
		"verify elsewhere, not me":           {URL: server + "/auth/verify-email", Heading: "It is gone"},
		"reset":                              {URL: server + "/reset-password", Heading: "Choose a new password"},
		"reset, weak":                        {URL: server + "/reset-password", Heading: "Choose a new password"},
		"reset, done":                        {URL: server + "/reset-password", Heading: "Your password is changed"},
		"reset, by keyboard with JavaScript": {URL: server + "/reset-password", Heading: "Your password is changed"},
	} {
		got, ok := seen.Steps[name]
		path, _, _ := strings.Cut(got.URL, "?token=")
		own := slices.DeleteFunc(got.Cookies, func(c string) bool { return strings.HasPrefix(c, "__Host-") })
		slices.Sort(own)
		if !ok || path != want.URL || want.Heading != "" && got.Heading != want.Heading || !slices.Equal(own, want.Cookies) || want.Focus != "" && got.Focus != want.Focus {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if len(seen.Complaints) > 0 {
		t.Errorf("the browser complains: %q", seen.Complaints)
	}
	want := field{Type: "password", Name: "password", Autocomplete: "new-password", Label: "New password", Hint: "At least 10 characters, and hard to guess.", Focused: true, Required: true}
	if seen.Field != want {
		t.Errorf("the field: %+v", seen.Field)
	}
	if seen.Fault.Alert == "" || !seen.Fault.Focused {
		t.Errorf("the field after a weak password: %+v", seen.Fault)
	}
	for name, path := range pages(t, server, client, post) {
		t.Logf("%s: %s", name, path)
		lookAt(t, server, path)
	}
}

// pages are those that ask, with links that work.
func pages(t *testing.T, server, client string, post *mailtest.Server) map[string]string {
	t.Helper()
	list := map[string]string{}
	// In this order: who has not signed up has nothing to reset.
	for _, call := range []struct{ name, path, more string }{
		{"sign-in", "/auth/send-magic-link", fmt.Sprintf(`,"redirect_uri":%q`, client+"/in")},
		{"verify", "/auth/sign-up", `,"password":"violet tambourine 41 harvest"`},
		{"reset", "/auth/send-password-reset", ""},
	} {
		const email = "a-rather-long-name-before-the-at-sign@a-rather-long-domain.example.com"
		response, err := http.Post(server+call.path, "application/json", strings.NewReader(`{"email":"`+email+`"`+call.more+`}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		m, err := post.Take(t.Context(), email)
		if err != nil {
			t.Fatal(err)
		}
		list[call.name] = strings.TrimPrefix(m.Link, server)
	}
	return list
}

// world is what lies outside: a client's pages, and somebody's webmail.
func world(post *mailtest.Server) http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Outside</title><link rel="icon" href="data:,"><h1>Outside</h1>%s`, body)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { page(w, "") })
	mux.HandleFunc("GET /in", func(w http.ResponseWriter, _ *http.Request) { page(w, "") })
	mux.HandleFunc("GET /webmail", func(w http.ResponseWriter, r *http.Request) {
		page(w, `<a href="`+html.EscapeString(r.URL.Query().Get("link"))+`">the link</a>`)
	})
	mux.HandleFunc("GET /mail", func(w http.ResponseWriter, r *http.Request) {
		to, _ := url.QueryUnescape(r.URL.Query().Get("to"))
		m, err := post.Take(r.Context(), to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusGatewayTimeout)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"link": m.Link, "code": m.Code, "subject": m.Subject})
	})
	return mux
}

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"watchword/e2e/certified"
)

// travelled is what people saw who signed in at a provider.
type travelled struct {
	Steps    map[string]step `json:"steps"`
	Linked   []string        `json:"linked"`
	Owner    string          `json:"owner"`
	CameBack string          `json:"cameBack"`
	watched
}

// testProviders sends people to a certified provider and back.
func testProviders(t *testing.T, program string) {
	address := freeAddress(t)
	server := localhost(address)
	issuer := certified.Start(t, certified.Client{
		ID: "watchword", Secret: "the secret of Watchword at the provider", RedirectURIs: []string{server + "/auth/acme/callback"},
	})
	settings := filepath.Join(t.TempDir(), "watchword.yaml")
	err := os.WriteFile(settings, []byte(fmt.Sprintf(`providers:
  - id: acme
    name: Acme
    type: oidc
    issuer: %s
    client_id: watchword
    client_secret: the secret of Watchword at the provider
    trust_email: true
    email_domains: [example.com]
`, issuer)), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if got := startServerAt(t, program, address, "--rate-limits", "off", "--config", settings).url; got != server {
		t.Fatal(got)
	}
	outside := httptest.NewServer(application())
	t.Cleanup(outside.Close)
	client := strings.Replace(outside.URL, "127.0.0.1", "localhost", 1)
	var seen travelled
	drive(t, "providers.mjs", map[string]string{"url": server, "client": client, "screenshots": os.Getenv("SCREENSHOTS")}, &seen)

	in := client + "/in?state=s+1%262"
	session := []string{"access_token", "refresh_token"}
	for name, want := range map[string]step{
		"first":                            {URL: in, Cookies: session},
		"first, again":                     {URL: in, Cookies: session},
		"first, for a code":                {URL: client + "/in?code=*&iss=*&state=s3", Cookies: session},
		"first, to nowhere":                {URL: server + "/auth/acme/callback?*", Heading: "You are signed in", Cookies: session},
		"without JavaScript":               {URL: in, Cookies: session},
		"without JavaScript, again":        {URL: in, Cookies: session},
		"without JavaScript, for a code":   {URL: client + "/in?code=*&iss=*&state=s3", Cookies: session},
		"without JavaScript, to nowhere":   {URL: server + "/auth/acme/callback?*", Heading: "You are signed in", Cookies: session},
		"linked":                           {URL: client + "/in?state=linked", Cookies: session},
		"cancelled":                        {URL: client + "/in?error=access_denied&iss=*&state=s3"},
		"cancelled, to nowhere":            {URL: server + "/auth/acme/callback?*", Heading: "You did not sign in"},
		"account link required":            {URL: server + "/auth/acme/callback?*", Heading: "You have an account already"},
		"account link required, in German": {URL: server + "/auth/acme/callback?*", Heading: "Sie haben schon ein Konto"},
		"the way back":                     {URL: client + "/in?error=access_denied&iss=*&state=s+1%262"},
		"another browser":                  {URL: server + "/auth/acme/callback?*", Heading: "Please begin again"},
		"first tab":                        {URL: in, Cookies: session},
		"second tab":                       {URL: client + "/in?code=*&iss=*&state=s3"},
	} {
		got, ok := seen.Steps[name]
		own := slices.DeleteFunc(got.Cookies, func(c string) bool {
			return strings.HasPrefix(c, "__Host-device") || strings.HasPrefix(c, "_") && !strings.HasPrefix(c, "__Host-")
		})
		own = slices.DeleteFunc(own, func(c string) bool {
			return !strings.HasPrefix(c, "__Host-flow_") && c != "access_token" && c != "refresh_token"
		})
		slices.Sort(own)
		if name == "second tab" {
			own = slices.DeleteFunc(own, func(c string) bool { return strings.HasPrefix(c, "__Host-flow_") }) // the first tab's is still out
		}
		if !ok || !likeURL(got.URL, want.URL) || want.Heading != "" && got.Heading != want.Heading || !slices.Equal(own, want.Cookies) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if strings.Contains(got.URL, "code=") && strings.HasPrefix(got.URL, client) && !strings.Contains(got.URL, url.QueryEscape(server)) {
			t.Errorf("%s: nobody says who answers: %s", name, got.URL)
		}
	}
	if want := []string{"acme elsewhere@example.com"}; !slices.Equal(seen.Linked, want) {
		t.Errorf("linked: %v, want %v", seen.Linked, want)
	}
	if seen.Owner == "" || seen.CameBack != seen.Owner {
		t.Errorf("whoever signs in by what was linked is %q, want %q", seen.CameBack, seen.Owner)
	}
	if len(seen.Complaints) > 0 {
		t.Errorf("the browser complains: %q", seen.Complaints)
	}
}

// likeURL compares addresses in which * stands for any value.
func likeURL(got, want string) bool {
	pieces := strings.Split(want, "*")
	for i, piece := range pieces {
		at := strings.Index(got, piece)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		got = got[at+len(piece):]
	}
	return got == "" || pieces[len(pieces)-1] == ""
}

// application is a client's pages.
func application() http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Client</title><link rel="icon" href="data:,"><h1>Client</h1>%s`, body)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		to, err := url.Parse(r.URL.Query().Get("to"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		page(w, `<a href="`+strings.ReplaceAll(to.String(), "&", "&amp;")+`">Sign in</a>`)
	})
	mux.HandleFunc("GET /in", func(w http.ResponseWriter, _ *http.Request) { page(w, "") })
	return mux
}

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// serveProvider is the provider on a loopback address, for one test.
func serveProvider(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	made, err := newProvider(issuer)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = made.handler()
	server.Start()
	t.Cleanup(server.Close)
	return issuer
}

func TestProviderSatisfiesAnOrdinaryClient(t *testing.T) {
	t.Parallel()
	found, err := oidc.NewProvider(t.Context(), serveProvider(t))
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{ClientID: providerClient, ClientSecret: providerSecret, Endpoint: found.Endpoint()}
	verifier := oauth2.GenerateVerifier()
	code := consent{"known0000007", "the-nonce", challengeOf(verifier)}.code()
	token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: providerClient}).Verify(t.Context(), raw)
	if err != nil || id.Subject != "known0000007" || id.Nonce != "the-nonce" {
		t.Errorf("the ID token is %+v: %v", id, err)
	}
	info, err := found.UserInfo(t.Context(), config.TokenSource(t.Context(), token))
	if err != nil || info.Subject != "known0000007" || info.Email != personEmail("known0000007") || !info.EmailVerified {
		t.Errorf("userinfo is %+v: %v", info, err)
	}
}

func TestProviderRefusesWhatNoProviderTakes(t *testing.T) {
	t.Parallel()
	issuer := serveProvider(t)
	right := consent{"s", "n", challengeOf("v")}.code()
	for name, test := range map[string]struct{ secret, code, verifier string }{
		"another secret": {"guessed", right, "v"},
		"no code":        {providerSecret, "", "v"},
		"nobody's code":  {providerSecret, consent{"", "n", challengeOf("v")}.code(), "v"},
		"no verifier":    {providerSecret, right, ""},
		"other verifier": {providerSecret, right, "w"},
	} {
		form := url.Values{"code": {test.code}, "code_verifier": {test.verifier}}.Encode()
		ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/token", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		ask.SetBasicAuth(providerClient, test.secret)
		if status := statusOf(t, ask); status != http.StatusBadRequest {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer+"/userinfo", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, ask); status != http.StatusUnauthorized {
		t.Errorf("userinfo of nobody: answered %d", status)
	}
}

func statusOf(t *testing.T, ask *http.Request) int {
	t.Helper()
	answered, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	answered.Body.Close()
	return answered.StatusCode
}

// amiss is a fake whose way to a provider goes wrong in one place.
func amiss(t *testing.T, path string, status int, location, body string) *conn {
	t.Helper()
	right := newFake(0).handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			right.ServeHTTP(w, r)
			return
		}
		if location != "" {
			w.Header().Set("Location", location)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return dialTest(t, server.Listener.Addr().String())
}

func TestVisitsNoticeWrongAnswers(t *testing.T) {
	t.Parallel()
	const tokens = `"access_token":"at-1","refresh_token":"rt_1"`
	mine, others := fakeID(personEmail("new0000001")), fakeID(personEmail("new0000002"))
	for name, test := range map[string]struct {
		path     string
		status   int
		location string
		body     string
		want     string
	}{
		"no such provider":  {authorize, 404, "", `{"code":"provider_not_found"}`, "answered 404 provider_not_found"},
		"sent nowhere":      {authorize, 303, "http://provider.example/authorize", "", errNoWay.Error()},
		"not believed":      {callback, 502, "", `{"code":"provider_error"}`, "answered 502 provider_error"},
		"turned away":       {callback, 303, appCallback + "?error=access_denied", "", errNoWay.Error()},
		"back without code": {callback, 303, appCallback + "?state=x", "", "answered 400 "},
		"code refused":      {"/oauth2/token", 400, "", `{"error":"invalid_grant"}`, "answered 400 "},
		"no tokens":         {"/oauth2/token", 200, "", `{"id_token":"` + mine + `"}`, errNoTokens.Error()},
		"no ID token":       {"/oauth2/token", 200, "", `{` + tokens + `}`, errNoID.Error()},
		"broken ID token":   {"/oauth2/token", 200, "", `{` + tokens + `,"id_token":"e30.???.e30"}`, errNoID.Error()},
		"somebody else":     {"/oauth2/token", 200, "", `{` + tokens + `,"id_token":"` + others + `"}`, errWrongUser.Error()},
		"right":             {"/oauth2/token", 200, "", `{` + tokens + `,"id_token":"` + mine + `"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := comeNew(&stage{}, 0, 1)(amiss(t, test.path, test.status, test.location, test.body))
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestPeopleWhoComeBackHaveBeenHere(t *testing.T) {
	t.Parallel()
	f := newFake(0)
	st := &stage{address: serveFake(t, f)}
	if err := st.meetPeople(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := range knownCount {
		if !f.people[personEmail(knownSubject(n))] {
			t.Fatalf("nobody has met number %d", n)
		}
	}
	met := len(f.people)
	if err := comeBack(st, 0, 1)(dialTest(t, st.address)); err != nil || len(f.people) != met {
		t.Errorf("somebody new came: %v", err)
	}
}

func TestServersLearnOfTheProviderUnderDevAlone(t *testing.T) {
	t.Parallel()
	s := server{dir: t.TempDir()}
	if err := s.setProvider("http://127.0.0.1:4711"); err != nil || !strings.HasPrefix(s.settings, s.dir) {
		t.Fatalf("%q: %v", s.settings, err)
	}
	if args := strings.Join(s.program("admin", "import-users", "file").args, " "); strings.Contains(args, s.settings) {
		t.Errorf("the import reads a provider that it must refuse: %s", args)
	}
}

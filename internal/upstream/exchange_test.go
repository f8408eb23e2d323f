package upstream

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

// waysOf are how a client has authenticated at the token endpoint.
func waysOf(w *world) []string {
	var ways []string
	for _, r := range w.Requests() {
		switch {
		case r.Path != "/token":
		case r.Header.Get("Authorization") != "":
			ways = append(ways, "basic")
		case r.Form.Has("client_secret"):
			ways = append(ways, "post")
		default:
			ways = append(ways, "none")
		}
	}
	return ways
}

// takes has the token endpoint take one way to authenticate, and forget no code.
func takes(way string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if _, _, basic := r.BasicAuth(); r.URL.Path != "/token" || basic == (way == "basic") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client"}) // of a test
		return true
	}
}

func TestTheClientAuthenticatesAsTheProviderWantsIt(t *testing.T) {
	t.Parallel()
	announced := func(methods ...string) func(d map[string]any) {
		return func(d map[string]any) {
			if delete(d, "token_endpoint_auth_methods_supported"); methods != nil {
				d["token_endpoint_auth_methods_supported"] = methods
			}
		}
	}
	for name, test := range map[string]struct {
		settings  func(w *world) Settings
		discovery func(d map[string]any)
		takes     string
		want      []string // of two sign-ins
	}{
		"OIDC, basic":         {(*world).oidc, announced("client_secret_basic"), "basic", []string{"basic", "basic"}},
		"OIDC, post":          {(*world).oidc, announced("client_secret_post"), "post", []string{"post", "post"}},
		"OIDC, both, basic":   {(*world).oidc, announced("client_secret_post", "client_secret_basic"), "basic", []string{"basic", "basic"}},
		"OIDC, both, post":    {(*world).oidc, announced("client_secret_post", "client_secret_basic"), "post", []string{"basic", "post", "post"}},
		"OIDC, silent, basic": {(*world).oidc, announced(), "basic", []string{"basic", "basic"}},
		"OIDC, silent, post":  {(*world).oidc, announced(), "post", []string{"basic", "post", "post"}},
		"OAuth 2.0, post":     {(*world).oauth2, nil, "post", []string{"post", "post"}},
		"OAuth 2.0, basic":    {(*world).oauth2, nil, "basic", []string{"post", "basic", "basic"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{Discovery: test.discovery, Intercept: takes(test.takes)})
			p := w.open(t, test.settings(w))
			for range 2 {
				w.believed(t, p, ada)
			}
			if diff := cmp.Diff(test.want, waysOf(w)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASecretThatIsWrongIsTriedNoMoreThanBothWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oidc()
	s.ClientSecret = secret.NewString("wrong")
	who, err := w.signIn(t, w.open(t, s), ada)
	refused(t, who, err)
	if diff := cmp.Diff([]string{"basic", "post"}, waysOf(w)); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutASecretNoneIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oidc()
	s.ClientSecret = secret.String{}
	who, err := w.signIn(t, w.open(t, s), ada)
	refused(t, who, err) // this provider wants one
	if diff := cmp.Diff([]string{"none"}, waysOf(w)); diff != "" {
		t.Error(diff)
	}
}

// A provider that takes no secret, but keys or certificates, gets none.
func TestASecretGoesNowhereThatDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) {
		d["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt", "tls_client_auth"}
	}})
	who, err := w.signIn(t, w.open(t, w.oidc()), ada)
	refused(t, who, err)
	if ways := waysOf(w); ways != nil {
		t.Errorf("the secret was sent: %v", ways)
	}
	if err == nil || !strings.Contains(err.Error(), "takes no client secret") {
		t.Errorf("whoever runs the server is told %v", err)
	}
}

// GitHub answers in the manner of a form where it is not asked for JSON.
func TestTokensMayComeAsAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oauth2())
	w.Behave(upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/token":
			body("application/x-www-form-urlencoded; charset=utf-8", "access_token=abc&scope=user&token_type=bearer")(rw)
		case "/user":
			if r.Header.Get("Authorization") != "Bearer abc" {
				rw.WriteHeader(http.StatusUnauthorized)
			} else {
				body("application/json", `{"id":1}`)(rw)
			}
		default:
			return false
		}
		return true
	}})
	if who := w.believed(t, p, ada); who.Subject != "1" {
		t.Errorf("%+v", who)
	}
}

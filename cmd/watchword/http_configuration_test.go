package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
)

const configurationPath = "/.well-known/openid-configuration"

// list is the texts of a list in an answer.
func (a answer) list(name string) []string {
	values, _ := a.body[name].([]any)
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i], _ = v.(string)
	}
	return texts
}

// at is the path of an endpoint that discovery names.
func (w *world) at(configuration answer, name string) string {
	w.t.Helper()
	path, ok := strings.CutPrefix(configuration.str(name), w.url)
	if !ok || !strings.HasPrefix(path, "/") {
		w.t.Fatalf("%s is %q", name, configuration.str(name))
	}
	return path
}

func TestDiscoverySaysTheSameUnderBothNamesToEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	first := w.app().get(configurationPath).want(t, 200, "")
	for _, path := range []string{configurationPath, "/.well-known/oauth-authorization-server"} {
		got := w.app().get(path, "Origin", "https://anywhere.example").want(t, 200, "")
		if got.text != first.text || got.header.Get("Cache-Control") != "public, max-age=300" || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %v\n%s", path, got.header, got.text)
		}
	}
}

// Every value that discovery announces is one that works, and what works is
// announced.
func TestWhatDiscoverySaysIsTrue(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, withBackend)
	said := w.app().get(configurationPath).want(t, 200, "")
	scopes := said.list("scopes_supported")

	// Every scope is granted as announced, and nothing else is.
	code := w.scopedCode("ada@example.com", strings.Join(scopes, " ")+" address phone", "the nonce")
	in := w.tokenCall(exchange(code)).want(t, 200, "")
	if diff := cmp.Diff(scopes, strings.Fields(in.str("scope"))); diff != "" {
		t.Error("scopes: " + diff)
	}
	bearer := []string{"Authorization", "Bearer " + in.str("access_token")}
	w.app().do("PATCH", "/auth/me", `{"name":"Ada","picture":"https://example.com/ada.png"}`, bearer...).want(t, 200, "")

	// The claims of the ID token and of userinfo are those announced.
	claims := map[string]any{}
	maps.Copy(claims, jwtPart(t, in.str("id_token"), 1))
	info := w.app().get(w.at(said, "userinfo_endpoint"), bearer...).want(t, 200, "")
	maps.Copy(claims, info.body)
	if diff := cmp.Diff(slices.Sorted(slices.Values(said.list("claims_supported"))), slices.Sorted(maps.Keys(claims))); diff != "" {
		t.Error("claims: " + diff)
	}
	if said.str("issuer") != w.url || claims["iss"] != said.str("issuer") {
		t.Errorf("the issuer is %q, the ID token's %v", said.str("issuer"), claims["iss"])
	}

	// The tokens are signed by the algorithms and keys announced.
	header := jwtPart(t, in.str("id_token"), 0)
	if !slices.Contains(said.list("id_token_signing_alg_values_supported"), header["alg"].(string)) {
		t.Errorf("signed by %v, which is not announced", header["alg"])
	}
	if keys := w.app().get(w.at(said, "jwks_uri")).want(t, 200, ""); !strings.Contains(keys.text, header["kid"].(string)) {
		t.Errorf("signed by %v, which is not in %s", header["kid"], keys.text)
	}

	// Every grant works and no other.
	if diff := cmp.Diff([]string{"authorization_code", "refresh_token"}, said.list("grant_types_supported")); diff != "" {
		t.Error("grants: " + diff)
	}
	w.tokenCall(refreshForm(in)).want(t, 200, "")
	for _, grant := range []string{"password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code"} {
		if got := w.tokenCall(url.Values{"grant_type": {grant}, "client_id": {"web"}}); got.str("error") != "unsupported_grant_type" {
			t.Errorf("%s: %s", grant, got.text)
		}
	}
}

// Each way of authentication that discovery names, and none that it does not.
func TestClientsAuthenticateAsDiscoverySays(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, withBackend)
	said := w.app().get(configurationPath).want(t, 200, "")
	calls := map[string]func() answer{
		"client_secret_basic": func() answer {
			form := exchange(w.pkceCode("ada@example.com", "X-Client-Id", "backend"))
			form.Del("client_id")
			return w.app().submit(w.at(said, "token_endpoint"), form.Encode(), basic("backend", shopkeeperSecret)...)
		},
		"client_secret_post": func() answer {
			form := with(with(exchange(w.pkceCode("ada@example.com", "X-Client-Id", "backend")), "client_id", "backend"), "client_secret", shopkeeperSecret)
			return w.app().submit(w.at(said, "token_endpoint"), form.Encode())
		},
		"none": func() answer {
			return w.app().submit(w.at(said, "token_endpoint"), exchange(w.pkceCode("ada@example.com")).Encode())
		},
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(calls)), slices.Sorted(slices.Values(said.list("token_endpoint_auth_methods_supported")))); diff != "" {
		t.Error(diff)
	}
	for name, call := range calls {
		if got := call(); got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

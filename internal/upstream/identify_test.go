package upstream

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

func TestOIDCTellsWhoCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	want := Person{
		Issuer: w.Issuer(), Subject: ada.Subject, Email: ada.Email, Proof: AddressProven,
		Name: ada.Name, Picture: ada.Picture, Locale: "en-GB",
	}
	for range 2 {
		if diff := cmp.Diff(want, w.believed(t, p, ada)); diff != "" {
			t.Error(diff)
		}
	}
	for path, want := range map[string]int{"/.well-known/openid-configuration": 1, "/keys": 1, "/token": 2, "/userinfo": 2} {
		if got := w.Asked(path); got != want {
			t.Errorf("%s is asked for %d times, want %d", path, got, want)
		}
	}
}

func TestOAuth2TellsWhoCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oauth2())
	got := w.believed(t, p, ada)
	want := Person{
		Issuer: w.UserURL(), Subject: "9007199254740993", Email: ada.Email, Proof: AddressProven,
		Name: ada.Name, Picture: ada.Picture,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w.Asked("/.well-known/openid-configuration") != 0 {
		t.Error("a plain OAuth 2.0 provider is asked for OpenID Connect's metadata")
	}
}

func TestClaimsMayLieDeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oauth2()
	s.Claims = ClaimNames{Subject: "data.user.id", Email: "data.user.mail", EmailVerified: "data.user.ok", Name: "dotted.name"}
	p := w.open(t, s)
	w.Behave(upstreamtest.Hooks{Userinfo: func(body map[string]any) {
		clear(body)
		body["data"] = map[string]any{"user": map[string]any{"id": "u-1", "mail": "ada@acme.example", "ok": true}}
		body["dotted.name"] = "Ada"
	}})
	want := Person{Issuer: w.UserURL(), Subject: "u-1", Email: "ada@acme.example", Proof: AddressProven, Name: "Ada"}
	if diff := cmp.Diff(want, w.believed(t, p, ada)); diff != "" {
		t.Error(diff)
	}
}

func TestUserinfoFillsWhatTheIDTokenLeavesOpen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token, userinfo map[string]any
		wantEmail       string
		wantProof       AddressProof
		wantName        string
	}{
		"all from userinfo": {
			userinfo:  map[string]any{"email": "a@acme.example", "email_verified": true, "name": "U"},
			wantEmail: "a@acme.example", wantProof: AddressProven, wantName: "U",
		},
		"the ID token wins": {
			token:     map[string]any{"email": "t@acme.example", "email_verified": true, "name": "T"},
			userinfo:  map[string]any{"email": "u@acme.example", "email_verified": false, "name": "U"},
			wantEmail: "t@acme.example", wantProof: AddressProven, wantName: "T",
		},
		"the token's address is not proven by userinfo": {
			token:     map[string]any{"email": "t@acme.example"},
			userinfo:  map[string]any{"email": "u@acme.example", "email_verified": true},
			wantEmail: "t@acme.example", wantProof: AddressUnproven,
		},
		"userinfo's address is not proven by the token": {
			token:     map[string]any{"email_verified": true},
			userinfo:  map[string]any{"email": "u@acme.example"},
			wantEmail: "u@acme.example", wantProof: AddressUnproven,
		},
		"no address": {
			token:     map[string]any{"email_verified": true},
			wantProof: AddressUnproven,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			w.Behave(upstreamtest.Hooks{
				Claims:   func(c map[string]any) { copyInto(c, test.token) },
				Userinfo: func(c map[string]any) { copyInto(c, test.userinfo) },
			})
			got := w.believed(t, p, upstreamtest.User{Subject: "1"})
			if got.Email != test.wantEmail || got.Proof != test.wantProof || got.Name != test.wantName {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func copyInto(to, from map[string]any) {
	for name, value := range from {
		to[name] = value
	}
}

// Whoever gives up waiting gets an answer at once, and so does a test.
func TestWaitingEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys", "/userinfo"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			hang := upstreamtest.Hooks{Intercept: func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != path {
					return false
				}
				cancel()
				<-r.Context().Done()
				return true
			}}
			if strings.HasPrefix(path, "/.well-known") {
				w.Behave(hang)
				target, err := p.AuthorizeURL(ctx, departure())
				if target != "" {
					t.Errorf("people are sent to %s", target)
				}
				refused(t, Person{}, err)
				return
			}
			back := w.comeBack(t, p, ada)
			w.Behave(hang)
			who, err := p.Identify(ctx, back)
			refused(t, who, err)
		})
	}
}

func TestCodesAndSecretsStayOutOfURLsAndErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oidc()
	s.ClientSecret = secret.NewString("canary-secret")
	p := w.open(t, s)
	back := w.comeBack(t, p, ada)
	back.Code, back.Verifier = secret.NewString("canary-code"), secret.NewString("canary-verifier")
	w.Behave(upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/token" {
			return false
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = rw.Write([]byte(`{"error":"canary code", "error_description":"canary-description"}`))
		return true
	}})
	who, err := p.Identify(t.Context(), back)
	refused(t, who, err)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("the error holds what was said: %v", err)
	}
	for _, r := range w.Requests() {
		if r.Method == http.MethodGet && strings.Contains(r.Form.Encode(), "canary") {
			t.Errorf("a URL holds a secret: %s?%s", r.Path, r.Form.Encode())
		}
	}
}

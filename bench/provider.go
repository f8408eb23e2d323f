package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// providerCmd is the child process at which people sign in: an OpenID Connect
// provider that does what no provider can do without and nothing else, so that
// the server's share of a sign-in is not made small by a slow counterpart. A
// process of its own, because its processor time is told apart.
type providerCmd struct {
	Listen string `required:"" help:"Loopback address to listen on."`
}

// What the server is registered with there.
const (
	providerID     = "bench"
	providerClient = "the-server"
	providerSecret = "its-secret-at-the-provider"
)

// Run serves until the context ends.
func (p providerCmd) Run(ctx context.Context) error {
	made, err := newProvider("http://" + p.Listen)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.Listen)
	if err != nil {
		return err
	}
	return serve(ctx, listener, made.handler())
}

// serve answers until the context ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// provider keeps nothing: all that it must know later is in the codes and tokens
// that it gives out, so that it costs the same after a million sign-ins.
type provider struct {
	issuer string
	signer jose.Signer
	keys   []byte // the key set
}

func newProvider(issuer string) (*provider, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	private := jose.JSONWebKey{Key: key, KeyID: "1", Algorithm: string(jose.ES256), Use: "sig"}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, nil)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}})
	return &provider{issuer: issuer, signer: signer, keys: keys}, err
}

func (p *provider) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok") // who asked may have left, here and below
	})
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{
			"issuer": p.issuer, "authorization_endpoint": p.issuer + "/authorize", "token_endpoint": p.issuer + "/token",
			"userinfo_endpoint": p.issuer + "/userinfo", "jwks_uri": p.issuer + "/keys", "response_types_supported": []string{"code"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}, "code_challenge_methods_supported": []string{"S256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(p.keys)
	})
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	return mux
}

// consent is what somebody has signed in at the provider for. Its code is made by
// the load program, which is the person and the provider's page in one: what
// happens there is nobody's cost here.
type consent struct{ subject, nonce, challenge string }

func (c consent) code() string { return c.subject + "~" + c.nonce + "~" + c.challenge }

func readCode(code string) (consent, bool) {
	parts := strings.Split(code, "~")
	if len(parts) != 3 || parts[0] == "" {
		return consent{}, false
	}
	return consent{parts[0], parts[1], parts[2]}, true
}

// person is what the provider says of a subject.
type person struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Name     string `json:"name"`
}

func personOf(subject string) person {
	return person{Subject: subject, Email: personEmail(subject), Verified: true, Name: "Bench Person " + subject}
}

func personEmail(subject string) string { return subject + "@provider.example" }

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	given, ok := readCode(r.PostFormValue("code"))
	if !ok || id != providerClient || secret != providerSecret || challengeOf(r.PostFormValue("code_verifier")) != given.challenge {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	signed, err := p.sign(given)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	say(w, map[string]any{"access_token": bearerPrefix + given.subject, "token_type": "Bearer", "expires_in": 600, "id_token": signed})
}

func challengeOf(verifier string) string {
	digest := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// sign makes the ID token.
func (p *provider) sign(given consent) (string, error) {
	now := time.Now()
	payload, err := json.Marshal(struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		Nonce    string `json:"nonce"`
		person
	}{p.issuer, providerClient, now.Unix(), now.Add(10 * time.Minute).Unix(), given.nonce, personOf(given.subject)})
	if err != nil {
		return "", err
	}
	signed, err := p.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign an ID token: %w", err)
	}
	return signed.CompactSerialize()
}

const bearerPrefix = "access-of-"

func (p *provider) userinfo(w http.ResponseWriter, r *http.Request) {
	subject, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "+bearerPrefix)
	if !ok {
		http.Error(w, `{"error":"invalid_token"}`, http.StatusUnauthorized)
		return
	}
	say(w, personOf(subject))
}

func say(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

package upstreamtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that it knows. A secret with special characters tells whether they
// are encoded where they must be.
const (
	ClientID     = "watchword-test"
	ClientSecret = "s3cret/with+special characters:%&"
)

// User is somebody who can sign in here.
type User struct {
	Subject       string
	Email         string // empty: they have none
	EmailVerified bool
	Name          string
	Picture       string
	Claims        map[string]any // besides, in ID token and userinfo
}

// Hooks change what a provider says. Each is called under no lock, maybe from
// several requests at once.
type Hooks struct {
	// Intercept comes first; true: it has answered.
	Intercept func(w http.ResponseWriter, r *http.Request) bool
	Discovery func(document map[string]any)
	// Callback changes the parameters that somebody is sent back with.
	Callback func(parameters url.Values)
	Token    func(answer map[string]any)
	// Claims changes an ID token before it is signed.
	Claims func(claims map[string]any)
	// Sign replaces the signing of ID tokens.
	Sign     func(claims map[string]any) string
	Keys     func(set *jose.JSONWebKeySet)
	Userinfo func(answer map[string]any) // of both kinds
}

// Request is one that it was asked.
type Request struct {
	Method string
	Path   string
	Form   url.Values // query and body
	Header http.Header
}

// Provider is a server that others sign in at.
type Provider struct {
	base   string
	server *http.Server
	served sync.WaitGroup

	// Clock is what its tokens go by; set it before the first request.
	Clock func() time.Time

	mu       sync.Mutex
	hooks    Hooks
	offered  []User
	keys     []signingKey // the last one signs
	codes    map[string]grant
	tokens   map[string]User // by access token
	requests []Request       // the latest
	counts   map[string]int  // by path
	count    int
}

// Serve starts a provider on an address of this machine, such as 127.0.0.1:0.
func Serve(ctx context.Context, address string) (*Provider, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for people who sign in: %w", err)
	}
	p := &Provider{
		base: "http://" + listener.Addr().String(), Clock: time.Now,
		codes: map[string]grant{}, tokens: map[string]User{}, counts: map[string]int{},
	}
	if err := p.RotateKeys(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p.server = &http.Server{Handler: p.routes(), ReadHeaderTimeout: time.Minute}
	p.served.Go(func() { _ = p.server.Serve(listener) }) // it ends by Close
	return p, nil
}

// Close ends it, and every request that is being answered.
func (p *Provider) Close() error {
	err := p.server.Close()
	p.served.Wait()
	return err
}

// Issuer is what discovery begins with.
func (p *Provider) Issuer() string { return p.base }

// AuthorizeURL is where people are sent.
func (p *Provider) AuthorizeURL() string { return p.base + "/authorize" }

// TokenURL is where a code is exchanged.
func (p *Provider) TokenURL() string { return p.base + "/token" }

// UserURL tells of a person in the manner of plain OAuth 2.0 providers: id, login,
// name, email, email_verified, avatar_url; the id is a number if it can be.
func (p *Provider) UserURL() string { return p.base + "/user" }

// Behave changes what it says from now on.
func (p *Provider) Behave(h Hooks) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hooks = h
}

// Offer sets the users whom the page offers.
func (p *Provider) Offer(users ...User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offered = slices.Clone(users)
}

// maxRequests is how many requests are remembered: measurements make many.
const maxRequests = 1000

// Requests are those that it was asked lately, oldest first.
func (p *Provider) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Asked is how often a path was asked for.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[path]
}

func (p *Provider) behaviour() Hooks {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hooks
}

// unique is a text that it has not given out before. p.mu is held.
func (p *Provider) unique(prefix string) string {
	p.count++
	return prefix + strconv.Itoa(p.count)
}

func (p *Provider) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.publishKeys)
	mux.HandleFunc("GET /authorize", p.page)
	mux.HandleFunc("POST /authorize", p.decide)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	mux.HandleFunc("GET /user", p.user)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "malformed form", http.StatusBadRequest)
			return
		}
		p.note(Request{Method: r.Method, Path: r.URL.Path, Form: r.Form, Header: r.Header.Clone()})
		if intercept := p.behaviour().Intercept; intercept != nil && intercept(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (p *Provider) note(r Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[r.Path]++
	if p.requests = append(p.requests, r); len(p.requests) > maxRequests {
		p.requests = slices.Delete(p.requests, 0, maxRequests/2)
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	document := map[string]any{
		"issuer":                                         p.base,
		"authorization_endpoint":                         p.AuthorizeURL(),
		"token_endpoint":                                 p.TokenURL(),
		"userinfo_endpoint":                              p.base + "/userinfo",
		"jwks_uri":                                       p.base + "/keys",
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256", "RS256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
	if change := p.behaviour().Discovery; change != nil {
		change(document)
	}
	answer(w, http.StatusOK, document)
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who asked has gone
}

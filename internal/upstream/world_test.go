package upstream

import (
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const callbackURL = "https://auth.example/auth/acme/callback"

var ada = upstreamtest.User{
	Subject: "9007199254740993", Email: "ada@acme.example", EmailVerified: true, Name: "Ada Lovelace",
	Picture: "https://acme.example/ada.png", Claims: map[string]any{"locale": "en_GB"},
}

// world is a provider, and a clock for both sides.
type world struct {
	*upstreamtest.Provider

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p, err := upstreamtest.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	w := &world{Provider: p, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	p.Clock = w.clock
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) oidc() Settings {
	return Settings{
		ID: "acme", Type: TypeOIDC, Issuer: w.Issuer(), ClientID: upstreamtest.ClientID,
		ClientSecret: secret.NewString(upstreamtest.ClientSecret), EmailDomains: []string{"acme.example"}, Network: NetworkLoopback,
	}
}

func (w *world) oauth2() Settings {
	s := w.oidc()
	s.Type, s.Issuer = TypeOAuth2, ""
	s.AuthorizeURL, s.TokenURL, s.UserinfoURL = w.AuthorizeURL(), w.TokenURL(), w.UserURL()
	s.Claims = ClaimNames{Subject: "id", Email: "email", EmailVerified: "email_verified", Name: "name", Picture: "avatar_url"}
	return s
}

// open readies one provider.
func (w *world) open(t *testing.T, s Settings) *Provider {
	t.Helper()
	all, err := Open([]Settings{s}, Options{Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.Close)
	p, _ := all.Find(s.ID)
	return p
}

func departure() Departure {
	return Departure{
		State: secret.NewString("the-state"), Nonce: secret.NewString("the-nonce"),
		Verifier: secret.NewString("the-verifier-of-at-least-forty-three-characters"), RedirectURI: callbackURL,
	}
}

// comeBack is how somebody comes back who signs in at the provider.
func (w *world) comeBack(t *testing.T, p *Provider, as upstreamtest.User) Return {
	t.Helper()
	d := departure()
	target, err := p.AuthorizeURL(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	callback, err := w.Authorize(target, as)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(callback)
	if err != nil {
		t.Fatal(err)
	}
	if u.Query().Get("state") != d.State.Reveal() {
		t.Errorf("people come back to %s, without the state", callback)
	}
	return Return{
		Code: secret.NewString(u.Query().Get("code")), Issuer: u.Query().Get("iss"),
		Nonce: d.Nonce, Verifier: d.Verifier, RedirectURI: callbackURL,
	}
}

// signIn is the whole way there and back.
func (w *world) signIn(t *testing.T, p *Provider, as upstreamtest.User) (Person, error) {
	t.Helper()
	return p.Identify(t.Context(), w.comeBack(t, p, as))
}

// believed signs somebody in and wants it to work.
func (w *world) believed(t *testing.T, p *Provider, as upstreamtest.User) Person {
	t.Helper()
	who, err := w.signIn(t, p, as)
	if err != nil {
		t.Fatalf("the provider is not believed: %v", err)
	}
	return who
}

// refused wants ErrProvider and nobody.
func refused(t *testing.T, who Person, err error) {
	t.Helper()
	if !errors.Is(err, ErrProvider) || who != (Person{}) {
		t.Errorf("the provider is believed: %+v, %v", who, err)
	}
}

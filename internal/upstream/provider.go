package upstream

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/secret"
)

// ErrProvider says that a provider did not do its part: it is down, slow, or
// answered what cannot be believed.
var ErrProvider = watchword.NewError(watchword.KindUpstream, "provider_error",
	"The provider could not sign you in. Try again, or sign in another way.")

// Options are what the providers work with.
type Options struct {
	Clock     func() time.Time
	Transport http.RoundTripper // nil: one that holds to each provider's network
}

// Providers are the providers that are set up, in the order of the settings.
type Providers struct {
	list []*Provider
}

// Open readies the providers without asking any of them: that one is down keeps
// nobody from starting.
func Open(settings []Settings, options Options) (*Providers, error) {
	panic("not here yet")
}

// Find is the provider of an id.
func (p *Providers) Find(id string) (*Provider, bool) {
	for _, one := range p.list {
		if one.ID == id {
			return one, true
		}
	}
	return nil, false
}

// All lists the providers in the order of the settings.
func (p *Providers) All() []*Provider { return p.list }

// Provider is a server at which people sign in.
type Provider struct {
	ID   string
	Name string
	Type Type
}

// Departure is what somebody is sent to a provider with.
type Departure struct {
	State       secret.String
	Nonce       secret.String
	Verifier    secret.String // PKCE
	RedirectURI string        // of our callback
	LoginHint   string
	Prompt      string
}

// Return is what somebody comes back with.
type Return struct {
	Code        secret.String
	Issuer      string // iss of RFC 9207; empty: none was given
	User        string // Apple's: the name, on the first sign-in alone
	Nonce       secret.String
	Verifier    secret.String
	RedirectURI string // of our callback, as at departure
}

// AuthorizeURL is where somebody is sent. ErrProvider: it cannot be found out.
func (p *Provider) AuthorizeURL(ctx context.Context, d Departure) (string, error) {
	panic("not here yet")
}

// Identify finds out who came back. ErrProvider: the provider did not say, or not
// in a way that can be believed.
func (p *Provider) Identify(ctx context.Context, r Return) (Person, error) {
	panic("not here yet")
}

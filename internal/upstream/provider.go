package upstream

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

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
	list  []*Provider
	close []func()
}

// Open readies the providers without asking any of them: that one is down keeps
// nobody from starting.
func Open(settings []Settings, options Options) (*Providers, error) {
	all := &Providers{}
	transports := map[Network]http.RoundTripper{}
	for _, s := range settings {
		if s.Network == "" {
			s.Network = NetworkPublic
		}
		transport := options.Transport
		if transport == nil {
			transport = transports[s.Network]
		}
		if transport == nil {
			own := newTransport(s.Network)
			all.close = append(all.close, own.CloseIdleConnections)
			transport, transports[s.Network] = own, own
		}
		p, err := open(s, options.Clock, newHTTPClient(s.Network, transport))
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", s.ID, err)
		}
		all.list = append(all.list, p)
	}
	return all, nil
}

// Close lets go of connections that nobody uses.
func (p *Providers) Close() {
	for _, one := range p.close {
		one()
	}
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

	settings Settings
	preset   preset
	issuer   string // by which subjects are kept, unless the preset has a template
	clock    func() time.Time
	signed   *signedSecret // nil: the secret is in the settings
	style    atomic.Int32  // oauth2.AuthStyle that has worked

	// Two clients, so that the breaker of the one neither opens nor closes that of
	// the other.
	published *client // metadata and keys
	personal  *client // token, userinfo and what is asked after it

	fixed    *endpoints                 // of OAuth 2.0
	metadata *cached[endpoints]         // of OpenID Connect
	keys     *cached[[]jose.JSONWebKey] // of OpenID Connect
}

func open(s Settings, clock func() time.Time, h *http.Client) (*Provider, error) {
	known := preset{kind: s.Type}
	if s.Preset != "" {
		var ok bool
		if known, ok = presets()[s.Preset]; !ok {
			return nil, errors.New("the preset is unknown")
		}
	}
	for name := range s.AuthorizeParams {
		if slices.Contains(reservedParams, name) {
			return nil, fmt.Errorf("the parameter %s is not to be set", name)
		}
	}
	if clock == nil {
		clock = time.Now
	}
	p := &Provider{
		ID: s.ID, Name: cmp.Or(s.Name, known.name, s.ID), Type: known.kind,
		settings: s, preset: known, clock: clock,
		published: newPublishedClient(h), personal: newPersonalClient(h),
	}
	if known.secretAudience != "" && s.ClientSecret.IsZero() {
		var err error
		if p.signed, err = newSignedSecret(s, known.secretAudience); err != nil {
			return nil, err
		}
	}
	return p, p.settle()
}

// SubjectIssuer is the issuer by which the provider's subjects are kept. It is empty
// where there is one for each tenant.
func (p *Provider) SubjectIssuer() string {
	if p.preset.template != nil {
		return ""
	}
	return p.issuer
}

// settle finds the provider's endpoints, or readies the search for them.
func (p *Provider) settle() error {
	s := p.settings
	switch p.Type {
	case TypeOIDC:
		p.issuer = s.Issuer
		p.metadata = newCached(p.clock, p.discover)
		p.keys = newCached(p.clock, p.fetchKeys)
	case TypeOAuth2:
		p.fixed = &endpoints{
			authorize: cmp.Or(s.AuthorizeURL, p.preset.authorizeURL),
			token:     cmp.Or(s.TokenURL, p.preset.tokenURL),
			userinfo:  cmp.Or(s.UserinfoURL, p.preset.userinfoURL),
		}
		// What defines the subjects: by another claim of the same answer they are other
		// people's, or somebody whose login is "4711" would be the user with that id.
		p.issuer = p.fixed.userinfo + "#" + s.Claims.Subject
	default:
		return errors.New("the type is unknown")
	}
	if p.preset.issuer != nil {
		p.issuer = p.preset.issuer(s)
	}
	targets := []string{p.issuer}
	if p.fixed != nil {
		targets = []string{p.fixed.authorize, p.fixed.token, p.fixed.userinfo}
	}
	for _, target := range targets {
		if err := s.Network.check(target); err != nil {
			return err
		}
	}
	return nil
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

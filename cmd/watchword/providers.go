package main

import (
	"fmt"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/upstream"
)

// openProviders readies the servers at which people may sign in. It asks none of
// them: that one is away keeps nobody from starting.
func openProviders(cfg config.Config, around surroundings) (*upstream.Providers, error) {
	list := make([]upstream.Settings, len(cfg.Providers))
	for i, p := range cfg.Providers {
		list[i] = upstream.Settings{
			ID: p.ID, Name: p.Name, Preset: string(p.Preset), Type: upstream.Type(p.Type), Issuer: p.Issuer,
			AuthorizeURL: p.AuthorizeURL, TokenURL: p.TokenURL, UserinfoURL: p.UserinfoURL,
			ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes, Claims: upstream.ClaimNames(p.Claims),
			AuthorizeParams: p.AuthorizeParams, Network: network(cfg.Mode, p),
			Tenant: p.Tenant, TeamID: p.TeamID, KeyID: p.KeyID, PrivateKey: p.PrivateKey,
		}
		if p.TrustEmail {
			list[i].EmailDomains = p.EmailDomains
		}
	}
	providers, err := upstream.Open(list, upstream.Options{Clock: around.clock})
	if err != nil {
		return nil, fmt.Errorf("set up the providers: %w", err)
	}
	return providers, nil
}

// network is where a provider may be.
func network(mode config.Mode, p config.Provider) upstream.Network {
	switch {
	case p.PrivateNetwork:
		return upstream.NetworkPrivate
	case mode == config.Dev:
		return upstream.NetworkLoopback
	default:
		return upstream.NetworkPublic
	}
}

// providerName is what a provider is called, by its id.
func (w wiring) providerName(id string) string {
	if p, ok := w.providers.Find(id); ok {
		return p.Name
	}
	return id // it is no longer set up
}

// subjectIssuer is by which issuer a provider keeps its subjects; empty: by several.
func (w wiring) subjectIssuer(id string) (issuer string, ok bool) {
	p, ok := w.providers.Find(id)
	if !ok {
		return "", false
	}
	return p.SubjectIssuer(), true
}

// offered says whether some client lets people in by a method that is set up.
func (w wiring) offered(m watchword.Method) bool {
	if _, ok := w.providers.Find(string(m)); !ok && m != watchword.MethodPassword && m != watchword.MethodMagicLink {
		return false
	}
	return w.clients.Offered(m)
}

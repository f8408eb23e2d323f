package config

import (
	"slices"

	"watchword"
	"watchword/internal/secret"
)

// builtInClient is the client that is there when the settings list none.
const builtInClient watchword.ClientID = "web"

// Clients are the client applications, with their audiences and lifetimes.
// Where none is listed there is one: under Dev it accepts every loopback origin
// and redirect, elsewhere the public URL's origin and no redirect at all.
func (c Config) Clients() []watchword.Client {
	if len(c.ClientEntries) == 0 {
		return []watchword.Client{c.builtIn()}
	}
	clients := make([]watchword.Client, len(c.ClientEntries))
	for i, e := range c.ClientEntries {
		clients[i] = watchword.Client{
			ID:           e.ID,
			Name:         e.Name,
			Type:         e.Type,
			Audience:     e.Audience,
			RedirectURIs: slices.Clone(e.RedirectURIs),
			Origins:      slices.Clone(e.Origins),
			Methods:      slices.Clone(e.Methods),
			Lifetimes:    e.Lifetimes.ofSessions().Or(c.Lifetimes.ofSessions()),
		}
		if e.Audience == "" {
			clients[i].Audience = c.PublicURL
		}
		if e.Name == "" {
			clients[i].Name = string(e.ID)
		}
		if e.Type == "" {
			clients[i].Type = watchword.ClientPublic
		}
	}
	return clients
}

func (c Config) builtIn() watchword.Client {
	client := watchword.Client{
		ID:              builtInClient,
		Name:            c.Branding.Name,
		Type:            watchword.ClientPublic,
		Audience:        c.PublicURL,
		Lifetimes:       c.Lifetimes.ofSessions(),
		LoopbackOrigins: c.Mode == Dev,
	}
	if c.PublicURL != "" {
		client.Origins = []string{c.PublicURL}
	}
	return client
}

// ClientSecrets are the secrets of the confidential clients: each is good.
func (c Config) ClientSecrets() map[watchword.ClientID][]secret.String {
	secrets := map[watchword.ClientID][]secret.String{}
	for _, e := range c.ClientEntries {
		if e.Type != watchword.ClientConfidential {
			continue
		}
		secrets[e.ID] = append(secrets[e.ID], e.Secret)
		if !e.SecretPrevious.IsZero() {
			secrets[e.ID] = append(secrets[e.ID], e.SecretPrevious)
		}
	}
	return secrets
}

// SessionLifetimes are those of clients that say nothing themselves.
func (c Config) SessionLifetimes() watchword.Lifetimes { return c.Lifetimes.ofSessions() }

// Methods are the ways to sign in that a client may list.
func (c Config) Methods() []watchword.Method {
	methods := []watchword.Method{watchword.MethodPassword, watchword.MethodMagicLink, watchword.MethodPasskey}
	for _, p := range c.Providers {
		methods = append(methods, watchword.Method(p.ID))
	}
	return methods
}

func (l Lifetimes) ofSessions() watchword.Lifetimes {
	return watchword.Lifetimes{
		AccessToken:     l.AccessToken,
		RefreshIdle:     l.RefreshIdle,
		RefreshAbsolute: l.RefreshAbsolute,
		RefreshShort:    l.RefreshShort,
		RefreshGrace:    l.RefreshGrace,
	}
}

func (l ClientLifetimes) ofSessions() watchword.Lifetimes {
	return watchword.Lifetimes{
		AccessToken:     l.AccessToken,
		RefreshIdle:     l.RefreshIdle,
		RefreshAbsolute: l.RefreshAbsolute,
		RefreshShort:    l.RefreshShort,
	}
}

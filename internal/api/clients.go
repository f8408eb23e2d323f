package api

import (
	"crypto/subtle"
	"net/url"
	"slices"

	"watchword"
	"watchword/internal/secret"
)

// Clients are the registered client applications. They do not change while the
// server runs.
type Clients struct {
	byID        map[watchword.ClientID]watchword.Client
	defaultID   watchword.ClientID
	secrets     map[watchword.ClientID][][]byte // digests
	origins     map[string]bool
	anyLoopback bool
}

// NewClients indexes the clients; defaultID is who asks where nobody is named,
// secrets are those of the confidential ones.
func NewClients(list []watchword.Client, defaultID watchword.ClientID, secrets map[watchword.ClientID][]secret.String) *Clients {
	c := &Clients{
		byID: map[watchword.ClientID]watchword.Client{}, defaultID: defaultID,
		secrets: map[watchword.ClientID][][]byte{}, origins: map[string]bool{},
	}
	for id, all := range secrets {
		for _, s := range all {
			c.secrets[id] = append(c.secrets[id], secret.Digest(s))
		}
	}
	for _, client := range list {
		c.byID[client.ID] = client
		c.anyLoopback = c.anyLoopback || client.LoopbackOrigins
		for _, o := range client.Origins {
			c.origins[o] = true
		}
	}
	return c
}

// Find is the client of this id.
func (c *Clients) Find(id watchword.ClientID) (watchword.Client, bool) {
	client, ok := c.byID[id]
	return client, ok
}

// Authenticate says whether this is the secret of the confidential client.
func (c *Clients) Authenticate(id watchword.ClientID, given secret.String) bool {
	digest, matches := secret.Digest(given), 0
	for _, one := range c.secrets[id] {
		matches |= subtle.ConstantTimeCompare(one, digest)
	}
	return matches == 1
}

// Asking is who asks by X-Client-Id: the default client where it is empty.
func (c *Clients) Asking(id string) (watchword.Client, error) {
	if id == "" {
		id = string(c.defaultID)
	}
	client, ok := c.Find(watchword.ClientID(id))
	if !ok {
		return watchword.Client{}, errClientNotFound
	}
	return client, nil
}

// Allowed implements web.Origins.
func (c *Clients) Allowed(id watchword.ClientID, origin string) bool {
	if id == "" {
		id = c.defaultID
	}
	client, ok := c.byID[id]
	return ok && (slices.Contains(client.Origins, origin) || client.LoopbackOrigins && loopbackOrigin(origin))
}

// AllowedByAny implements web.Origins.
func (c *Clients) AllowedByAny(origin string) bool {
	return c.origins[origin] || c.anyLoopback && loopbackOrigin(origin)
}

// loopbackOrigin admits http://localhost and http://127.0.0.1 with any port,
// under dev alone.
func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" || u.Scheme+"://"+u.Host != origin {
		return false
	}
	return u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
}

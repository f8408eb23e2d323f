package client

import (
	"context"
	"crypto/subtle"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Settings are the clients that do not come from the database, and what holds for
// those that do.
type Settings struct {
	// Clients win over those of the same id in the database.
	Clients []watchword.Client
	Secrets map[watchword.ClientID][]secret.String
	Default watchword.ClientID // who asks where nobody is named
	// Audience and Lifetimes are those of clients that have none of their own.
	Audience  string
	Lifetimes watchword.Lifetimes
}

// Registry is every client application, in memory: a request asks no database for
// its client. What another node changes is known at the next Reload.
type Registry struct {
	store    *store.Store
	settings Settings
	clock    func() time.Time

	reloading sync.Mutex
	present   atomic.Pointer[snapshot]

	missing  sync.Mutex
	caughtUp time.Time // when it was last read anew for one that was missing
}

// snapshot is never changed, only replaced.
type snapshot struct {
	clients     map[watchword.ClientID]*registered
	origins     map[string]bool // of any client
	anyLoopback bool
	gone        map[watchword.ClientID]bool // ids that were looked for, or known once, and will never be again
}

type registered struct {
	watchword.Client
	secrets []liveSecret
}

type liveSecret struct {
	digest []byte
	end    time.Time // zero: until it is taken back
}

// NewRegistry has the clients of the settings; Reload adds those of the database.
func NewRegistry(s *store.Store, settings Settings, clock func() time.Time) *Registry {
	r := &Registry{store: s, settings: settings, clock: clock}
	r.present.Store(r.snapshot(nil, nil))
	return r
}

// Reload reads the clients of the database. Where that fails, those that were
// known stay: sign-in would end for everybody because a table cannot be read.
func (r *Registry) Reload(ctx context.Context) error { return r.reload(ctx, "") }

// reload is Reload for somebody who has asked for a client; empty: for none.
func (r *Registry) reload(ctx context.Context, asked watchword.ClientID) error {
	// One at a time, or what was read first could be put in place last.
	r.reloading.Lock()
	defer r.reloading.Unlock()
	// Clients first: one that is made in between is missing as a whole, and not
	// there without its secret.
	rows, err := r.store.Read().AllClients(ctx)
	if err != nil {
		return err
	}
	secrets, err := r.store.Read().AllClientSecrets(ctx)
	if err != nil {
		return err
	}
	next := r.snapshot(rows, secrets)
	next.gone = r.present.Load().without(next, asked)
	r.present.Store(next)
	return nil
}

func (r *Registry) snapshot(rows []store.Client, secrets []store.ClientSecret) *snapshot {
	s := &snapshot{clients: make(map[watchword.ClientID]*registered, len(rows)+len(r.settings.Clients)), origins: map[string]bool{}}
	for _, row := range rows {
		s.clients[row.ID] = &registered{Client: r.effective(row.Client)}
	}
	for _, one := range secrets {
		if c, ok := s.clients[one.ClientID]; ok {
			c.secrets = append(c.secrets, liveSecret{one.Digest, one.ExpiresAt})
		}
	}
	for _, c := range r.settings.Clients {
		own := &registered{Client: c}
		for _, text := range r.settings.Secrets[c.ID] {
			own.secrets = append(own.secrets, liveSecret{digest: secret.Digest(text)})
		}
		s.clients[c.ID] = own
	}
	for _, c := range s.clients {
		s.anyLoopback = s.anyLoopback || c.LoopbackOrigins
		for _, origin := range c.Origins {
			s.origins[origin] = true
		}
	}
	return s
}

// effective is a client of the database with what it leaves to the settings.
func (r *Registry) effective(c watchword.Client) watchword.Client {
	if c.Audience == "" {
		c.Audience = r.settings.Audience
	}
	c.Lifetimes = c.Lifetimes.Or(r.settings.Lifetimes)
	return c
}

// inSettings is a client of the settings.
func (r *Registry) inSettings(id watchword.ClientID) (watchword.Client, bool) {
	i := slices.IndexFunc(r.settings.Clients, func(c watchword.Client) bool { return c.ID == id })
	if i < 0 {
		return watchword.Client{}, false
	}
	return r.settings.Clients[i], true
}

// Find is the client of this id.
func (r *Registry) Find(id watchword.ClientID) (watchword.Client, bool) {
	c, ok := r.present.Load().clients[id]
	if !ok {
		return watchword.Client{}, false
	}
	return c.Client, true
}

// Offered says whether some client lets people in by a method.
func (r *Registry) Offered(m watchword.Method) bool {
	for _, c := range r.present.Load().clients {
		if c.Offers(m) {
			return true
		}
	}
	return false
}

// Default is the client that asks where nobody is named.
func (r *Registry) Default() watchword.ClientID { return r.settings.Default }

// Authenticate says whether this is a live secret of the confidential client. A
// secret ends on time even while the database is away.
func (r *Registry) Authenticate(id watchword.ClientID, given secret.String) bool {
	c, ok := r.present.Load().clients[id]
	if !ok || c.Type != watchword.ClientConfidential {
		return false
	}
	now, digest, matches := r.clock(), secret.Digest(given), 0
	// All are compared, so that the time says nothing about which it is.
	for _, one := range c.secrets {
		if one.end.IsZero() || now.Before(one.end) {
			matches |= subtle.ConstantTimeCompare(one.digest, digest)
		}
	}
	return matches == 1
}

// Allowed implements web.Origins.
func (r *Registry) Allowed(id watchword.ClientID, origin string) bool {
	if id == "" {
		id = r.settings.Default
	}
	c, ok := r.present.Load().clients[id]
	return ok && (slices.Contains(c.Origins, origin) || c.LoopbackOrigins && loopbackOrigin(origin))
}

// AllowedByAny implements web.Origins.
func (r *Registry) AllowedByAny(origin string) bool {
	s := r.present.Load()
	return s.origins[origin] || s.anyLoopback && loopbackOrigin(origin)
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

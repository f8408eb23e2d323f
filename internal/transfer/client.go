package transfer

import (
	"context"
	"crypto/sha256"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

// clientLine is a client application of the database; those of the settings move
// with the settings.
type clientLine struct {
	Type         Type                 `json:"type"`
	ID           watchword.ClientID   `json:"id"`
	Name         string               `json:"name"`
	ClientType   watchword.ClientType `json:"client_type"`
	Audience     string               `json:"audience"`
	RedirectURIs []string             `json:"redirect_uris"`
	Origins      []string             `json:"origins"`
	Methods      []watchword.Method   `json:"methods"`
	Lifetimes    clientLifetimes      `json:"lifetimes"`
	Secrets      []clientSecret       `json:"secrets"`
	CreatedAt    moment               `json:"created_at"`
	UpdatedAt    moment               `json:"updated_at"`
}

// clientLifetimes are those of the client's own.
type clientLifetimes struct {
	AccessToken     span `json:"access_token,omitzero"`
	RefreshIdle     span `json:"refresh_idle,omitzero"`
	RefreshAbsolute span `json:"refresh_absolute,omitzero"`
	RefreshShort    span `json:"refresh_short,omitzero"`
}

// clientSecret is the digest of a secret, which opens nothing by itself.
type clientSecret struct {
	Digest    []byte `json:"digest"`
	CreatedAt moment `json:"created_at"`
	ExpiresAt moment `json:"expires_at,omitzero"`
}

// maxSecrets is how many secrets of a client live at once.
const maxSecrets = 2

func clientLineOf(c store.ClientRow) record {
	line := &clientLine{
		Type: TypeClient, ID: c.ID, Name: c.Name, ClientType: c.Client.Type, Audience: c.Audience,
		RedirectURIs: c.RedirectURIs, Origins: c.Origins, Methods: c.Methods,
		Lifetimes: clientLifetimes{
			span(c.Lifetimes.AccessToken), span(c.Lifetimes.RefreshIdle), span(c.Lifetimes.RefreshAbsolute), span(c.Lifetimes.RefreshShort),
		},
		CreatedAt: moment{c.CreatedAt}, UpdatedAt: moment{c.UpdatedAt},
	}
	for _, s := range c.Secrets {
		line.Secrets = append(line.Secrets, clientSecret{s.Digest, moment{s.CreatedAt}, moment{s.ExpiresAt}})
	}
	return line
}

func (l *clientLine) row() store.ClientRow {
	row := store.ClientRow{Client: store.Client{
		Client: watchword.Client{
			ID: l.ID, Name: l.Name, Type: l.ClientType, Audience: l.Audience, RedirectURIs: l.RedirectURIs, Origins: l.Origins, Methods: l.Methods,
			Lifetimes: watchword.Lifetimes{
				AccessToken: time.Duration(l.Lifetimes.AccessToken), RefreshIdle: time.Duration(l.Lifetimes.RefreshIdle),
				RefreshAbsolute: time.Duration(l.Lifetimes.RefreshAbsolute), RefreshShort: time.Duration(l.Lifetimes.RefreshShort),
			},
		},
		CreatedAt: l.CreatedAt.at, UpdatedAt: l.UpdatedAt.at,
	}}
	for _, s := range l.Secrets {
		row.Secrets = append(row.Secrets, store.ClientSecretRow{Digest: s.Digest, CreatedAt: s.CreatedAt.at, ExpiresAt: s.ExpiresAt.at})
	}
	return row
}

func (l *clientLine) id() string { return string(l.ID) }

func (l *clientLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	f.texts(maxText, "name", l.Name, "audience", l.Audience)
	f.must(l.ClientType == watchword.ClientPublic || l.ClientType == watchword.ClientConfidential, "client_type", "not_allowed", "This must be public or confidential.")
	// A code or a token goes where these lead.
	for i, uri := range l.RedirectURIs {
		f.fault(item("redirect_uris", i), watchword.CheckRedirectURI(uri, watchword.PlainHTTPAllowed))
	}
	for i, origin := range l.Origins {
		f.fault(item("origins", i), watchword.CheckOrigin(origin, watchword.PlainHTTPAllowed))
	}
	for i, method := range l.Methods {
		f.text(item("methods", i), string(method), maxText)
		f.word(item("methods", i), string(method))
	}
	f.life("lifetimes.access_token", l.Lifetimes.AccessToken, span(watchword.MaxAccessLife))
	f.life("lifetimes.refresh_idle", l.Lifetimes.RefreshIdle, span(watchword.MaxRefreshLife))
	f.life("lifetimes.refresh_absolute", l.Lifetimes.RefreshAbsolute, span(watchword.MaxRefreshLife))
	f.life("lifetimes.refresh_short", l.Lifetimes.RefreshShort, span(watchword.MaxRefreshLife))
	l.checkSecrets(f)
	f.times(timeField{"created_at", l.CreatedAt}, timeField{"updated_at", l.UpdatedAt})
}

func (l *clientLine) checkSecrets(f *faults) {
	f.must(l.ClientType == watchword.ClientConfidential || len(l.Secrets) == 0, "secrets", "not_allowed", "A public client has none.")
	f.must(len(l.Secrets) <= maxSecrets, "secrets", "too_long", "No more than two live at once.")
	endless := 0
	for i, s := range l.Secrets {
		f.must(len(s.Digest) == sha256.Size, item("secrets", i)+".digest", "invalid", "This must be a SHA-256 digest in base64.")
		f.times(timeField{item("secrets", i) + ".created_at", s.CreatedAt})
		if s.ExpiresAt.IsZero() {
			endless++
		}
	}
	f.must(endless <= 1, "secrets", "not_allowed", "Only the newest has no end.")
}

func item(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

func (l *clientLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportClient(ctx, l.row())
}

func (l *clientLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	row, err := c.ClientRow(ctx, l.ID)
	return clientLineOf(row), err
}

func (l *clientLine) rival(ctx context.Context, c *store.Conn) error {
	for _, s := range l.Secrets {
		_, err := c.ClientOfSecret(ctx, s.Digest)
		if err := free("secrets", err); err != nil {
			return err
		}
	}
	return nil
}

func (l *clientLine) needs() []need { return nil }

func (l *clientLine) brings() []string {
	keys := make([]string, len(l.Secrets))
	for i, s := range l.Secrets {
		keys[i] = "secret " + string(s.Digest)
	}
	return keys
}

package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
)

func TestServeNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	mustFail(t, Sources{Mode: Serve, Environ: []string{"WATCHWORD_DATABASE=postgres://db/w"}},
		"secret: is required with Postgres: every node must have the same; set WATCHWORD_SECRET or WATCHWORD_SECRET_FILE; `openssl rand -base64 32` makes one",
		"public_url: is required: links, cookies and tokens are made from it; set --public-url, WATCHWORD_PUBLIC_URL or public_url in watchword.yaml, such as https://auth.example.com",
		"smtp: is required: sign-up, links and resets go by mail; set --smtp, WATCHWORD_SMTP or smtp in watchword.yaml",
	)
}

func TestServeBlamesNothingOnAFileThatItCouldNotRead(t *testing.T) {
	t.Parallel()
	mustFail(t, Sources{
		Mode: Serve, Environ: []string{"WATCHWORD_LISTEN=x"}, ReadFile: disk{"watchword.yaml": "a: [\n"}.read,
	},
		"WATCHWORD_LISTEN: must be host:port or :port, such as 127.0.0.1:8080",
		"watchword.yaml:1: is not well-formed YAML on this line or near it",
	)
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	const weak = "use a random one; `openssl rand -base64 32` makes one"
	key := "wk_0123456789"
	for name, serve := range map[string]struct {
		environ []string
		flags   Flags
		yaml    string
		want    string
	}{
		"plain http": {
			environ: []string{"WATCHWORD_PUBLIC_URL=http://auth.example.com"},
			want:    "WATCHWORD_PUBLIC_URL: must begin with https://: cookies and tokens would travel in the clear; put a TLS proxy in front and name its URL",
		},
		"plain http on loopback": {
			environ: []string{"WATCHWORD_PUBLIC_URL=http://localhost:8080"},
			want:    "WATCHWORD_PUBLIC_URL: must begin with https://: cookies and tokens would travel in the clear; put a TLS proxy in front and name its URL",
		},
		"a fixed API key": {
			flags: Flags{APIKey: &key},
			want:  "--api-key: is for dev only: a fixed key stays in scripts and shell histories; make keys with `watchword admin keys create`",
		},
		"an open inbox": {
			flags: Flags{AllowRemote: true},
			want:  "--allow-remote: is for dev only; serve listens where --listen says; remove it",
		},
		"a short secret": {
			environ: []string{"WATCHWORD_SECRET=" + goodSecret[:31]},
			want:    "WATCHWORD_SECRET: is shorter than 32 bytes; " + weak,
		},
		"a sample secret": {
			environ: []string{"WATCHWORD_SECRET=Change-Me-Change-Me-Please-0aB9xYz4"},
			want:    "WATCHWORD_SECRET: reads like a sample, not like a secret; " + weak,
		},
		"a secret of one character": {
			environ: []string{"WATCHWORD_SECRET=" + strings.Repeat("x", 40)},
			want:    "WATCHWORD_SECRET: repeats itself; " + weak,
		},
		"a secret of one word again and again": {
			environ: []string{"WATCHWORD_SECRET=" + strings.Repeat("aB3dE6gH9", 4)},
			want:    "WATCHWORD_SECRET: repeats itself; " + weak,
		},
		"a secret of few characters": {
			environ: []string{"WATCHWORD_SECRET=abcabdabeabfabgacbdcebfcgdaebfgcde"},
			want:    "WATCHWORD_SECRET: repeats itself; " + weak,
		},
		"a sample client secret": {
			yaml: "clients: [{id: web, type: confidential, secret: example-" + goodSecret + "}]",
			want: "watchword.yaml:1: clients[0].secret: is short or easy to guess; " + weak,
		},
		"a redirect in the clear": {
			yaml: "clients: [{id: web, redirect_uris: ['http://app.example.com/cb']}]",
			want: "watchword.yaml:1: clients[0].redirect_uris[0]: must be https, or http on a loopback address: codes would travel in the clear",
		},
		"a host that only looks like loopback": {
			yaml: "clients: [{id: web, redirect_uris: ['http://localhost.example.com/cb']}]",
			want: "watchword.yaml:1: clients[0].redirect_uris[0]: must be https, or http on a loopback address: codes would travel in the clear",
		},
		"an origin in the clear": {
			yaml: "clients: [{id: web, origins: ['http://app.example.com']}]",
			want: "watchword.yaml:1: clients[0].origins[0]: must be https, or http on a loopback address: anybody on the way could act in its name",
		},
		"a weak client secret": {
			yaml: "clients: [{id: web, type: confidential, secret: hush}]",
			want: "watchword.yaml:1: clients[0].secret: is short or easy to guess; " + weak,
		},
		"a weak client secret before": {
			yaml: "clients: [{id: web, type: confidential, secret: " + goodSecret + ", secret_previous: hush}]",
			want: "watchword.yaml:1: clients[0].secret_previous: is short or easy to guess; " + weak,
		},
		"a provider in the clear": {
			yaml: "providers: [{id: p, type: oidc, issuer: 'http://localhost:9', client_id: a, client_secret: b}]",
			want: "watchword.yaml:1: providers[0].issuer: must begin with https:// (under dev, http:// on loopback will do)",
		},
		"a provider on this machine": {
			yaml: "providers: [{id: p, type: oidc, issuer: 'https://localhost:9', client_id: a, client_secret: b}]",
			want: "watchword.yaml:1: providers[0].issuer: is not on the internet, where providers are looked for; set private_network: true if it is right",
		},
		"a logo in the clear": {
			yaml: "branding: {logo_url: 'http://localhost/l.png'}",
			want: "watchword.yaml:1: branding.logo_url: must begin with https://: browsers leave others out",
		},
		"a cookie domain elsewhere": {
			yaml: "cookies: {domain: example.org}",
			want: "watchword.yaml:1: cookies.domain: does not cover the host of public_url, so browsers would drop the cookies; use that host or a domain above it, or leave it empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustFail(t, Sources{
				Mode: Serve, Environ: mustServe(serve.environ...), Flags: serve.flags,
				ReadFile: disk{"watchword.yaml": serve.yaml}.read,
			}, serve.want)
		})
	}
}

func TestServeAcceptsWhatIsSafe(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, Sources{
		Mode: Serve, Environ: mustServe("WATCHWORD_SECRET=" + goodSecret),
		ReadFile: disk{"watchword.yaml": strings.Join([]string{
			"clients:",
			"- {id: web, redirect_uris: ['https://app.example.com/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb'], origins: ['https://app.example.com']}",
			"- {id: api, type: confidential, secret: " + otherSecret + ", secret_previous: " + goodSecret + "-2}",
			"mail: {from: no-reply@example.com}",
		}, "\n")}.read,
	})
	if len(c.Warnings) != 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	if got := c.ClientSecrets()["api"]; len(got) != 2 || got[0].Reveal() != otherSecret || got[1].Reveal() != goodSecret+"-2" {
		t.Error("a secret of the client is lost")
	}
}

func TestServeWarns(t *testing.T) {
	t.Parallel()
	off, text := "off", goodSecret
	c := mustLoad(t, Sources{
		Mode: Serve, Flags: Flags{RateLimits: &off, Secret: &text},
		Environ: mustServe("WATCHWORD_LISTEN=:8080", "WATCHWORD_METRICS_LISTEN=0.0.0.0:9100"),
	})
	var keys []string
	for _, w := range c.Warnings {
		keys = append(keys, w.Source+" "+w.Key)
	}
	want := []string{
		"WATCHWORD_METRICS_LISTEN metrics_listen", "--rate-limits rate_limits",
		"WATCHWORD_LISTEN listen", "--secret secret", " mail.from",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestSecretsOfBothGenerations(t *testing.T) {
	t.Parallel()
	mustFail(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_SECRET=" + goodSecret, "WATCHWORD_SECRET_PREVIOUS=" + goodSecret}},
		"WATCHWORD_SECRET_PREVIOUS: is the current secret; unset it, or set the new secret")
	mustFail(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_SECRET=" + goodSecret, "WATCHWORD_SECRET_PREVIOUS=short"}},
		"WATCHWORD_SECRET_PREVIOUS: is shorter than 32 bytes, so it never was a secret of this server")
}

func TestDev(t *testing.T) {
	t.Parallel()
	listen, url, key, short := "0.0.0.0:9999", "https://dev.example.com", "wk_"+goodSecret, "wk_short"
	t.Run("follows the port", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_LISTEN=127.0.0.1:9999"}})
		if c.PublicURL != "http://localhost:9999" || !c.Waitlist.OpenFeatures {
			t.Errorf("public_url %s, open_features %v", c.PublicURL, c.Waitlist.OpenFeatures)
		}
	})
	t.Run("goes beyond loopback only when allowed", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, Sources{Mode: Dev, Flags: Flags{Listen: &listen, AllowRemote: true, PublicURL: &url, APIKey: &key}})
		if !c.AllowRemote {
			t.Error("not allowed")
		}
		mustFail(t, Sources{Mode: Dev, Flags: Flags{Listen: &listen}},
			"--listen: must be a loopback address under dev: the inbox and its links would be open to others; listen on 127.0.0.1, or add --allow-remote")
	})
	t.Run("wants a long API key when others can try it", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Flags: Flags{AllowRemote: true, APIKey: &short}},
			"--api-key: is shorter than 32 characters, too easy to guess with --allow-remote; use a longer one, or leave it out")
		mustLoad(t, Sources{Mode: Dev, Flags: Flags{APIKey: &short}})
	})
	t.Run("refuses what is no API key", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Flags: Flags{APIKey: &url}}, "--api-key: must begin with wk_ and hold no spaces")
	})
	t.Run("needs a secret with Postgres too", func(t *testing.T) {
		t.Parallel()
		_, err := Load(Sources{Mode: Dev, Environ: []string{"WATCHWORD_DATABASE=postgres://db/w"}, ReadFile: disk{}.read})
		if faults := faultsOf(t, err); len(faults) != 1 || faults[0].Key != "secret" {
			t.Errorf("faults: %v", faults)
		}
	})
	t.Run("warns of a weak secret", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_SECRET=" + strings.Repeat("x", 32)}})
		if len(c.Warnings) != 1 || c.Warnings[0].Key != "secret" {
			t.Errorf("warnings: %v", c.Warnings)
		}
	})
}

func TestAToolNeedsNeitherURLNorMailNorSecret(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, Sources{Mode: Tool, Environ: []string{"WATCHWORD_DATABASE=postgres://db/w"}})
	if len(c.Warnings) != 0 || c.PublicURL != "" {
		t.Errorf("warnings %v, public_url %q", c.Warnings, c.PublicURL)
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	sessions := defaults(Serve).Lifetimes.ofSessions()
	t.Run("built in under dev", func(t *testing.T) {
		t.Parallel()
		want := []watchword.Client{{
			ID: "web", Name: "Watchword", Type: watchword.ClientPublic, Audience: "http://localhost:8080",
			Origins: []string{"http://localhost:8080"}, Lifetimes: sessions, LoopbackOrigins: true,
		}}
		if diff := cmp.Diff(want, mustLoad(t, Sources{Mode: Dev}).Clients()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("built in under serve", func(t *testing.T) {
		t.Parallel()
		want := []watchword.Client{{
			ID: "web", Name: "Watchword", Type: watchword.ClientPublic, Audience: "https://auth.example.com",
			Origins: []string{"https://auth.example.com"}, Lifetimes: sessions,
		}}
		if diff := cmp.Diff(want, mustLoad(t, Sources{Mode: Serve, Environ: mustServe()}).Clients()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("as listed, gaps filled", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, Sources{Mode: Serve, Environ: mustServe(), ReadFile: disk{"watchword.yaml": "default_client: b\n" +
			"clients: [{id: a, name: A, audience: urn:a, methods: [password], lifetimes: {refresh_absolute: 300d, refresh_idle: 8d}}, {id: b}]\n" +
			"lifetimes: {access_token: 1m}\n"}.read})
		sessions := sessions
		sessions.AccessToken /= 10
		own := sessions
		own.RefreshAbsolute, own.RefreshIdle = 300*day, 8*day
		want := []watchword.Client{
			{ID: "a", Name: "A", Type: watchword.ClientPublic, Audience: "urn:a", Methods: []watchword.Method{"password"}, Lifetimes: own},
			{ID: "b", Name: "b", Type: watchword.ClientPublic, Audience: "https://auth.example.com", Lifetimes: sessions},
		}
		if diff := cmp.Diff(want, c.Clients()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

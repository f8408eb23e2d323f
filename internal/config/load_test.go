package config

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"watchword"
	"watchword/internal/secret"
)

const (
	goodSecret  = "Zk3vQ8mX1rT6yB9nL4wH7jC2pF5dG0sA"
	otherSecret = "u7Rf2KpX9cVb4NwLq8TzY1mHd6GsJe3A"
)

// disk is the files that a test's sources can read.
type disk map[string]string

func (d disk) read(path string) ([]byte, error) {
	text, found := d[path]
	if !found {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// loadFile loads a settings file of this text, and nothing else.
func loadFile(mode Mode, text string) (Config, error) {
	return Load(Sources{Mode: mode, ReadFile: disk{"watchword.yaml": text}.read})
}

func faultsOf(t *testing.T, err error) Faults {
	t.Helper()
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		t.Fatalf("got error %v, want Faults", err)
	}
	return faults
}

func mustLoad(t *testing.T, s Sources) Config {
	t.Helper()
	if s.ReadFile == nil {
		s.ReadFile = disk{}.read
	}
	c, err := Load(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mustFail loads and wants exactly these faults, as people read them.
func mustFail(t *testing.T, s Sources, want ...string) {
	t.Helper()
	if s.ReadFile == nil {
		s.ReadFile = disk{}.read
	}
	_, err := Load(s)
	if diff := cmp.Diff(strings.Join(want, "\n"), faultsOf(t, err).Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// mustServe is what serve needs besides what a test is about.
func mustServe(extra ...string) []string {
	return append([]string{
		"WATCHWORD_PUBLIC_URL=https://auth.example.com",
		"WATCHWORD_SMTP=smtp://user:pass@mail.example.com:587",
	}, extra...)
}

func TestTheSampleLoadsToItsValues(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("testdata/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := loadFile(Dev, string(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := defaults(Dev)
	want.PublicURL = "http://localhost:8080"
	want.Database = Database{Engine: SQLite, Path: "watchword-data/watchword.db"}
	want.ClientEntries = []ClientEntry{{
		ID: "web", Name: "My app", Type: watchword.ClientPublic,
		RedirectURIs: []string{"http://localhost:3000/callback"},
		Origins:      []string{"http://localhost:3000"},
		Methods:      []watchword.Method{"password", "magic_link", "passkey", "google", "acme"},
	}}
	dots := secret.NewString("…")
	want.Providers = []Provider{
		{ID: "google", Preset: PresetGoogle, ClientID: "…", ClientSecret: dots},
		{
			ID: "acme", Type: ProviderOIDC, Issuer: "https://idp.acme.example", ClientID: "…", ClientSecret: dots,
			Scopes: []string{"openid", "email", "profile"}, TrustEmail: true, EmailDomains: []string{"acme.example"},
		},
		{
			ID: "forge", Type: ProviderOAuth2, ClientID: "…", ClientSecret: dots,
			AuthorizeURL: "https://forge.example/authorize", TokenURL: "https://forge.example/token",
			UserinfoURL: "https://forge.example/user",
			Claims: ClaimNames{
				Subject: "id", Email: "email", EmailVerified: "email_verified", Name: "name", Picture: "avatar_url",
			},
		},
	}
	want.Waitlist = Waitlist{Features: []string{"beta-search"}}
	want.Cookies = Cookies{AccessName: "access_token", RefreshName: "refresh_token"}
	want.TrustedProxies = []netip.Prefix{}
	if diff := cmp.Diff(want, got, comparing()...); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func comparing() []cmp.Option {
	return []cmp.Option{
		cmpopts.IgnoreUnexported(Config{}),
		cmp.Comparer(secret.String.Equal),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		// Config prints itself redacted, so it must be compared field by field.
	}
}

func TestTheDefaultsAreThoseOfTheSample(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("testdata/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := loadFile(Tool, string(sample))
	if err != nil {
		t.Fatal(err)
	}
	// Every value of the sample but these is the default.
	got.ClientEntries, got.Providers, got.Waitlist.Features, got.TrustedProxies = nil, nil, nil, nil
	if diff := cmp.Diff(mustLoad(t, Sources{Mode: Tool}), got, comparing()...); diff != "" {
		t.Errorf("(-default +sample):\n%s", diff)
	}
}

func TestFlagsBeatVariablesBeatTheFileBeatDefaults(t *testing.T) {
	t.Parallel()
	files := disk{"watchword.yaml": "listen: 127.0.0.1:1111\ndata: from-file\npublic_url: http://localhost:1\nlog: {level: debug}\n"}
	environ := []string{"WATCHWORD_LISTEN=127.0.0.1:2222", "WATCHWORD_DATA=from-variable", "HOME=/"}
	listen := "127.0.0.1:3333"
	c := mustLoad(t, Sources{Mode: Dev, Environ: environ, Flags: Flags{Listen: &listen}, ReadFile: files.read})
	for _, got := range []struct{ name, got, want string }{
		{"listen", c.Listen, "127.0.0.1:3333"},
		{"data", c.Data, "from-variable"},
		{"public_url", c.PublicURL, "http://localhost:1"},
		{"log.level", string(c.Log.Level), "debug"},
		{"mail.from", c.Mail.From, "Watchword <no-reply@example.com>"},
		{"database", c.Database.Path, "from-variable/watchword.db"},
	} {
		if got.got != got.want {
			t.Errorf("%s = %q, want %q", got.name, got.got, got.want)
		}
	}
}

func TestAFlagCanEmptyWhatTheFileGives(t *testing.T) {
	t.Parallel()
	files := disk{"watchword.yaml": "redis: redis://cache:6379\n"}
	empty := ""
	c := mustLoad(t, Sources{Mode: Dev, Flags: Flags{Redis: &empty}, ReadFile: files.read})
	if !c.Redis.IsZero() {
		t.Error("redis is still set")
	}
}

func TestEveryNewKeyLoads(t *testing.T) {
	t.Parallel()
	c, err := loadFile(Dev, strings.Join([]string{
		"listen: '[::1]:9000'",
		"public_url: HTTP://Auth.Test:80/",
		"database: postgres://u:p@db.example/watchword",
		"redis: rediss://:p@cache:6379/2",
		"smtp: smtps://u:p%40@mail.example.com",
		"metrics_listen: 127.0.0.1:9100",
		"rate_limits: off",
		"trusted_proxies: [10.0.0.0/8, '2001:db8::/32']",
		"retention: {events: 730d, failures: 1d12h, deleted_users: 30d}",
		"tokens: {algorithm: EdDSA}",
		"signing_keys: {rotate_every: 24h, publish_ahead: 1h}",
		"log: {level: warn}",
		"limits: {sign_in_per_ip: 99/2h}",
	}, "\n"))
	if faults := faultsOf(t, err); len(faults) != 1 || faults[0].Key != "secret" {
		t.Fatalf("faults: %v", faults) // Postgres needs a secret, which no file gives
	}
	if c.Database.Engine != Postgres || c.Database.URL.Reveal() != "postgres://u:p@db.example/watchword" {
		t.Errorf("database = %v", c.Database)
	}
	wantMail := SMTP{Security: ImplicitTLS, Host: "mail.example.com", Port: "465", Username: secret.NewString("u"), Password: secret.NewString("p@")}
	if diff := cmp.Diff(wantMail, c.SMTP, comparing()...); diff != "" {
		t.Errorf("smtp (-want +got):\n%s", diff)
	}
	wantProxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	if diff := cmp.Diff(wantProxies, c.TrustedProxies, comparing()...); diff != "" {
		t.Errorf("trusted_proxies (-want +got):\n%s", diff)
	}
	for _, got := range []struct {
		name      string
		got, want any
	}{
		{"public_url", c.PublicURL, "http://auth.test"},
		{"redis", c.Redis.Reveal(), "rediss://:p@cache:6379/2"},
		{"rate_limits", c.RateLimits, ToggleOff},
		{"retention", c.Retention, Retention{Events: 730 * day, Failures: 36 * time.Hour, DeletedUsers: 30 * day}},
		{"algorithm", c.Tokens.Algorithm, EdDSA},
		{"signing_keys", c.SigningKeys, SigningKeys{RotateEvery: day, PublishAhead: time.Hour}},
		{"level", c.Log.Level.Level().String(), "WARN"},
		{"limit", c.Limits.SignInPerIP, Rate{99, 2 * time.Hour}},
	} {
		if got.got != got.want {
			t.Errorf("%s = %v, want %v", got.name, got.got, got.want)
		}
	}
}

func TestTheSettingsFile(t *testing.T) {
	t.Parallel()
	named := "conf/other.yaml"
	t.Run("is read where a flag names it", func(t *testing.T) {
		t.Parallel()
		files := disk{"watchword.yaml": "data: a", named: "data: b", "third.yaml": "data: c"}
		c := mustLoad(t, Sources{
			Mode: Dev, Flags: Flags{Config: &named}, Environ: []string{"WATCHWORD_CONFIG=third.yaml"}, ReadFile: files.read,
		})
		if c.Data != "b" {
			t.Errorf("data = %q", c.Data)
		}
	})
	t.Run("must exist where a flag names it", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Flags: Flags{Config: &named}}, "--config: names a file that does not exist")
	})
	t.Run("must exist where a variable names it", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_CONFIG=x"}}, "WATCHWORD_CONFIG: names a file that does not exist")
	})
	t.Run("may be missing, empty or all comments", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "\n", "# nothing\n", "---\n", "clients:\n  # - id: web\nsign_up:\n"} {
			if _, err := loadFile(Dev, text); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
	t.Run("must be readable", func(t *testing.T) {
		t.Parallel()
		forbidden := func(string) ([]byte, error) { return nil, fs.ErrPermission }
		mustFail(t, Sources{Mode: Dev, ReadFile: forbidden}, "watchword.yaml: names a file that this user may not read")
	})
}

func TestVariables(t *testing.T) {
	t.Parallel()
	t.Run("each secret can come from a file, its line's end trimmed", func(t *testing.T) {
		t.Parallel()
		files := disk{
			"s": goodSecret + "\n", "p": otherSecret + " \r\n", "m": "smtp://mail.example.com\n",
			"d": "sqlite:x.db\n", "r": "redis://cache\n", "k": "wk_0123\n",
		}
		c := mustLoad(t, Sources{Mode: Dev, ReadFile: files.read, Environ: []string{
			"WATCHWORD_SECRET_FILE=s", "WATCHWORD_SECRET_PREVIOUS_FILE=p", "WATCHWORD_SMTP_FILE=m",
			"WATCHWORD_DATABASE_FILE=d", "WATCHWORD_REDIS_FILE=r", "WATCHWORD_API_KEY_FILE=k",
		}})
		for _, got := range []struct{ name, got, want string }{
			{"secret", c.Secret.Reveal(), goodSecret},
			{"previous", c.SecretPrevious.Reveal(), otherSecret + " "},
			{"smtp", c.SMTP.Host, "mail.example.com"},
			{"database", c.Database.Path, "x.db"},
			{"redis", c.Redis.Reveal(), "redis://cache"},
			{"api_key", c.APIKey.Reveal(), "wk_0123"},
		} {
			if got.got != got.want {
				t.Errorf("%s = %q, want %q", got.name, got.got, got.want)
			}
		}
	})
	t.Run("a value and its file together are a fault", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_SECRET=" + goodSecret, "WATCHWORD_SECRET_FILE=s"}},
			"WATCHWORD_SECRET_FILE: is set together with WATCHWORD_SECRET; unset one of the two")
	})
	t.Run("a file that is missing or empty is a fault", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{
			Mode: Dev, Environ: []string{"WATCHWORD_SECRET_FILE=s", "WATCHWORD_REDIS_FILE=r"}, ReadFile: disk{"s": "\n"}.read,
		},
			"WATCHWORD_REDIS_FILE: names a file that does not exist",
			"WATCHWORD_SECRET_FILE: names a file that is empty")
	})
	t.Run("empty ones count as not set", func(t *testing.T) {
		t.Parallel()
		mustLoad(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_LISTEN=", "WATCHWORD_NONSENSE=", "WATCHWORD_SECRET_FILE="}})
	})
	t.Run("unknown ones are faults", func(t *testing.T) {
		t.Parallel()
		mustFail(t, Sources{Mode: Dev, Environ: []string{"WATCHWORD_LISTN=x", "WATCHWORD_PORT=80", "WATCHWORD_FRUIT_SALAD=x"}},
			"WATCHWORD_FRUIT_SALAD: is not a variable that is known here",
			"WATCHWORD_LISTN: is not a variable that is known here; did you mean WATCHWORD_LISTEN?",
			"WATCHWORD_PORT: is not a variable that is known here")
	})
	t.Run("what Kubernetes sets beside a service of that name is left alone", func(t *testing.T) {
		t.Parallel()
		mustLoad(t, Sources{Mode: Dev, Environ: []string{
			"WATCHWORD_SERVICE_HOST=10.0.0.1", "WATCHWORD_SERVICE_PORT=80", "WATCHWORD_SERVICE_PORT_HTTP=80",
			"WATCHWORD_PORT=tcp://10.0.0.1:80", "WATCHWORD_PORT_80_TCP=tcp://10.0.0.1:80",
			"WATCHWORD_PORT_80_TCP_PROTO=tcp", "WATCHWORD_PORT_80_TCP_PORT=80", "WATCHWORD_PORT_80_TCP_ADDR=10.0.0.1",
			"WATCHWORD_REDIS_SERVICE_HOST=10.0.0.2", "WATCHWORD_REDIS_PORT=tcp://10.0.0.2:6379",
		}})
	})
	t.Run("a fault names the variable or the flag", func(t *testing.T) {
		t.Parallel()
		listen, limits := "nowhere", "maybe"
		mustFail(t, Sources{
			Mode: Dev, Environ: []string{"WATCHWORD_DATABASE=mysql://x", "WATCHWORD_METRICS_LISTEN=9100"},
			Flags: Flags{Listen: &listen, RateLimits: &limits},
		},
			"--listen: must be host:port or :port, such as 127.0.0.1:8080",
			"--rate-limits: must be one of on, off",
			"WATCHWORD_DATABASE: must be sqlite:path/to/file.db or postgres://user:password@host/name",
			"WATCHWORD_METRICS_LISTEN: must be host:port or :port, such as 127.0.0.1:8080")
	})
}

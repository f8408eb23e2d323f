package config

import (
	"net/netip"
	"time"

	"watchword"
	"watchword/internal/secret"
)

// Config holds every setting. The koanf tags are the keys of watchword.yaml;
// what is tagged yaml:"-" is never read from there.
type Config struct {
	Mode Mode `koanf:"-"`

	Listen        string        `koanf:"listen"`     // host:port
	PublicURL     string        `koanf:"public_url"` // an origin: scheme://host[:port]; may be empty for a Tool
	Database      Database      `koanf:"database"`
	Redis         secret.String `koanf:"redis"` // a URL; zero: limits are counted in memory
	SMTP          SMTP          `koanf:"smtp"`
	Data          string        `koanf:"data"`           // folder
	MetricsListen string        `koanf:"metrics_listen"` // host:port; empty: none
	RateLimits    Toggle        `koanf:"rate_limits"`

	Secret         secret.String `koanf:"secret" yaml:"-"`
	SecretPrevious secret.String `koanf:"secret_previous" yaml:"-"`
	APIKey         secret.String `koanf:"api_key" yaml:"-"`      // Dev only
	AllowRemote    bool          `koanf:"allow_remote" yaml:"-"` // Dev only

	Discovery      Discovery          `koanf:"account_discovery"`
	SignUp         SignUp             `koanf:"sign_up"`
	DefaultClient  watchword.ClientID `koanf:"default_client"`
	ClientEntries  []ClientEntry      `koanf:"clients"` // as written; see Clients
	Providers      []Provider         `koanf:"providers"`
	Waitlist       Waitlist           `koanf:"waitlist"`
	Passwords      Passwords          `koanf:"passwords"`
	Lifetimes      Lifetimes          `koanf:"lifetimes"`
	Limits         Limits             `koanf:"limits"`
	Cookies        Cookies            `koanf:"cookies"`
	TrustedProxies []netip.Prefix     `koanf:"trusted_proxies"`
	Mail           Mail               `koanf:"mail"`
	Branding       Branding           `koanf:"branding"`
	Retention      Retention          `koanf:"retention"`
	Tokens         Tokens             `koanf:"tokens"`
	SigningKeys    SigningKeys        `koanf:"signing_keys"`
	Log            Log                `koanf:"log"`

	// Warnings is what is allowed and yet worth saying at every start.
	Warnings []Fault `koanf:"-"`

	trail *trail
}

// SignUp says who may make an account.
type SignUp struct {
	Mode                 SignUpMode `koanf:"mode"`
	RequireVerifiedEmail bool       `koanf:"require_verified_email"` // before the first sign-in
}

// ClientEntry is a client application as watchword.yaml describes it.
type ClientEntry struct {
	ID         watchword.ClientID   `koanf:"id"`
	Name       string               `koanf:"name"`
	Type       watchword.ClientType `koanf:"type"`
	Secret     secret.String        `koanf:"secret"` // also what SecretFile held
	SecretFile string               `koanf:"secret_file"`
	// SecretPrevious is good beside Secret until it is taken out: callers need not
	// all change at the same moment. Also what SecretPreviousFile held.
	SecretPrevious     secret.String      `koanf:"secret_previous"`
	SecretPreviousFile string             `koanf:"secret_previous_file"`
	Audience           string             `koanf:"audience"` // empty: the public URL
	RedirectURIs       []string           `koanf:"redirect_uris"`
	Origins            []string           `koanf:"origins"`
	Methods            []watchword.Method `koanf:"methods"`
	Lifetimes          ClientLifetimes    `koanf:"lifetimes"`
}

// ClientLifetimes are those of one client's sessions; zero: as for all.
type ClientLifetimes struct {
	AccessToken     time.Duration `koanf:"access_token"`
	RefreshIdle     time.Duration `koanf:"refresh_idle"`
	RefreshAbsolute time.Duration `koanf:"refresh_absolute"`
	RefreshShort    time.Duration `koanf:"refresh_short"`
}

// Provider is another server at which users may sign in: a preset, or one
// described by Type and what that type needs.
type Provider struct {
	ID               string        `koanf:"id"`
	Preset           Preset        `koanf:"preset"`
	Type             ProviderType  `koanf:"type"`
	Name             string        `koanf:"name"`
	Issuer           string        `koanf:"issuer"`
	AuthorizeURL     string        `koanf:"authorize_url"`
	TokenURL         string        `koanf:"token_url"`
	UserinfoURL      string        `koanf:"userinfo_url"`
	ClientID         string        `koanf:"client_id"`
	ClientSecret     secret.String `koanf:"client_secret"` // also what ClientSecretFile held
	ClientSecretFile string        `koanf:"client_secret_file"`
	Scopes           []string      `koanf:"scopes"`
	Claims           ClaimNames    `koanf:"claims"`
	TrustEmail       bool          `koanf:"trust_email"`
	EmailDomains     []string      `koanf:"email_domains"`
	// AuthorizeParams are sent along with people, such as hd or kc_idp_hint.
	AuthorizeParams map[string]string `koanf:"authorize_params"`
	PrivateNetwork  bool              `koanf:"private_network"` // it may have private addresses
	Tenant          string            `koanf:"tenant"`          // Microsoft
	TeamID          string            `koanf:"team_id"`         // Apple
	KeyID           string            `koanf:"key_id"`          // Apple
	PrivateKey      secret.String     `koanf:"private_key"`     // Apple, PEM; also what PrivateKeyFile held
	PrivateKeyFile  string            `koanf:"private_key_file"`
}

// ClaimNames says under which names a plain OAuth 2 provider's user info holds what.
type ClaimNames struct {
	Subject       string `koanf:"subject"`
	Email         string `koanf:"email"`
	EmailVerified string `koanf:"email_verified"`
	Name          string `koanf:"name"`
	Picture       string `koanf:"picture"`
}

// Waitlist holds the features that users may wait for.
type Waitlist struct {
	OpenFeatures bool     `koanf:"open_features"` // whoever joins first makes the feature
	Features     []string `koanf:"features"`
}

// Passwords is the policy for new passwords.
type Passwords struct {
	MinLength      int  `koanf:"min_length"` // characters after NFC
	MinScore       int  `koanf:"min_score"`  // 0 to 4
	RequireClasses bool `koanf:"require_classes"`
}

// PasswordMaxLength is the length in characters beyond which no password goes.
const PasswordMaxLength = 128

// Lifetimes says how long what is issued lives.
type Lifetimes struct {
	AccessToken     time.Duration `koanf:"access_token"`
	RefreshIdle     time.Duration `koanf:"refresh_idle"`
	RefreshAbsolute time.Duration `koanf:"refresh_absolute"`
	RefreshShort    time.Duration `koanf:"refresh_short"`
	RefreshGrace    time.Duration `koanf:"refresh_grace"`
	MagicLink       time.Duration `koanf:"magic_link"`
	Reset           time.Duration `koanf:"reset"`
	Verification    time.Duration `koanf:"verification"`
	Invite          time.Duration `koanf:"invite"`
}

// Limits says how often is often enough.
type Limits struct {
	SignInPerIP       Rate `koanf:"sign_in_per_ip"`
	SignUpPerIP       Rate `koanf:"sign_up_per_ip"`
	MailPerAddress    Rate `koanf:"mail_per_address"`
	MailPerIP         Rate `koanf:"mail_per_ip"`
	CheckEmailPerIP   Rate `koanf:"check_email_per_ip"`
	RefreshPerSession Rate `koanf:"refresh_per_session"`
}

// Cookies names the session cookies.
type Cookies struct {
	Domain      string `koanf:"domain"` // empty: this host alone
	AccessName  string `koanf:"access_name"`
	RefreshName string `koanf:"refresh_name"`
}

// Mail says how mails look from outside.
type Mail struct {
	From         string `koanf:"from"` // RFC 5322 mailbox
	TemplatesDir string `koanf:"templates_dir"`
}

// Branding is what pages and mails show.
type Branding struct {
	Name    string `koanf:"name"`
	LogoURL string `koanf:"logo_url"`
	Accent  string `koanf:"accent"` // #rgb or #rrggbb
}

// Retention says how long records are kept.
type Retention struct {
	Events   time.Duration `koanf:"events"`
	Failures time.Duration `koanf:"failures"`
	// DeletedUsers is how long a user whom an administrator deletes can be brought back.
	DeletedUsers time.Duration `koanf:"deleted_users"`
}

// Tokens says how access tokens are signed.
type Tokens struct {
	Algorithm Algorithm `koanf:"algorithm"`
}

// SigningKeys says how signing keys come and go.
type SigningKeys struct {
	RotateEvery  time.Duration `koanf:"rotate_every"`
	PublishAhead time.Duration `koanf:"publish_ahead"` // in the key set before it signs
}

// Log says what is logged.
type Log struct {
	Level LogLevel `koanf:"level"`
}

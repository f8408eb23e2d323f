package upstream

import "watchword/internal/secret"

// Type is how a provider is spoken to.
type Type string

// The types.
const (
	TypeOIDC   Type = "oidc"   // OpenID Connect, by discovery at the issuer
	TypeOAuth2 Type = "oauth2" // OAuth 2.0 with a call for the person's data
)

// Network says where a provider may be.
type Network string

// The networks.
const (
	NetworkPublic   Network = "public"   // the internet: no private, loopback or link-local address
	NetworkPrivate  Network = "private"  // the operator's own as well
	NetworkLoopback Network = "loopback" // this machine as well, in plain http too: development
)

// Settings are a provider as the operator describes it: a preset, or a type and
// what it needs.
type Settings struct {
	ID           string
	Name         string // for people; empty: the preset's, else the id
	Preset       string // name of a preset; empty: none
	Type         Type   // of what is no preset
	Issuer       string
	AuthorizeURL string
	TokenURL     string
	UserinfoURL  string
	ClientID     string
	ClientSecret secret.String
	Scopes       []string // empty: the preset's, else openid email profile for OIDC and none for OAuth 2.0
	Claims       ClaimNames
	// EmailDomains are those for whose addresses the provider's email_verified is
	// proof, "*" for all; nil: for none, beyond what its preset warrants.
	EmailDomains []string
	// AuthorizeParams are sent along with people, such as hd or kc_idp_hint.
	AuthorizeParams map[string]string
	Network         Network
	Tenant          string // Microsoft
	TeamID          string // Apple
	KeyID           string // Apple
	PrivateKey      secret.String
}

// ClaimNames says under which names a provider's answer holds what; a dot leads
// into an object.
type ClaimNames struct {
	Subject       string
	Email         string
	EmailVerified string
	Name          string
	Picture       string
}

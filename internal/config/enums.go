package config

import (
	"log/slog"
	"strings"
)

// Discovery says whether strangers may learn that an address has an account.
type Discovery string

// The two.
const (
	DiscoveryOpen    Discovery = "open"
	DiscoveryPrivate Discovery = "private"
)

// UnmarshalText takes the text if it is one of the constants.
func (d *Discovery) UnmarshalText(text []byte) error {
	return choose(d, text, DiscoveryOpen, DiscoveryPrivate)
}

// SignUpMode says who may sign up.
type SignUpMode string

// The sign-up modes.
const (
	SignUpOpen       SignUpMode = "open"
	SignUpInviteOnly SignUpMode = "invite_only"
	SignUpClosed     SignUpMode = "closed"
)

// UnmarshalText takes the text if it is one of the constants.
func (m *SignUpMode) UnmarshalText(text []byte) error {
	return choose(m, text, SignUpOpen, SignUpInviteOnly, SignUpClosed)
}

// Toggle is something that is on or off.
type Toggle string

// The two.
const (
	ToggleOn  Toggle = "on"
	ToggleOff Toggle = "off"
)

// UnmarshalText takes the text if it is one of the constants.
func (t *Toggle) UnmarshalText(text []byte) error { return choose(t, text, ToggleOn, ToggleOff) }

// Algorithm is a JWS signature algorithm (RFC 7518, RFC 8037).
type Algorithm string

// The algorithms that access tokens may be signed with.
const (
	ES256 Algorithm = "ES256"
	EdDSA Algorithm = "EdDSA"
	RS256 Algorithm = "RS256"
)

// UnmarshalText takes the text if it is one of the constants.
func (a *Algorithm) UnmarshalText(text []byte) error { return choose(a, text, ES256, EdDSA, RS256) }

// LogLevel is the least important level that is logged.
type LogLevel string

// The levels.
const (
	LevelDebug LogLevel = "debug"
	LevelInfo  LogLevel = "info"
	LevelWarn  LogLevel = "warn"
	LevelError LogLevel = "error"
)

// UnmarshalText takes the text if it is one of the constants.
func (l *LogLevel) UnmarshalText(text []byte) error {
	return choose(l, text, LevelDebug, LevelInfo, LevelWarn, LevelError)
}

// Level is the level in slog's terms.
func (l LogLevel) Level() slog.Level {
	switch l {
	case LevelDebug:
		return slog.LevelDebug
	case LevelWarn:
		return slog.LevelWarn
	case LevelError:
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

// ProviderType is how a provider that is no preset is spoken to.
type ProviderType string

// The provider types.
const (
	ProviderOIDC   ProviderType = "oidc"   // OpenID Connect, by discovery at the issuer
	ProviderOAuth2 ProviderType = "oauth2" // plain OAuth 2 with a user info call
)

// UnmarshalText takes the text if it is one of the constants.
func (t *ProviderType) UnmarshalText(text []byte) error {
	return choose(t, text, ProviderOIDC, ProviderOAuth2)
}

// Preset names a provider whose particulars are built in.
type Preset string

// The presets.
const (
	PresetGoogle    Preset = "google"
	PresetGitHub    Preset = "github"
	PresetMicrosoft Preset = "microsoft"
	PresetApple     Preset = "apple"
	PresetGitLab    Preset = "gitlab"
	PresetDiscord   Preset = "discord"
	PresetFacebook  Preset = "facebook"
	PresetLinkedIn  Preset = "linkedin"
	PresetSlack     Preset = "slack"
	PresetBitbucket Preset = "bitbucket"
	PresetTwitch    Preset = "twitch"
	PresetX         Preset = "x"
)

// Presets lists every preset.
func Presets() []Preset {
	return []Preset{
		PresetGoogle, PresetGitHub, PresetMicrosoft, PresetApple, PresetGitLab, PresetDiscord,
		PresetFacebook, PresetLinkedIn, PresetSlack, PresetBitbucket, PresetTwitch, PresetX,
	}
}

// UnmarshalText takes the text if it is one of the constants.
func (p *Preset) UnmarshalText(text []byte) error { return choose(p, text, Presets()...) }

// choose sets into to the choice that text names exactly.
func choose[T ~string](into *T, text []byte, choices ...T) error {
	names := make([]string, len(choices))
	for i, choice := range choices {
		if string(text) == string(choice) {
			*into = choice
			return nil
		}
		names[i] = string(choice)
	}
	return reason("must be one of " + strings.Join(names, ", "))
}

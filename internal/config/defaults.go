package config

import (
	"path/filepath"
	"time"

	"watchword"
)

const day = 24 * time.Hour

// defaults is what holds where nobody says otherwise.
func defaults(mode Mode) Config {
	return Config{
		Mode:          mode,
		Listen:        "127.0.0.1:8080",
		Data:          "watchword-data",
		RateLimits:    ToggleOn,
		Discovery:     DiscoveryOpen,
		SignUp:        SignUp{Mode: SignUpOpen},
		DefaultClient: builtInClient,
		Waitlist:      Waitlist{OpenFeatures: mode == Dev},
		Passwords:     Passwords{MinLength: 10, MinScore: 3},
		Lifetimes: Lifetimes{
			AccessToken:     10 * time.Minute,
			RefreshIdle:     7 * day,
			RefreshAbsolute: 30 * day,
			RefreshShort:    12 * time.Hour,
			RefreshGrace:    30 * time.Second,
			MagicLink:       10 * time.Minute,
			Reset:           30 * time.Minute,
			Verification:    day,
			Invite:          7 * day,
		},
		Limits: Limits{
			SignInPerIP:       Rate{10, time.Minute},
			SignUpPerIP:       Rate{10, time.Hour},
			MailPerAddress:    Rate{5, time.Hour},
			MailPerIP:         Rate{20, time.Hour},
			CheckEmailPerIP:   Rate{10, time.Minute},
			RefreshPerSession: Rate{60, time.Minute},
		},
		Cookies:     Cookies{AccessName: "access_token", RefreshName: "refresh_token"},
		Mail:        Mail{From: "Watchword <no-reply@example.com>"},
		Branding:    Branding{Name: "Watchword", Accent: "#3b5bdb"},
		Retention:   Retention{Events: 365 * day, Failures: 14 * day, DeletedUsers: 7 * day},
		Tokens:      Tokens{Algorithm: ES256},
		SigningKeys: SigningKeys{RotateEvery: 30 * day, PublishAhead: day},
		Log:         Log{Level: LevelInfo},
	}
}

// settle fills what follows from other settings.
func (c *Config) settle() {
	if c.Database.IsZero() {
		c.Database = Database{Engine: SQLite, Path: filepath.Join(c.Data, "watchword.db")}
	}
	if c.PublicURL == "" && c.Mode == Dev {
		// Port 0 has no URL until the socket is open: Validate asks for one.
		if _, port, err := splitListen(c.Listen); err == nil && port != "0" {
			c.PublicURL = "http://localhost:" + port
		}
	}
	if base, err := watchword.ParseWebOrigin(c.PublicURL); err == nil {
		c.PublicURL = base.String()
	}
}

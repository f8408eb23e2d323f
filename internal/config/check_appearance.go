package config

import (
	"net/mail"
	"strings"

	"watchword"
)

// checkAppearance checks what mails and pages show.
func (k *checker) checkAppearance() {
	if _, err := mail.ParseAddress(k.Mail.From); err != nil {
		k.fault("mail.from", `must be one address, such as "My app <no-reply@example.com>"`, "")
	}
	if name := k.Branding.Name; strings.TrimSpace(name) != name || name == "" || len(name) > 100 {
		k.fault("branding.name", "must be 1 to 100 bytes without spaces around", "")
	}
	if !validAccent(k.Branding.Accent) {
		k.fault("branding.accent", `must be a colour such as "#3b5bdb"`, "")
	}
	if logo := k.Branding.LogoURL; logo != "" {
		_, o, err := watchword.ParseWebURL(logo)
		switch {
		case err != nil:
			k.check("branding.logo_url", err)
		case o.Scheme != "https" && (k.Mode == Serve || o.PlainHTTP()):
			k.fault("branding.logo_url", "must begin with https://: browsers leave others out", "")
		}
	}
}

package config

import "watchword"

// checkServe refuses what nobody should put in front of real users.
func (k *checker) checkServe() {
	k.checkServeURL()
	if k.SMTP.IsZero() {
		k.fault("smtp", "is required: sign-up, links and resets go by mail",
			"set --smtp, WATCHWORD_SMTP or smtp in "+defaultFile)
	}
	if !k.APIKey.IsZero() {
		k.fault("api_key", "is for dev only: a fixed key stays in scripts and shell histories",
			"make keys with `watchword admin keys create`")
	}
	if k.AllowRemote {
		k.fault("allow_remote", "is for dev only; serve listens where --listen says", "remove it")
	}
	if k.RateLimits == ToggleOff {
		k.warn("rate_limits", "are OFF: passwords and codes can be guessed without end", "switch them on")
	}
	if host, _, err := splitListen(k.Listen); err == nil && !watchword.LoopbackHost(host) && len(k.TrustedProxies) == 0 {
		k.warn("listen", "is open to other machines, in plain HTTP, and no proxy is trusted",
			"put a TLS proxy in front and name its addresses in trusted_proxies: without, all its users count as one address")
	}
	if at := k.trail.placeOf("secret"); at.source == "--secret" {
		k.warn("secret", "is visible to other users of this machine in the list of processes", "use WATCHWORD_SECRET_FILE")
	}
	if !k.trail.given("mail.from") {
		k.warn("mail.from", "is not set: mails come from an example address", "set mail.from in "+defaultFile)
	}
}

func (k *checker) checkServeURL() {
	if k.PublicURL == "" {
		k.fault("public_url", "is required: links, cookies and tokens are made from it",
			"set --public-url, WATCHWORD_PUBLIC_URL or public_url in "+defaultFile+", such as https://auth.example.com")
		return
	}
	if base, err := watchword.ParseWebOrigin(k.PublicURL); err == nil && base.Scheme != "https" {
		k.fault("public_url", "must begin with https://: cookies and tokens would travel in the clear",
			"put a TLS proxy in front and name its URL")
	}
}

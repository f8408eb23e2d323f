package config

import "strings"

// checkSecrets checks what keys and seals.
func (k *checker) checkSecrets() {
	text := k.Secret.Reveal()
	switch problem := weakness(text); {
	case text == "":
	case len(text) < secretBytes:
		k.fault("secret", "is shorter than 32 bytes", mendSecret)
	case problem != "" && k.Mode == Serve:
		k.fault("secret", problem, mendSecret)
	case problem != "":
		k.warn("secret", problem, mendSecret)
	}
	if text == "" && k.Database.Engine == Postgres && k.Mode != Tool {
		k.fault("secret", "is required with Postgres: every node must have the same", "set WATCHWORD_SECRET or WATCHWORD_SECRET_FILE; "+makeSecret)
	}
	if previous := k.SecretPrevious.Reveal(); previous != "" {
		if len(previous) < secretBytes {
			k.fault("secret_previous", "is shorter than 32 bytes, so it never was a secret of this server", "")
		}
		if k.SecretPrevious.Equal(k.Secret) {
			k.fault("secret_previous", "is the current secret", "unset it, or set the new secret")
		}
	}
	k.checkAPIKey()
}

const (
	makeSecret = "`openssl rand -base64 32` makes one"
	mendSecret = "use a random one; " + makeSecret
)

func (k *checker) checkAPIKey() {
	key := k.APIKey.Reveal()
	switch {
	case key == "":
	case !strings.HasPrefix(key, "wk_") || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		k.fault("api_key", "must begin with wk_ and hold no spaces", "")
	case k.AllowRemote && len(key) < secretBytes:
		k.fault("api_key", "is shorter than 32 characters, too easy to guess with --allow-remote", "use a longer one, or leave it out")
	}
}

// weakness says why a secret is not one; empty where nothing speaks against it.
func weakness(text string) string {
	plain := strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(text))
	for _, sample := range []string{
		"changeme", "changethis", "replaceme", "replacethis", "yoursecret", "mysecret", "supersecret",
		"defaultsecret", "notsecret", "notasecret", "example", "placeholder", "insecure", "password",
		"watchword", "qwerty", "0123456789", "1234567890", "abcdefghijk", "topsecret", "testsecret",
	} {
		if strings.Contains(plain, sample) {
			return "reads like a sample, not like a secret"
		}
	}
	if distinctBytes(text) < 8 || repeats(text) {
		return "repeats itself"
	}
	return ""
}

func distinctBytes(text string) int {
	seen := map[byte]bool{}
	for i := range len(text) {
		seen[text[i]] = true
	}
	return len(seen)
}

// repeats says whether text is one shorter text again and again. Such a text
// turns up in its own double at an offset other than its ends.
func repeats(text string) bool {
	if text == "" {
		return false
	}
	double := text + text
	return strings.Contains(double[1:len(double)-1], text)
}

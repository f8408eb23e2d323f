package config

import (
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/secret"
)

const idSymbols = "abcdefghijklmnopqrstuvwxyz0123456789"

func (k *checker) checkClients() {
	ids := []string{string(builtInClient)}
	if len(k.ClientEntries) > 0 {
		ids = nil
	}
	for i, e := range k.ClientEntries {
		key := item("clients", i)
		if slices.Contains(ids, string(e.ID)) {
			k.fault(key+".id", "is the id of an earlier client too", "ids must differ")
		}
		ids = append(ids, string(e.ID))
		k.checkClient(key, e)
	}
	if !slices.Contains(ids, string(k.DefaultClient)) {
		k.fault("default_client", "names no client", "use the id of one of the clients")
	}
}

func (k *checker) checkClient(key string, e ClientEntry) {
	if !validID(string(e.ID), idSymbols+"ABCDEFGHIJKLMNOPQRSTUVWXYZ._-") {
		k.fault(key+".id", "is required: 1 to 64 letters, digits, dots, - and _, the first a letter or digit", "")
	}
	k.checkText(key+".name", e.Name, 100)
	k.checkText(key+".audience", e.Audience, 255)
	k.checkClientSecret(key, e)
	for i, uri := range e.RedirectURIs {
		k.check(item(key+".redirect_uris", i), watchword.CheckRedirectURI(uri, k.plainHTTP()))
	}
	k.checkTwice(key+".redirect_uris", e.RedirectURIs)
	for i, text := range e.Origins {
		k.check(item(key+".origins", i), watchword.CheckOrigin(text, k.plainHTTP()))
	}
	k.checkTwice(key+".origins", e.Origins)
	k.checkMethods(key+".methods", e.Methods)
	k.checkClientLifetimes(key+".lifetimes", e.Lifetimes)
}

// plainHTTP admits what is sent in the clear under dev, and for tools, which
// serve nobody.
func (k *checker) plainHTTP() watchword.PlainHTTP {
	if k.Mode == Serve {
		return watchword.PlainHTTPRefused
	}
	return watchword.PlainHTTPAllowed
}

// checkClientLifetimes checks a client's own together with those of all, which
// hold for what it leaves out.
func (k *checker) checkClientLifetimes(key string, own ClientLifetimes) {
	for _, d := range []struct {
		name string
		life time.Duration
	}{
		{"access_token", own.AccessToken},
		{"refresh_idle", own.RefreshIdle},
		{"refresh_absolute", own.RefreshAbsolute},
		{"refresh_short", own.RefreshShort},
	} {
		if d.life == 0 && k.trail.given(key+"."+d.name) {
			k.fault(key+"."+d.name, "must be at least 1s", "leave it out for what holds for all clients")
		}
	}
	for _, f := range own.ofSessions().Faults(k.Lifetimes.ofSessions()) {
		k.fault(key+"."+f.Name, f.Reason, "")
	}
}

func (k *checker) checkClientSecret(key string, e ClientEntry) {
	secrets := []clientSecret{
		{"secret", e.Secret, e.SecretFile},
		{"secret_previous", e.SecretPrevious, e.SecretPreviousFile},
	}
	switch e.Type {
	case "", watchword.ClientPublic:
		for _, s := range secrets {
			if s.given() {
				k.fault(key+"."+s.key(), "belongs to confidential clients: a public one cannot keep it",
					"remove it, or set type: confidential")
			}
		}
	case watchword.ClientConfidential:
		if !secrets[0].given() && !k.trail.bad(key+".secret_file") {
			k.fault(key+".secret", "is required for a confidential client", "set secret or secret_file; "+makeSecret)
		}
		for _, s := range secrets {
			if s.given() && k.Mode == Serve && (len(s.value.Reveal()) < secretBytes || weakness(s.value.Reveal()) != "") {
				k.fault(key+"."+s.key(), "is short or easy to guess", mendSecret)
			}
		}
		if !e.SecretPrevious.IsZero() && e.SecretPrevious.Equal(e.Secret) {
			k.fault(key+"."+secrets[1].key(), "is the current secret", "remove it, or set the new secret")
		}
	default:
		k.fault(key+".type", "must be one of public, confidential", "")
	}
}

// clientSecret is a secret of a client, whose value may have come from a file.
type clientSecret struct {
	name  string
	value secret.String
	file  string
}

func (s clientSecret) given() bool { return !s.value.IsZero() || s.file != "" }

// key is where the secret was given.
func (s clientSecret) key() string {
	if s.file != "" {
		return s.name + "_file"
	}
	return s.name
}

// checkMethods keeps a misspelt method from silently switching a way in off.
func (k *checker) checkMethods(key string, methods []watchword.Method) {
	known := methodNames(k.Methods())
	for i, m := range methods {
		if !slices.Contains(known, string(m)) {
			k.fault(item(key, i), "is neither password, magic_link or passkey nor the id of a provider",
				didYouMean(string(m), known))
		}
	}
	k.checkTwice(key, methodNames(methods))
}

func methodNames(methods []watchword.Method) []string {
	all := make([]string, len(methods))
	for i, m := range methods {
		all[i] = string(m)
	}
	return all
}

// checkTwice refuses an item that stands in its list twice.
func (k *checker) checkTwice(key string, items []string) {
	for i, text := range items {
		if text != "" && slices.Contains(items[:i], text) {
			k.fault(item(key, i), "stands in the list twice", "remove one")
		}
	}
}

func (k *checker) checkText(key, text string, most int) {
	if len(text) > most {
		k.fault(key, "is too long", "")
	}
}

// validID takes 1 to 64 of the symbols, the first a letter or digit.
func validID(id, symbols string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, symbols) == "" && !strings.ContainsAny(id[:1], "._-")
}

package config

import (
	"slices"
	"strings"

	"watchword"
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
		k.checkRedirect(item(key+".redirect_uris", i), uri)
	}
	k.checkTwice(key+".redirect_uris", e.RedirectURIs)
	for i, text := range e.Origins {
		k.checkOrigin(item(key+".origins", i), text)
	}
	k.checkTwice(key+".origins", e.Origins)
	k.checkMethods(key+".methods", e.Methods)
}

func (k *checker) checkClientSecret(key string, e ClientEntry) {
	hasSecret := !e.Secret.IsZero() || e.SecretFile != ""
	switch e.Type {
	case "", watchword.ClientPublic:
		if hasSecret {
			k.fault(key+"."+secretKeyOf(e), "belongs to confidential clients: a public one cannot keep it",
				"remove it, or set type: confidential")
		}
	case watchword.ClientConfidential:
		switch {
		case k.trail.bad(key + ".secret_file"): // then there is nothing to look at
		case !hasSecret:
			k.fault(key+".secret", "is required for a confidential client", "set secret or secret_file; "+makeSecret)
		case k.Mode == Serve && (len(e.Secret.Reveal()) < secretBytes || weakness(e.Secret.Reveal()) != ""):
			k.fault(key+"."+secretKeyOf(e), "is short or easy to guess", mendSecret)
		}
	default:
		k.fault(key+".type", "must be one of public, confidential", "")
	}
}

func secretKeyOf(e ClientEntry) string {
	if e.SecretFile != "" {
		return "secret_file"
	}
	return "secret"
}

func (k *checker) checkRedirect(key, uri string) {
	o, err := checkRedirectURI(uri)
	k.check(key, err)
	if err == nil && o.plainHTTP() && k.Mode == Serve {
		k.fault(key, "must be https, or http on a loopback address: codes would travel in the clear", "")
	}
}

func (k *checker) checkOrigin(key, text string) {
	o, err := parseOrigin(text)
	k.check(key, err)
	if err == nil && o.plainHTTP() && k.Mode == Serve {
		k.fault(key, "must be https, or http on a loopback address: anybody on the way could act in its name", "")
	}
}

// checkMethods keeps a misspelt method from silently switching a way in off.
func (k *checker) checkMethods(key string, methods []watchword.Method) {
	known := []string{string(watchword.MethodPassword), string(watchword.MethodMagicLink), string(watchword.MethodPasskey)}
	for _, p := range k.Providers {
		known = append(known, p.ID)
	}
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

package config

import (
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"watchword"
	"watchword/internal/secret"
)

// providerRule says which keys a kind of provider needs, and which it may have
// besides those of all kinds.
type providerRule struct{ needs, may []string }

func ruleFor(p Provider) providerRule {
	switch {
	case p.Type == ProviderOIDC:
		return providerRule{needs: []string{"issuer"}, may: []string{"trust_email", "email_domains", "private_network"}}
	case p.Type == ProviderOAuth2:
		return providerRule{
			needs: []string{"authorize_url", "token_url", "userinfo_url", "claims"},
			may:   []string{"trust_email", "email_domains", "private_network"},
		}
	case p.Preset == PresetMicrosoft:
		return providerRule{may: []string{"tenant", "trust_email", "email_domains"}}
	case p.Preset == PresetApple:
		return providerRule{may: []string{"team_id", "key_id", "private_key", "private_key_file"}}
	case p.Preset == PresetGitLab:
		return providerRule{may: []string{"issuer", "private_network"}} // one's own GitLab
	default:
		return providerRule{}
	}
}

func (k *checker) checkProviders() {
	var ids []string
	for i, p := range k.Providers {
		key := item("providers", i)
		if p.ID != "" && slices.Contains(ids, p.ID) {
			k.fault(key+".id", "is the id of an earlier provider too", "ids must differ")
		}
		ids = append(ids, p.ID)
		k.checkProvider(key, p)
	}
}

func (k *checker) checkProvider(key string, p Provider) {
	k.checkProviderID(key+".id", p.ID)
	k.checkText(key+".name", p.Name, 100)
	switch {
	case k.trail.bad(key+".preset") || k.trail.bad(key+".type"):
		return // its rules are unknown
	case p.Preset == "" && p.Type == "":
		k.fault(key+".preset", "or type is required", "set preset to a known provider, or type to oidc or oauth2")
		return
	case p.Preset != "" && p.Type != "":
		k.fault(key+".type", "is given together with preset", "remove one of the two")
		return
	}
	k.checkProviderKeys(key, p)
	k.checkProviderCredentials(key, p)
	k.checkProviderURLs(key, p)
	k.checkAuthorizeParams(key+".authorize_params", p.AuthorizeParams)
	k.checkProviderTrust(key, p)
	for i, scope := range p.Scopes {
		if !validScope(scope) {
			k.fault(item(key+".scopes", i), "must be visible ASCII without spaces, quotes and backslashes", "")
		}
	}
	k.checkTwice(key+".scopes", p.Scopes)
}

// checkProviderID keeps ids apart from the methods, among which clients list them.
func (k *checker) checkProviderID(key, id string) {
	reserved := []watchword.Method{watchword.MethodPassword, watchword.MethodMagicLink, watchword.MethodPasskey}
	switch {
	case !validID(id, idSymbols+"_-") || len(id) > 32:
		k.fault(key, "is required: 1 to 32 lower-case letters, digits, - and _, the first a letter or digit", "")
	case slices.Contains(reserved, watchword.Method(id)):
		k.fault(key, "is the name of another method", "choose another id")
	}
}

// checkProviderKeys refuses keys without effect: whoever wrote them expects one.
func (k *checker) checkProviderKeys(key string, p Provider) {
	rule, given := ruleFor(p), p.givenKeys()
	known := slices.Concat(rule.needs, rule.may,
		[]string{"id", "preset", "type", "name", "client_id", "client_secret", "client_secret_file", "scopes", "authorize_params"})
	for _, name := range rule.needs {
		if !slices.Contains(given, name) {
			k.fault(key+"."+name, "is required for this kind of provider", "")
		}
	}
	for _, name := range given {
		if !slices.Contains(known, name) {
			k.fault(key+"."+name, "means nothing for this kind of provider", "remove it")
		}
	}
	if p.Type == ProviderOAuth2 && p.Claims != (ClaimNames{}) && p.Claims.Subject == "" {
		k.fault(key+".claims.subject", "is required: the claim that never changes for a user", "")
	}
}

// givenKeys lists the keys that hold anything.
func (p Provider) givenKeys() []string {
	var given []string
	v := reflect.ValueOf(p)
	for _, f := range fieldsOf(v.Type()) {
		held := v.Field(f.index)
		if s, isSecret := held.Interface().(secret.String); isSecret {
			if !s.IsZero() {
				given = append(given, f.name)
			}
		} else if !held.IsZero() && !((held.Kind() == reflect.Slice || held.Kind() == reflect.Map) && held.Len() == 0) {
			given = append(given, f.name)
		}
	}
	return given
}

func (k *checker) checkProviderCredentials(key string, p Provider) {
	if p.ClientID == "" {
		k.fault(key+".client_id", "is required", "the provider gives it where you register this server")
	}
	if !p.ClientSecret.IsZero() || p.ClientSecretFile != "" || k.trail.bad(key+".client_secret_file") {
		return
	}
	if p.Preset != PresetApple {
		k.fault(key+".client_secret", "is required", "set client_secret or client_secret_file")
		return
	}
	// Apple has no fixed secret: it is made from a private key.
	if p.TeamID == "" || p.KeyID == "" || p.PrivateKey.IsZero() && p.PrivateKeyFile == "" {
		k.fault(key+".private_key", "and team_id and key_id are required, or a client_secret made from them", "")
	}
}

func (k *checker) checkProviderURLs(key string, p Provider) {
	for _, one := range []struct{ name, text string }{
		{"issuer", p.Issuer}, {"authorize_url", p.AuthorizeURL}, {"token_url", p.TokenURL}, {"userinfo_url", p.UserinfoURL},
	} {
		if one.text == "" {
			continue
		}
		u, o, err := watchword.ParseWebURL(one.text)
		switch {
		case err != nil:
			k.check(key+"."+one.name, err)
		case o.Scheme != "https" && (k.Mode == Serve || o.PlainHTTP()):
			k.fault(key+"."+one.name, "must begin with https:// (under dev, http:// on loopback will do)", "")
		case one.name == "issuer" && u.RawQuery != "":
			k.fault(key+"."+one.name, "must not have a query", "")
		case !p.PrivateNetwork && k.inside(o.Host):
			k.fault(key+"."+one.name, "is not on the internet, where providers are looked for", "set private_network: true if it is right")
		}
	}
}

// inside says of a host that is written as an address whether it is a private one.
// What names resolve to is looked at when the provider is asked.
func (k *checker) inside(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsPrivate() || watchword.LoopbackHost(host) && k.Mode == Serve
}

// The parameters that a person is sent to a provider with and that are said by
// this server alone: another value would undo what they are for.
var reservedParams = []string{
	"client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
	"code", "code_challenge", "code_challenge_method", "request", "request_uri", "registration", "id_token_hint",
}

// ReservedParams lists them.
func ReservedParams() []string { return slices.Clone(reservedParams) }

func (k *checker) checkAuthorizeParams(key string, params map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		switch {
		case slices.Contains(reservedParams, name):
			k.fault(key+"."+name, "is said by Watchword itself", "remove it")
		case params[name] == "" || len(params[name]) > 500:
			k.fault(key+"."+name, "must be a text of 1 to 500 bytes", "")
		}
	}
}

// checkProviderTrust demands that trust is said outright and is bounded: a
// trusted provider's word gives its users the accounts of those addresses.
func (k *checker) checkProviderTrust(key string, p Provider) {
	switch {
	case p.TrustEmail && len(p.EmailDomains) == 0:
		k.fault(key+".email_domains", "is required with trust_email", `list the domains, or say ["*"] for all`)
	case !p.TrustEmail && len(p.EmailDomains) > 0:
		k.fault(key+".email_domains", "has no effect without trust_email: true", "set it, or remove the domains")
	case p.TrustEmail && p.Preset == PresetMicrosoft && !pinned(p.Tenant):
		k.fault(key+".trust_email", "needs a pinned tenant: any tenant can claim any address", "set tenant to your tenant's id")
	}
	for i, domain := range p.EmailDomains {
		wildcard := domain == "*" && len(p.EmailDomains) == 1 && p.Preset == ""
		if !wildcard && !(watchword.ValidHost(domain) && strings.Contains(domain, ".")) {
			k.fault(item(key+".email_domains", i), `must be a lower-case domain such as example.com, or ["*"] alone`, "")
		}
	}
	k.checkTwice(key+".email_domains", p.EmailDomains)
	if p.Tenant != "" && !watchword.ValidHost(strings.ToLower(p.Tenant)) {
		k.fault(key+".tenant", "must be a tenant's id or domain", "")
	}
}

// pinned says whether a tenant is one organisation. The one with an id here is that
// of all personal accounts.
func pinned(tenant string) bool {
	return !slices.Contains([]string{"", "common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"},
		strings.ToLower(tenant))
}

// validScope follows RFC 6749 §3.3.
func validScope(scope string) bool {
	return scope != "" && len(scope) <= 256 && !strings.ContainsFunc(scope, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	})
}

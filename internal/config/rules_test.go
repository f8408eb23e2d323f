package config

import (
	"strings"
	"testing"
)

// Each row is one rule: a settings file that breaks it and nothing else, and
// the fault, without the file's name.
func TestRules(t *testing.T) {
	t.Parallel()
	const (
		client   = "clients: [{id: web, "
		provider = "providers: [{id: p, client_id: a, client_secret: b, "
		badID    = "is required: 1 to 64 letters, digits, dots, - and _, the first a letter or digit"
		badURL   = "must be an absolute URL that begins with https://"
		badHost  = "must name a host, in ASCII (xn--… for others), and at most a port from 1 to 65535"
		spelling = "must be spelled as browsers send it: lower case, no slash at the end, no default port"
		needsTLS = "must begin with https:// (under dev, http:// on loopback will do)"
		badRate  = string(badRate)
		strange  = "means nothing for this kind of provider; remove it"
	)
	for name, rule := range map[string]struct{ yaml, want string }{
		"listen without port":        {"listen: localhost", "1: listen: must be host:port or :port, such as 127.0.0.1:8080"},
		"listen port too high":       {"listen: 127.0.0.1:65536", "1: listen: must be host:port or :port, such as 127.0.0.1:8080"},
		"listen beyond loopback":     {"listen: ':8080'", "1: listen: must be a loopback address under dev: the inbox and its links would be open to others; listen on 127.0.0.1, or add --allow-remote"},
		"port 0 without URL":         {"listen: 127.0.0.1:0", "public_url: cannot be guessed from port 0; set --public-url"},
		"metrics on the same":        {"metrics_listen: 127.0.0.1:8080", "1: metrics_listen: is the address of the server itself; choose another port, or leave it out and use an API key"},
		"public URL with path":       {"public_url: http://localhost/auth", "1: public_url: must be scheme and host alone, without path or query"},
		"public URL with query":      {"public_url: http://localhost?x", "1: public_url: must be scheme and host alone, without path or query"},
		"public URL fragment":        {"public_url: 'http://localhost#'", "1: public_url: must not have a fragment"},
		"public URL with user":       {"public_url: http://me@localhost", "1: public_url: must not hold a user or password"},
		"public URL not web":         {"public_url: ftp://localhost", "1: public_url: " + badURL},
		"public URL without host":    {"public_url: 'https://:80'", "1: public_url: " + badHost},
		"public URL bad port":        {"public_url: https://a:0", "1: public_url: " + badHost},
		"public URL not ASCII":       {"public_url: https://bücher.example", "1: public_url: " + badHost},
		"data empty":                 {"data: ''", "1: data: must name a folder"},
		"database in memory":         {"database: 'sqlite::memory:'", "1: database: " + string(badDatabasePath)},
		"database with options":      {"database: 'sqlite:x.db?mode=ro'", "1: database: " + string(badDatabasePath)},
		"database by two slashes":    {"database: sqlite://x.db", "1: database: " + string(badDatabasePath)},
		"database slash in password": {"database: 'postgres://u:1/x@db/w'", "1: database: " + string(badPostgresURL)},
		"database fragment":          {"database: 'postgres://u:1#x@db/w'", "1: database: " + string(badPostgresURL)},
		"smtp with path":             {"smtp: smtp://u:1/x@mail", "1: smtp: " + string(badSMTP)},
		"smtp with zone":             {"smtp: 'smtp://[fe80::1%25eth0]'", "1: smtp: " + string(badSMTP)},
		"redis not redis":            {"redis: http://cache", "1: redis: must be redis://user:password@host:port/number, or rediss:// for TLS; percent-encode what is special in the password"},
		"smtp not smtp":              {"smtp: mail.example.com:25", "1: smtp: " + string(badSMTP)},
		"secret not in the file":     {"secret: " + goodSecret, "1: secret: is not a key that is known here"},
		"control characters":         {`data: "a\nb"`, "1: data: must not hold line breaks or other control characters"},

		"proxies all":         {"trusted_proxies: ['::/0']", "1: trusted_proxies[0]: trusts everybody to say where a request comes from, which switches the limits by address off; name your proxies' addresses"},
		"proxies mapped":      {"trusted_proxies: ['::ffff:10.0.0.0/104']", "1: trusted_proxies[0]: never matches: it is an IPv4 range written as IPv6; write it as IPv4"},
		"proxies unmasked":    {"trusted_proxies: [10.0.0.1/8]", "1: trusted_proxies[0]: has bits set beyond its length; name the first address of the range, or a longer length"},
		"cookie name empty":   {"cookies: {access_name: ''}", "1: cookies.access_name: must be 1 to 64 letters, digits, - and _"},
		"cookie name spaces":  {"cookies: {refresh_name: 'a b'}", "1: cookies.refresh_name: must be 1 to 64 letters, digits, - and _"},
		"cookie name taken":   {"cookies: {access_name: __host-csrf_session}", "1: cookies.access_name: is the name of the CSRF cookie; choose another name"},
		"cookie of devices":   {"cookies: {refresh_name: __Host-Device}", "1: cookies.refresh_name: is the name of the cookie that marks known browsers; choose another name"},
		"cookie host prefix":  {"public_url: https://a.example.com\ncookies: {access_name: __Host-a, domain: example.com}", "2: cookies.access_name: begins with __Host-, which browsers accept only without cookies.domain; drop the prefix or the domain"},
		"cookie domain other": {"public_url: https://a.example.com\ncookies: {domain: b.example.com}", "2: cookies.domain: does not cover the host of public_url, so browsers would drop the cookies; use that host or a domain above it, or leave it empty"},
		"cookie domain tail":  {"public_url: https://evilexample.com\ncookies: {domain: example.com}", "2: cookies.domain: does not cover the host of public_url, so browsers would drop the cookies; use that host or a domain above it, or leave it empty"},
		"cookie domain dot":   {"public_url: https://a.example.com\ncookies: {domain: .example.com}", "2: cookies.domain: must be a lower-case domain of at least two labels, without a leading dot"},
		"cookie domain TLD":   {"public_url: https://a.com\ncookies: {domain: com}", "2: cookies.domain: must be a lower-case domain of at least two labels, without a leading dot"},

		"client without id":        {"clients: [{id: web}, {name: x}]", "1: clients[1].id: " + badID},
		"client id with slash":     {"clients: [{id: web}, {id: a/b}]", "1: clients[1].id: " + badID},
		"default client unknown":   {"clients: [{id: app}]", "default_client: names no client; use the id of one of the clients"},
		"default client built in":  {"default_client: app", "1: default_client: names no client; use the id of one of the clients"},
		"client's audience own":    {"clients: [{id: web, audience: web}]", "1: clients[0].audience: is the id of a client: its access tokens would pass for ID tokens; name the API that takes them"},
		"client's audience other":  {"clients: [{id: web, audience: api}, {id: api}]", "1: clients[0].audience: is the id of a client: its access tokens would pass for ID tokens; name the API that takes them"},
		"client type":              {client + "type: secret}]", "1: clients[0].type: must be one of public, confidential"},
		"confidential bare":        {client + "type: confidential}]", "1: clients[0].secret: is required for a confidential client; set secret or secret_file; `openssl rand -base64 32` makes one"},
		"previous alone":           {client + "type: confidential, secret_previous: b}]", "1: clients[0].secret: is required for a confidential client; set secret or secret_file; `openssl rand -base64 32` makes one"},
		"previous is current":      {client + "type: confidential, secret: b, secret_previous: b}]", "1: clients[0].secret_previous: is the current secret; remove it, or set the new secret"},
		"previous and public":      {client + "secret_previous: b}]", "1: clients[0].secret_previous: belongs to confidential clients: a public one cannot keep it; remove it, or set type: confidential"},
		"client access too long":   {client + "lifetimes: {access_token: 25h}}]", "1: clients[0].lifetimes.access_token: must be from 1s to 24h"},
		"client access zero":       {client + "lifetimes: {access_token: 0s}}]", "1: clients[0].lifetimes.access_token: must be at least 1s; leave it out for what holds for all clients"},
		"client for ever":          {client + "lifetimes: {refresh_absolute: 401d}}]", "1: clients[0].lifetimes.refresh_absolute: must be from 1s to 400d"},
		"client idle beyond all's": {client + "lifetimes: {refresh_idle: 31d}}]", "1: clients[0].lifetimes.refresh_idle: must not be longer than refresh_absolute"},
		"client absolute below":    {client + "lifetimes: {refresh_absolute: 1d}}]", "1: clients[0].lifetimes.refresh_absolute: must not be shorter than refresh_idle"},
		"client short beyond":      {client + "lifetimes: {refresh_short: 31d}}]", "1: clients[0].lifetimes.refresh_short: must not be longer than refresh_absolute"},
		"client with a grace":      {client + "lifetimes: {refresh_grace: 1s}}]", "1: clients[0].lifetimes.refresh_grace: is not a key that is known here; did you mean refresh_idle?"},
		"redirect never matched":   {client + "redirect_uris: ['https://a.example/é']}]", "1: clients[0].redirect_uris[0]: must be spelled in the one way that is ever compared: in ASCII, percent-encoded, the scheme in lower case and followed by a path or a host"},
		"redirect opaque":          {client + "redirect_uris: ['com.example.app:in']}]", "1: clients[0].redirect_uris[0]: must be spelled in the one way that is ever compared: in ASCII, percent-encoded, the scheme in lower case and followed by a path or a host"},
		"redirect relative":        {client + "redirect_uris: [/callback]}]", "1: clients[0].redirect_uris[0]: " + badURL},
		"redirect wildcard":        {client + "redirect_uris: ['https://a.example/*']}]", "1: clients[0].redirect_uris[0]: must not hold spaces, backslashes or wildcards"},
		"redirect fragment":        {client + "redirect_uris: ['https://a.example/#']}]", "1: clients[0].redirect_uris[0]: must not have a fragment"},
		"redirect with user":       {client + "redirect_uris: ['https://a@b.example/']}]", "1: clients[0].redirect_uris[0]: must not hold a user or password"},
		"redirect data":            {client + "redirect_uris: ['data:text/html,x']}]", "1: clients[0].redirect_uris[0]: " + badURL},
		"redirect own scheme #":    {client + "redirect_uris: ['com.example.app:/x#y']}]", "1: clients[0].redirect_uris[0]: must not have a fragment, user, space, backslash or wildcard"},
		"redirect own scheme user": {client + "redirect_uris: ['com.example.app://me@x/y']}]", "1: clients[0].redirect_uris[0]: must not have a fragment, user, space, backslash or wildcard"},
		"redirect twice":           {client + "redirect_uris: ['https://a.example/', 'https://a.example/']}]", "1: clients[0].redirect_uris[1]: stands in the list twice; remove one"},
		"origin any":               {client + "origins: ['*']}]", "1: clients[0].origins[0]: " + badURL},
		"origin wildcard":          {client + "origins: ['https://*.a.example']}]", "1: clients[0].origins[0]: must not hold spaces, backslashes or wildcards"},
		"origin null":              {client + "origins: ['null']}]", "1: clients[0].origins[0]: " + badURL},
		"origin upper case":        {client + "origins: ['https://A.example']}]", "1: clients[0].origins[0]: " + spelling},
		"origin default port":      {client + "origins: ['https://a.example:443']}]", "1: clients[0].origins[0]: " + spelling},
		"origin with path":         {client + "origins: ['https://a.example/x']}]", "1: clients[0].origins[0]: must be scheme and host alone, without path or query"},
		"method unknown":           {client + "methods: [telepathy]}]", "1: clients[0].methods[0]: is neither password, magic_link or passkey nor the id of a provider"},
		"method twice":             {client + "methods: [password, password]}]", "1: clients[0].methods[1]: stands in the list twice; remove one"},

		"provider of no kind":   {provider + "}]", "1: providers[0].preset: or type is required; set preset to a known provider, or type to oidc or oauth2"},
		"provider of two kinds": {provider + "preset: google, type: oidc}]", "1: providers[0].type: is given together with preset; remove one of the two"},
		"preset unknown":        {provider + "preset: myspace}]", "1: providers[0].preset: must be one of google, github, microsoft, apple, gitlab, discord, facebook, linkedin, slack, bitbucket, twitch, x"},
		"provider id taken":     {"providers: [{id: password, preset: x, client_id: a, client_secret: b}]", "1: providers[0].id: is the name of another method; choose another id"},
		"provider id case":      {"providers: [{id: Google, preset: google, client_id: a, client_secret: b}]", "1: providers[0].id: is required: 1 to 32 lower-case letters, digits, - and _, the first a letter or digit"},
		"no client id":          {"providers: [{id: p, preset: github, client_secret: b}]", "1: providers[0].client_id: is required; the provider gives it where you register this server"},
		"no client secret":      {"providers: [{id: p, preset: github, client_id: b}]", "1: providers[0].client_secret: is required; set client_secret or client_secret_file"},
		"apple half a key":      {"providers: [{id: p, preset: apple, client_id: b, team_id: t, key_id: k}]", "1: providers[0].private_key: and team_id and key_id are required, or a client_secret made from them"},
		"issuer in the clear":   {provider + "type: oidc, issuer: 'http://idp.example'}]", "1: providers[0].issuer: " + needsTLS},
		"issuer with query":     {provider + "type: oidc, issuer: 'https://idp.example?x=y'}]", "1: providers[0].issuer: must not have a query"},
		"endpoints for oidc":    {provider + "type: oidc, issuer: 'https://i.example', token_url: 'https://i.example/t'}]", "1: providers[0].token_url: " + strange},
		"tenant for google":     {provider + "preset: google, tenant: x}]", "1: providers[0].tenant: " + strange},
		"trust for a preset":    {provider + "preset: github, trust_email: true, email_domains: [a.example]}]", "1: providers[0].trust_email: " + strange + "\nwatchword.yaml:1: providers[0].email_domains: " + strange},
		"trust without domains": {provider + "type: oidc, issuer: 'https://i.example', trust_email: true}]", `1: providers[0].email_domains: is required with trust_email; list the domains, or say ["*"] for all`},
		"domains without trust": {provider + "type: oidc, issuer: 'https://i.example', email_domains: [a.example]}]", "1: providers[0].email_domains: has no effect without trust_email: true; set it, or remove the domains"},
		"domain and wildcard":   {provider + "type: oidc, issuer: 'https://i.example', trust_email: true, email_domains: ['*', a.example]}]", `1: providers[0].email_domains[0]: must be a lower-case domain such as example.com, or ["*"] alone`},
		"domain malformed":      {provider + "type: oidc, issuer: 'https://i.example', trust_email: true, email_domains: ['@a.example']}]", `1: providers[0].email_domains[0]: must be a lower-case domain such as example.com, or ["*"] alone`},
		"microsoft any tenant":  {provider + "preset: microsoft, tenant: Common, trust_email: true, email_domains: [a.example]}]", "1: providers[0].trust_email: needs a pinned tenant: any tenant can claim any address; set tenant to your tenant's id"},
		"microsoft personal":    {provider + "preset: microsoft, tenant: 9188040D-6c67-4c5b-b112-36a304b66dad, trust_email: true, email_domains: [a.example]}]", "1: providers[0].trust_email: needs a pinned tenant: any tenant can claim any address; set tenant to your tenant's id"},
		"microsoft any domain":  {provider + "preset: microsoft, tenant: a.example, trust_email: true, email_domains: ['*']}]", `1: providers[0].email_domains[0]: must be a lower-case domain such as example.com, or ["*"] alone`},
		"parameter reserved":    {provider + "preset: google, authorize_params: {hd: a.example, state: x}}]", "1: providers[0].authorize_params.state: is said by Watchword itself; remove it"},
		"parameter PKCE":        {provider + "preset: google, authorize_params: {code_challenge_method: plain}}]", "1: providers[0].authorize_params.code_challenge_method: is said by Watchword itself; remove it"},
		"parameter empty":       {provider + "preset: google, authorize_params: {hd: ''}}]", "1: providers[0].authorize_params.hd: must be a text of 1 to 500 bytes"},
		"parameter no text":     {provider + "preset: google, authorize_params: {hd: [a]}}]", "1: providers[0].authorize_params.hd: must be a single value"},
		"parameter twice":       {provider + "preset: google, authorize_params: {hd: a, hd: b}}]", "1: providers[0].authorize_params.hd: is given twice, first in line 1; remove one of them"},
		"parameter no name":     {provider + "preset: google, authorize_params: {'a&b': c}}]", "1: providers[0].authorize_params.(unreadable): must be a name of at most 40 letters, - and _"},
		"parameters no mapping": {provider + "preset: google, authorize_params: [hd]}]", "1: providers[0].authorize_params: must be a mapping of names to texts"},
		"private preset":        {provider + "preset: google, private_network: true}]", "1: providers[0].private_network: " + strange},
		"private and plain":     {provider + "type: oidc, issuer: 'http://127.0.0.1:1', private_network: true}]", "1: providers[0].private_network: goes with https:// alone; remove it: under dev loopback needs no leave"},
		"private address":       {provider + "type: oidc, issuer: 'https://10.0.0.1'}]", "1: providers[0].issuer: is not on the internet, where providers are looked for; set private_network: true if it is right"},
		"scope with space":      {provider + "preset: google, scopes: ['a b']}]", "1: providers[0].scopes[0]: must be visible ASCII without spaces, quotes and backslashes"},

		"feature name":         {"waitlist: {features: [Beta]}", "1: waitlist.features[0]: must be 1 to 64 lower-case letters, digits, dots, - and _, the first a letter or digit"},
		"feature twice":        {"waitlist: {features: [a, a]}", "1: waitlist.features[1]: stands in the list twice; remove one"},
		"password too short":   {"passwords: {min_length: 7}", "1: passwords.min_length: must be from 8 to 128"},
		"password too long":    {"passwords: {min_length: 129}", "1: passwords.min_length: must be from 8 to 128"},
		"password score":       {"passwords: {min_score: 5}", "1: passwords.min_score: must be from 0 to 4"},
		"score below":          {"passwords: {min_score: -1}", "1: passwords.min_score: must be from 0 to 4"},
		"number as text":       {"passwords: {min_length: '10'}", "1: passwords.min_length: must be a whole number"},
		"number with fraction": {"passwords: {min_length: 10.0}", "1: passwords.min_length: must be a whole number"},
		"access too long":      {"lifetimes: {access_token: 24h1s}", "1: lifetimes.access_token: must be from 1s to 24h"},
		"access zero":          {"lifetimes: {access_token: 0s}", "1: lifetimes.access_token: must be from 1s to 24h"},
		"access beyond idle":   {"lifetimes: {access_token: 2h, refresh_idle: 1h}", "1: lifetimes.access_token: must not be longer than lifetimes.refresh_idle"},
		"idle beyond absolute": {"lifetimes: {refresh_idle: 31d}", "1: lifetimes.refresh_idle: must not be longer than lifetimes.refresh_absolute"},
		"absolute below idle":  {"lifetimes: {refresh_absolute: 1d}", "1: lifetimes.refresh_absolute: must not be shorter than lifetimes.refresh_idle"},
		"short beyond":         {"lifetimes: {refresh_short: 31d}", "1: lifetimes.refresh_short: must not be longer than lifetimes.refresh_absolute"},
		"absolute for ever":    {"lifetimes: {refresh_absolute: 401d}", "1: lifetimes.refresh_absolute: must be from 1s to 400d"},
		"grace too long":       {"lifetimes: {refresh_grace: 6m}", "1: lifetimes.refresh_grace: must be from 0s to 5m"},
		"magic link too long":  {"lifetimes: {magic_link: 25h}", "1: lifetimes.magic_link: must be from 1s to 24h"},
		"reset too long":       {"lifetimes: {reset: 25h}", "1: lifetimes.reset: must be from 1s to 24h"},
		"verification":         {"lifetimes: {verification: 31d}", "1: lifetimes.verification: must be from 1s to 30d"},
		"invite too long":      {"lifetimes: {invite: 31d}", "1: lifetimes.invite: must be from 1s to 30d"},
		"retention too short":  {"retention: {events: 1h}", "1: retention.events: must be from 1d to 3660d"},
		"deleted too long":     {"retention: {deleted_users: 366d}", "1: retention.deleted_users: must be from 0s to 365d"},
		"failures too long":    {"retention: {failures: 9999d}", "1: retention.failures: must be from 1d to 3660d"},
		"rotation too often":   {"signing_keys: {rotate_every: 30m, publish_ahead: 10m}", "1: signing_keys.rotate_every: must be from 1h to 400d"},
		"ahead of rotation":    {"signing_keys: {rotate_every: 2h}", "1: signing_keys.rotate_every: must not be shorter than signing_keys.publish_ahead"},
		"published at once":    {"signing_keys: {publish_ahead: 0s}", "1: signing_keys.publish_ahead: must be from 10m to 30d"},
		"algorithm none":       {"tokens: {algorithm: none}", "1: tokens.algorithm: must be one of ES256, EdDSA, RS256"},
		"algorithm symmetric":  {"tokens: {algorithm: HS256}", "1: tokens.algorithm: must be one of ES256, EdDSA, RS256"},
		"log level":            {"log: {level: verbose}", "1: log.level: must be one of debug, info, warn, error"},
		"rate without window":  {"limits: {mail_per_ip: 10}", "1: limits.mail_per_ip: " + badRate},
		"rate of none":         {"limits: {mail_per_ip: 0/1m}", "1: limits.mail_per_ip: " + badRate},
		"rate too narrow":      {"limits: {mail_per_ip: 1/1ms}", "1: limits.mail_per_ip: " + badRate},
		"rate too wide":        {"limits: {mail_per_ip: 1/25h}", "1: limits.mail_per_ip: " + badRate},
		"mail from nobody":     {"mail: {from: nobody}", `1: mail.from: must be one address, such as "My app <no-reply@example.com>"`},
		"brand without name":   {"branding: {name: ''}", "1: branding.name: must be 1 to 100 bytes without spaces around"},
		"accent not hex":       {"branding: {accent: '#12345g'}", `1: branding.accent: must be a colour such as "#3b5bdb"`},
		"accent with style":    {"branding: {accent: '#fff;x'}", `1: branding.accent: must be a colour such as "#3b5bdb"`},
		"logo in the clear":    {"branding: {logo_url: 'http://a.example/l.png'}", "1: branding.logo_url: must begin with https://: browsers leave others out"},
		"logo script":          {"branding: {logo_url: 'javascript:x'}", "1: branding.logo_url: " + badURL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadFile(Dev, rule.yaml)
			got := strings.ReplaceAll("\n"+faultsOf(t, err).Error(), "\nwatchword.yaml:", "\n")[1:]
			if want := strings.ReplaceAll(rule.want, "watchword.yaml:", ""); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestYAMLThatIsNoSettings(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]struct{ yaml, want string }{
		"broken":        {"listen: a\nsign_up: {mode: open\nlog: {}\n", "watchword.yaml:1: is not well-formed YAML on this line or near it"},
		"two documents": {"listen: ':1'\n---\ndata: x\n", "watchword.yaml:2: must hold one YAML document; remove everything from this --- on"},
		"broken second": {"listen: ':1'\n---\ndata: [\n", "watchword.yaml:3: is not well-formed YAML on this line or near it"},
		"not UTF-8":     {"data: \xff\n", "watchword.yaml:1: is not well-formed YAML on this line or near it"},
		"a list":        {"- a\n", "watchword.yaml:1: must be a mapping of keys to values"},
		"too large":     {"#" + strings.Repeat(" ", maxFileBytes), "watchword.yaml:1: is larger than 1 MiB"},
		"alias":         {"waitlist: {features: [&a x]}\n", "watchword.yaml:1: waitlist.features[0]: must be written out: anchors, aliases and tags are not understood"},
		"tag":           {"data: !!binary aGk=\n", "watchword.yaml:1: data: must be written out: anchors, aliases and tags are not understood"},
		"merge":         {"<<: {data: x}\n", "watchword.yaml:1: (unreadable): is not a key that is known here"},
		"complex key":   {"? [a, b]\n: c\n", "watchword.yaml:1: (unreadable): is not a key that is known here"},
		"null":          {"branding: {accent: #fff\n}\n", "watchword.yaml:1: branding.accent: has no value: give it one or remove the key (a value that begins with # needs quotes)"},
		"list as value": {"data: [a]\n", "watchword.yaml:1: data: must be a single value"},
		"value as list": {"clients: web\n", "watchword.yaml:1: clients: must be a list"},
		"null client":   {"clients: [{id: web}, ]\nwaitlist: {features: [~]}\n", "watchword.yaml:2: waitlist.features[0]: has no value: give it one or remove the key (a value that begins with # needs quotes)"},
		"unknown deep":  {"providers:\n- id: p\n  preset: google\n  client_id: a\n  client_secret: b\n  claims:\n    email: mail\n    subjct: x\n", "watchword.yaml:7: providers[0].claims: means nothing for this kind of provider; remove it\nwatchword.yaml:8: providers[0].claims.subjct: is not a key that is known here; did you mean subject?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadFile(Dev, file.yaml)
			if got := faultsOf(t, err).Error(); got != file.want {
				t.Errorf("\n got %s\nwant %s", got, file.want)
			}
		})
	}
}

func TestWhatIsRight(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"cookie domain above":     "public_url: https://a.example.com\ncookies: {domain: example.com}",
		"cookie domain itself":    "public_url: https://a.example.com\ncookies: {domain: a.example.com}",
		"cookie host prefix":      "cookies: {access_name: __Host-a, refresh_name: __Host-r}",
		"a client's lifetimes":    "clients: [{id: web, lifetimes: {access_token: 5m, refresh_idle: 40d, refresh_absolute: 400d, refresh_short: 1h}}]",
		"a client's two secrets":  "clients: [{id: web, type: confidential, secret: b, secret_previous: c}]",
		"native app":              "clients: [{id: web, redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/cb', 'http://[::1]/cb']}]",
		"IPv6 origin":             "clients: [{id: web, origins: ['http://[::1]:3000']}]",
		"numeric client id":       "providers: [{id: facebook, preset: facebook, client_id: 1234567890, client_secret: 42}]",
		"apple key":               "providers: [{id: apple, preset: apple, client_id: a, team_id: t, key_id: k, private_key: \"-----BEGIN\\nx\"}]",
		"apple secret":            "providers: [{id: apple, preset: apple, client_id: a, client_secret: b}]",
		"own GitLab":              "providers: [{id: lab, preset: gitlab, issuer: 'https://lab.example', client_id: a, client_secret: b}]",
		"pinned Microsoft":        "providers: [{id: ms, preset: microsoft, tenant: a.example, client_id: a, client_secret: b, trust_email: true, email_domains: [a.example]}]",
		"private provider":        "providers: [{id: p, type: oidc, issuer: 'https://10.0.0.1', private_network: true, client_id: a, client_secret: b}]",
		"private GitLab":          "providers: [{id: lab, preset: gitlab, issuer: 'https://lab.example', private_network: true, client_id: a, client_secret: b}]",
		"parameters":              "providers: [{id: p, preset: google, client_id: a, client_secret: b, authorize_params: {hd: a.example, max_age: 600}}]",
		"no parameters":           "providers: [{id: p, preset: google, client_id: a, client_secret: b, authorize_params: {}}]",
		"provider on loopback":    "providers: [{id: p, type: oidc, issuer: 'http://127.0.0.1:9999', client_id: a, client_secret: b}]",
		"all domains":             "providers: [{id: p, type: oidc, issuer: 'https://i.example', client_id: a, client_secret: b, trust_email: true, email_domains: ['*']}]",
		"no grace":                "lifetimes: {refresh_grace: 0s}",
		"port 0 with URL":         "listen: 127.0.0.1:0\npublic_url: http://localhost:1234",
		"two metrics of port 0":   "listen: 127.0.0.1:0\npublic_url: http://localhost:1\nmetrics_listen: 127.0.0.1:0",
		"confidential with short": "clients: [{id: web, type: confidential, secret: short}]",
		"byte order mark":         "\ufeffdata: x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := loadFile(Dev, text); err != nil {
				t.Error(err)
			}
		})
	}
}

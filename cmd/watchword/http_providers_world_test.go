package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

// abroad is a server whose people also sign in elsewhere: at acme, whose word on
// addresses is proof; at forge, plain OAuth 2.0, whose word is none, and which the
// shop does not offer; and at other, which is trusted for one domain. acme and
// forge are one server, other is another.
type abroad struct {
	*town
	at, other *upstreamtest.Provider
}

const abroadClients = `
rate_limits: "off"
default_client: web
clients:
  - {id: web, name: My app, redirect_uris: ["https://app.example.com/in", "https://app.example.com/in?tab=1", "http://127.0.0.1/in"], origins: ["https://app.example.com"]}
  - {id: shop, name: Shop, redirect_uris: ["https://shop.example.com/in", "shop.example:/in"], origins: ["https://shop.example.com"], methods: [password, acme]}
`

func newAbroad(t *testing.T, engine store.Engine, more string) *abroad {
	t.Helper()
	var at [2]*upstreamtest.Provider
	for i := range at {
		p, err := upstreamtest.Serve(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		at[i] = p
	}
	oidc := func(id, issuer string, domains ...string) map[string]any {
		return map[string]any{
			"id": id, "name": strings.ToUpper(id[:1]) + id[1:], "type": "oidc", "issuer": issuer, "trust_email": true, "email_domains": domains,
			"client_id": upstreamtest.ClientID, "client_secret": upstreamtest.ClientSecret,
		}
	}
	providers := []any{
		oidc("acme", at[0].Issuer(), "*"),
		map[string]any{
			"id": "forge", "name": "Forge", "type": "oauth2", "authorize_url": at[0].AuthorizeURL(), "token_url": at[0].TokenURL(), "userinfo_url": at[0].UserURL(),
			"claims":    map[string]any{"subject": "id", "email": "email", "email_verified": "email_verified", "name": "name", "picture": "avatar_url"},
			"client_id": upstreamtest.ClientID, "client_secret": upstreamtest.ClientSecret,
		},
		oidc("other", at[1].Issuer(), "other.example"),
	}
	text, err := json.Marshal(providers) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	w := &abroad{newTown(t, engine, abroadClients+"providers: "+string(text)+"\n"+more), at[0], at[1]}
	w.at.Clock, w.other.Clock = w.clock.Now, w.clock.Now
	return w
}

// ada is somebody at a provider, who has proven the address there.
func ada() upstreamtest.User {
	return upstreamtest.User{Subject: "7", Email: "ada@example.com", EmailVerified: true, Name: "Ada Lovelace", Picture: "https://pictures.example/ada.png"}
}

// as is somebody else at a provider.
func as(subject, email string) upstreamtest.User {
	return upstreamtest.User{Subject: subject, Email: email, EmailVerified: true}
}

// person is a browser with somebody before it; it follows no redirect.
func (w *abroad) person() *browser {
	b := w.page("Accept", browserAccept)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// The queries of the two modes that lead back to the client's page.
func byCookie() url.Values { return url.Values{"redirect_uri": {appPage}, "state": {"s+1 &2"}} }

func byCode() url.Values {
	return url.Values{
		"client_id": {"web"}, "redirect_uri": {appPage}, "state": {"s+1 &2"}, "response_type": {"code"}, "scope": {"openid email"}, "nonce": {"the client's"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
}

func plus(query url.Values, more ...string) url.Values {
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return query
}

// way is one of the two addresses of the same thing.
type way struct{ authorize, callback string }

var ways = map[string]way{
	"provider first": {"/auth/{provider}/authorize?", "/auth/{provider}/callback"},
	"OAuth":          {"/oauth2/authorize?connection={provider}&", "/oauth2/callback/{provider}"},
}

func (v way) to(provider string, query url.Values) string {
	return strings.ReplaceAll(v.authorize, "{provider}", provider) + query.Encode()
}

// on is a callback as it arrives this way.
func (v way) on(provider, callback string) string {
	_, query, _ := strings.Cut(callback, "?")
	return strings.ReplaceAll(v.callback, "{provider}", provider) + "?" + query
}

// leave is where a browser is sent.
func (b *browser) leave(provider string, query url.Values) string {
	b.w.t.Helper()
	return b.get(ways["provider first"].to(provider, query)).want(b.w.t, 303, "").header.Get("Location")
}

// back is the callback's path and query, once somebody has signed in where a
// browser was sent.
func (w *abroad) back(sent string, who upstreamtest.User) string {
	w.t.Helper()
	at := w.at
	if strings.HasPrefix(sent, w.other.Issuer()) {
		at = w.other
	}
	callback, err := at.Authorize(sent, who)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.here(callback)
}

// come is the whole way.
func (w *abroad) come(b *browser, provider string, query url.Values, who upstreamtest.User, headers ...string) answer {
	w.t.Helper()
	return b.get(w.back(b.leave(provider, query), who), headers...)
}

var namesJSON = []string{"Accept", "application/json"}

// in is the session of somebody who comes by a provider.
func (w *abroad) in(provider string, who upstreamtest.User) answer {
	w.t.Helper()
	return w.come(w.person(), provider, nil, who, namesJSON...).want(w.t, 200, "")
}

// me is what somebody sees of themselves.
func (w *world) me(in answer) answer {
	w.t.Helper()
	return w.as(in, "GET", "/auth/me", "").want(w.t, 200, "")
}

// providersOf are those linked to somebody.
func (a answer) providersOf() (list []string) {
	all, _ := a.body["identities"].([]any)
	for _, one := range all {
		one, _ := one.(map[string]any)
		name, _ := one["provider"].(string)
		list = append(list, name)
	}
	return list
}

// led is where an answer leads, and with what.
func (a answer) led(t *testing.T) (to string, with url.Values) {
	t.Helper()
	to, query, _ := strings.Cut(a.header.Get("Location"), "?")
	with, err := url.ParseQuery(query)
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("%d, leads to %q: %s", a.status, a.header.Get("Location"), a.text)
	}
	return to, with
}

// flowCookies are those of ways to providers that an answer sets or ends.
func (a answer) flowCookies() (list []*http.Cookie) {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if strings.HasPrefix(c.Name, "__Host-flow_") {
			list = append(list, c)
		}
	}
	return list
}

// standing is what a refusal leaves as it is: all but events, and the ways
// themselves.
func (w *world) standing() []string {
	w.t.Helper()
	w.settled() // or a mail would be written down as sent in between
	return slices.DeleteFunc(w.rows(), func(row string) bool {
		return strings.HasPrefix(row, "events: ") || strings.HasPrefix(row, "provider_flows: ")
	})
}

// told are the events of a type, the oldest first.
func (w *world) told(of watchword.EventType) (list []string) {
	w.t.Helper()
	for _, row := range w.rows() {
		if strings.HasPrefix(row, "events: ") && strings.Contains(row, "type="+string(of)+" ") {
			list = append(list, row)
		}
	}
	return list
}

// holdsFlows is how many cookies of ways a browser keeps.
func (b *browser) holdsFlows() (n int) {
	b.w.t.Helper()
	for _, c := range b.client.Jar.Cookies(b.w.request("GET", "/", "").URL) {
		if strings.HasPrefix(c.Name, "__Host-flow_") {
			n++
		}
	}
	return n
}

// cancelled is the callback of somebody who turns away where they were sent.
func (w *abroad) cancelled(sent string) string {
	w.t.Helper()
	callback, err := w.at.Cancel(sent)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.here(callback)
}

// answering changes what people are sent back with.
func answering(change func(parameters url.Values)) upstreamtest.Hooks {
	return upstreamtest.Hooks{Callback: change}
}

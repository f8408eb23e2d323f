package signin_test

import (
	"bytes"
	"net/url"
	"slices"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream"
	"watchword/internal/upstream/upstreamtest"
)

// abroad is a world with three providers, which are one server: acme, whose word
// on addresses is proof; forge, plain OAuth 2.0, whose word is none; and other,
// which is trusted for one domain.
type abroad struct {
	*world
	at *upstreamtest.Provider
}

func newAbroad(w *world) *abroad {
	w.Helper()
	at, err := upstreamtest.Serve(w.Context(), "127.0.0.1:0")
	w.ok(err)
	at.Clock = w.clock.Now
	oidc := upstream.Settings{
		Type: upstream.TypeOIDC, Issuer: at.Issuer(), ClientID: upstreamtest.ClientID, ClientSecret: secret.NewString(upstreamtest.ClientSecret),
		Network: upstream.NetworkLoopback,
	}
	acme, other, forge := oidc, oidc, oidc
	acme.ID, acme.Name, acme.EmailDomains = "acme", "Acme", []string{"*"}
	other.ID, other.EmailDomains = "other", []string{"other.example"}
	forge.ID, forge.Type, forge.Issuer = "forge", upstream.TypeOAuth2, ""
	forge.AuthorizeURL, forge.TokenURL, forge.UserinfoURL = at.AuthorizeURL(), at.TokenURL(), at.UserURL()
	forge.Claims = upstream.ClaimNames{Subject: "id", Email: "email", EmailVerified: "email_verified", Name: "name", Picture: "avatar_url"}
	w.Providers, err = upstream.Open([]upstream.Settings{acme, forge, other}, upstream.Options{Clock: w.clock.Now})
	w.ok(err)
	w.Cleanup(func() {
		w.Providers.Close()
		_ = at.Close()
	})
	return &abroad{w, at}
}

func onEachAbroad(t *testing.T, test func(w *abroad)) {
	t.Helper()
	onEach(t, func(w *world) { test(newAbroad(w)) })
}

// ada is somebody at a provider, who has proven the address there.
func ada() upstreamtest.User {
	return upstreamtest.User{
		Subject: "7", Email: address, EmailVerified: true, Name: "Ada Lovelace", Picture: "https://pictures.example/ada.png",
		Claims: map[string]any{"locale": "de-AT"},
	}
}

// to is the wish to sign in at a provider, with the session in the answer.
func (w *abroad) to(provider string) signin.ProviderStart {
	return signin.ProviderStart{Provider: provider, Client: web(), Locale: "fr", Origin: w.somewhere()}
}

// toCode is the wish to get a code.
func (w *abroad) toCode(provider string) signin.ProviderStart {
	in := w.to(provider)
	in.ResponseType, in.ChallengeMethod, in.Scope, in.Nonce = "code", "S256", "openid email", "the client's"
	in.Return = account.Return{RedirectURI: callback, State: "the client's state", CodeChallenge: challengeOf(verifier)}
	return in
}

// trip is a browser's way to a provider.
type trip struct {
	provider string
	signin.Departure
}

func (w *abroad) begin(in signin.ProviderStart) trip {
	w.Helper()
	d, err := w.BeginProvider(w.Context(), in)
	w.ok(err)
	return trip{in.Provider, d}
}

// with is the return of the browser that began, as the provider has sent it.
func (w *abroad) with(t trip, sent string, err error) signin.ProviderReturn {
	w.Helper()
	w.ok(err)
	u, err := url.Parse(sent)
	w.ok(err)
	q := u.Query()
	return signin.ProviderReturn{
		Provider: t.provider, State: secret.NewString(q.Get("state")), Code: secret.NewString(q.Get("code")), Issuer: q.Get("iss"), Error: q.Get("error"),
		Bound: func(digest []byte) bool { return bytes.Equal(digest, secret.Digest(t.Binding)) },
		Mode:  watchword.SessionBoth, Origin: w.somewhere(),
	}
}

// back is somebody who has signed in at the provider.
func (w *abroad) back(t trip, as upstreamtest.User) signin.ProviderReturn {
	w.Helper()
	sent, err := w.at.Authorize(t.AuthorizeURL, as)
	return w.with(t, sent, err)
}

// come is the whole way.
func (w *abroad) come(in signin.ProviderStart, as upstreamtest.User) (signin.ProviderResult, error) {
	w.Helper()
	return w.FinishProvider(w.Context(), w.back(w.begin(in), as))
}

// in is come for a way that leads in.
func (w *abroad) in(provider string, as upstreamtest.User) signin.ProviderResult {
	w.Helper()
	r, err := w.come(w.to(provider), as)
	w.ok(err)
	return r
}

// identities are a user's, by their providers.
func (w *abroad) identities(user watchword.UserID) (of []string) {
	w.Helper()
	list, err := w.Store.Read().Identities(w.Context(), user)
	w.ok(err)
	for _, i := range list {
		of = append(of, i.Provider)
	}
	return of
}

// tables are those that a refusal must leave as they were.
var tables = []string{
	"users", "emails", "accounts", "memberships", "identities", "sessions", "one_time_tokens", "jobs",
	"invites WHERE accepted_at IS NOT NULL", "one_time_tokens WHERE used_at IS NOT NULL OR voided_at IS NOT NULL",
	"users WHERE password_hash = ''", "emails WHERE verified_at IS NOT NULL", "sessions WHERE revoked_at IS NOT NULL",
}

func (w *abroad) counts() map[string]int {
	w.Helper()
	all := map[string]int{}
	for _, table := range tables {
		all[table] = w.count(table)
	}
	return all
}

// refuses says that an act is refused, leaves nothing but one event that says
// why, and answers that event.
func (w *abroad) refuses(want error, act func() error) watchword.Event {
	w.Helper()
	before, known := w.counts(), w.events(watchword.EventSignInFailed)
	w.is(act(), want)
	for table, n := range w.counts() {
		if n != before[table] {
			w.Errorf("%v: %d rows in %s, were %d", want, n, table, before[table])
		}
	}
	list := slices.DeleteFunc(w.events(watchword.EventSignInFailed), func(e watchword.Event) bool {
		return slices.ContainsFunc(known, func(k watchword.Event) bool { return k.ID == e.ID })
	})
	if len(list) != 1 {
		w.Fatalf("%v: new events %+v", want, list)
	}
	e := list[0]
	if e.Data["reason"] != want.(*watchword.Error).Code || len(e.Data) != 2 || e.ClientID != "web" || e.IP == "" {
		w.Errorf("%v: the event says %+v", want, e)
	}
	return e
}

// finishing is FinishProvider of a return.
func (w *abroad) finishing(in signin.ProviderReturn) func() error {
	return func() error {
		r, err := w.FinishProvider(w.Context(), in)
		if err != nil && (!r.Grant.RefreshToken.IsZero() || !r.Code.IsZero() || r.Linked != nil) {
			w.Errorf("with %v comes %+v", err, r)
		}
		return err
	}
}

// flows are the ways that wait, or are over.
func (w *abroad) flow(t trip) store.ProviderFlow {
	w.Helper()
	u, err := url.Parse(t.AuthorizeURL)
	w.ok(err)
	f, err := w.Store.Read().ProviderFlow(w.Context(), secret.Digest(secret.NewString(u.Query().Get("state"))))
	w.ok(err)
	return f
}

package signin_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// offering is a client that offers these ways in alone.
func offering(methods ...watchword.Method) watchword.Client {
	c := web()
	c.Methods = methods
	return c
}

const site = "https://id.example.com"

func TestMethodsAreWhatTheClientOffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	google := signin.OfferedProvider{
		ID: "google", Name: "Google", Type: upstream.TypeOIDC,
		AuthorizeURL: site + "/auth/google/authorize?client_id=web", CallbackURL: site + "/auth/google/callback",
	}
	acme := signin.OfferedProvider{
		ID: "acme", Name: "Acme & Co", Type: upstream.TypeOIDC,
		AuthorizeURL: site + "/auth/acme/authorize?client_id=web", CallbackURL: site + "/auth/acme/callback",
	}
	forge := signin.OfferedProvider{
		ID: "forge", Name: "Forge", Type: upstream.TypeOAuth2,
		AuthorizeURL: site + "/auth/forge/authorize?client_id=web", CallbackURL: site + "/auth/forge/callback",
	}
	all := signin.Methods{
		SignInURL: site + "/auth/sign-in", SignUpURL: site + "/auth/sign-up", ResetURL: site + "/auth/send-password-reset",
		MagicLinkURL: site + "/auth/send-magic-link", Providers: []signin.OfferedProvider{google, acme, forge},
	}
	for name, c := range map[string]struct {
		client watchword.Client
		mode   signin.SignUpMode
		want   signin.Methods
	}{
		"everything":     {web(), signin.SignUpOpen, all},
		"by invite":      {web(), signin.SignUpInviteOnly, all},
		"no sign-up":     {web(), signin.SignUpClosed, signin.Methods{SignInURL: all.SignInURL, ResetURL: all.ResetURL, MagicLinkURL: all.MagicLinkURL, Providers: all.Providers}},
		"passwords":      {offering("password"), signin.SignUpOpen, signin.Methods{SignInURL: all.SignInURL, SignUpURL: all.SignUpURL, ResetURL: all.ResetURL}},
		"links":          {offering("magic_link"), signin.SignUpOpen, signin.Methods{MagicLinkURL: all.MagicLinkURL}},
		"some providers": {offering("forge", "google"), signin.SignUpOpen, signin.Methods{Providers: []signin.OfferedProvider{google, forge}}},
		"passkeys":       {offering("passkey"), signin.SignUpOpen, signin.Methods{}},
	} {
		w.SignUpMode = c.mode
		c.want.SignUp, c.want.Policy = c.mode, w.Policy
		got, err := w.Methods(signin.MethodsRequest{Client: c.client})
		w.ok(err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestWhatIsGivenGoesAlongToProviders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	token := "otk_" + strings.Repeat("A", 43)
	client := web()
	client.ID = "web+1"
	client.RedirectURIs = append(client.RedirectURIs, "https://app.example.com/cb?next=/a%26b&x=1")
	got, err := w.Methods(signin.MethodsRequest{
		Client: client, RedirectURI: "https://app.example.com/cb?next=/a%26b&x=1", Email: " Ada+x&y@Example.com ", InviteToken: secret.NewString(token),
	})
	w.ok(err)
	for i, p := range providers() {
		u, err := url.Parse(got.Providers[i].AuthorizeURL)
		w.ok(err)
		want := url.Values{
			"client_id": {"web+1"}, "redirect_uri": {"https://app.example.com/cb?next=/a%26b&x=1"},
			"login_hint": {"ada+x&y@example.com"}, "invite_token": {token},
		}
		if diff := cmp.Diff(want, u.Query()); diff != "" || u.Scheme+"://"+u.Host+u.Path != site+"/auth/"+p.ID+"/authorize" {
			t.Errorf("%s:\n%s", u, diff)
		}
	}
}

func TestWhatNoProviderWouldTakeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	for name, c := range map[string]struct {
		in   signin.MethodsRequest
		want error
	}{
		"a page that is not listed": {signin.MethodsRequest{RedirectURI: "https://evil.example.com/cb"}, account.ErrRedirectNotAllowed},
		"a script":                  {signin.MethodsRequest{RedirectURI: "javascript:alert(1)"}, account.ErrRedirectNotAllowed},
		"no address":                {signin.MethodsRequest{Email: "ada"}, account.ErrAddress},
		"no token":                  {signin.MethodsRequest{InviteToken: secret.NewString("otk_x")}, account.ErrTokenInvalid},
	} {
		c.in.Client = web()
		if _, err := w.Methods(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package upstream

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/config"
	"watchword/internal/upstream/upstreamtest"
)

// sentTo is where somebody is sent, taken apart.
func sentTo(t *testing.T, p *Provider, d Departure) (endpoint string, query url.Values) {
	t.Helper()
	target, err := p.AuthorizeURL(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	query = u.Query()
	u.RawQuery = ""
	return u.String(), query
}

// challenge is S256 of the verifier of departure.
const challenge = "jkSUbsIWercN34o6z_UofVHzn9y1B_8w7DPNLQPfGtM"

func TestPeopleAreSentWithWhatProtectsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	endpoint, query := sentTo(t, w.open(t, w.oidc()), departure())
	want := url.Values{
		"client_id": {upstreamtest.ClientID}, "redirect_uri": {callbackURL}, "response_type": {"code"},
		"scope": {"openid email profile"}, "state": {"the-state"}, "nonce": {"the-nonce"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, query); endpoint != w.AuthorizeURL() || diff != "" {
		t.Errorf("%s\n%s", endpoint, diff)
	}
	s := w.oauth2()
	_, query = sentTo(t, w.open(t, s), departure())
	delete(want, "scope")
	delete(want, "nonce")
	if diff := cmp.Diff(want, query); diff != "" {
		t.Error(diff)
	}
}

func TestTheEndpointsOwnQueryIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oauth2()
	s.AuthorizeURL += "?tenant=7&state=fixed&client_id=other&nonce=n&scope=all&request_uri=https://evil.example&response_mode=fragment"
	s.AuthorizeParams = map[string]string{"audience": "https://api.example", "prompt": "select_account", "login_hint": "somebody"}
	s.Scopes = []string{"user", "user:email"}
	p := w.open(t, s)
	want := url.Values{
		"tenant": {"7"}, "audience": {"https://api.example"}, "prompt": {"select_account"}, "login_hint": {"somebody"},
		"client_id": {upstreamtest.ClientID}, "redirect_uri": {callbackURL}, "response_type": {"code"},
		"scope": {"user user:email"}, "state": {"the-state"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	endpoint, query := sentTo(t, p, departure())
	if diff := cmp.Diff(want, query); endpoint != w.AuthorizeURL() || diff != "" {
		t.Errorf("%s\n%s", endpoint, diff)
	}
	d := departure()
	d.Prompt, d.LoginHint = "login", "ada@acme.example"
	want["prompt"], want["login_hint"] = []string{"login"}, []string{"ada@acme.example"}
	if _, query := sentTo(t, p, d); !cmp.Equal(want, query) {
		t.Error(cmp.Diff(want, query))
	}
}

func TestScopesOfOpenIDConnectAlwaysSaySo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, scopes := range map[string][]string{
		"openid email profile": nil,
		"openid email":         {"email"},
		"email openid":         {"email", "openid"},
	} {
		s := w.oidc()
		s.Scopes = scopes
		if _, query := sentTo(t, w.open(t, s), departure()); query.Get("scope") != want {
			t.Errorf("%v becomes %s", scopes, query.Get("scope"))
		}
	}
}

func TestPKCEIsLeftOutOnlyWhereS256IsKnownNotToWork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		methods any
		want    bool
	}{
		"announced":     {[]string{"plain", "S256"}, true},
		"not announced": {nil, true},
		"plain alone":   {[]string{"plain"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) {
				if delete(d, "code_challenge_methods_supported"); test.methods != nil {
					d["code_challenge_methods_supported"] = test.methods
				}
			}})
			p := w.open(t, w.oidc())
			if _, query := sentTo(t, p, departure()); query.Has("code_challenge") != test.want {
				t.Errorf("a challenge is sent: %t", !test.want)
			}
			w.believed(t, p, ada)
		})
	}
}

func TestOpenNamesWhatItCannotWorkWith(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Settings{
		"provider a: the type is unknown":                                  {ID: "a"},
		"provider b: the preset is unknown":                                {ID: "b", Preset: "myspace"},
		"provider c: " + errURL.Error():                                    {ID: "c", Type: TypeOIDC, Issuer: "http://idp.example"},
		"provider d: " + errAddress.Error():                                {ID: "d", Type: TypeOIDC, Issuer: "https://10.0.0.1"},
		"provider e: " + errURL.Error() + "":                               {ID: "e", Type: TypeOAuth2, AuthorizeURL: "https://a.example", TokenURL: "https://a.example"},
		"provider f: the parameter state is not to be set":                 {ID: "f", Type: TypeOIDC, Issuer: "https://a.example", AuthorizeParams: map[string]string{"state": "x"}},
		"provider g: the parameter code_challenge_method is not to be set": {ID: "g", Type: TypeOIDC, Issuer: "https://a.example", AuthorizeParams: map[string]string{"code_challenge_method": "plain"}},
	} {
		if _, err := Open([]Settings{s}, Options{}); err == nil || err.Error() != want {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestProvidersAreFoundInTheOrderOfTheSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.oidc(), w.oauth2()
	first.Name, second.ID = "The Acme", "forge"
	all, err := Open([]Settings{first, second}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.Close)
	var got []string
	for _, p := range all.All() {
		got = append(got, p.ID, p.Name, string(p.Type))
	}
	if diff := cmp.Diff([]string{"acme", "The Acme", "oidc", "forge", "forge", "oauth2"}, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := all.Find("nobody"); ok {
		t.Error("a provider is found that is not there")
	}
	if len(w.Requests()) != 0 {
		t.Error("the provider is asked before anybody wants to sign in")
	}
}

// The settings refuse by a list of their own, so that the fault has its line.
func TestTheSettingsRefuseWhatIsReserved(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(reservedParams, config.ReservedParams()); diff != "" {
		t.Error(diff)
	}
}

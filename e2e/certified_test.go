package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watchword/e2e/certified"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const (
	knownAs = "watchword" // at the provider
	knownBy = "the secret of Watchword at the provider"
	pkce    = "a-verifier-is-43-to-128-characters-of-base64url"
	leadsTo = "http://localhost:9/in" // nobody listens there: nobody is to go there
)

// public is the URL that a development server says it is known under.
func (i *install) public() string { return fmt.Sprintf("http://localhost:%d", i.port) }

// settings writes a watchword.yaml for the installation.
func (i *install) settings(text string) *install {
	i.t.Helper()
	file := filepath.Join(i.dir, "watchword.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	i.run.args = append(i.run.args, "--config", file)
	return i
}

// provider is an entry of the settings for one that is found by its issuer.
func provider(id, issuer, more string) string {
	return fmt.Sprintf("  - {id: %s, type: oidc, issuer: %q, client_id: %s, client_secret: %q%s}\n", id, issuer, knownAs, knownBy, more)
}

// atCertified is a development server at which people sign in by the certified
// provider, whose word is taken for addresses of example.com.
func atCertified(t *testing.T, engine store.Engine, more string) (*install, string) {
	t.Helper()
	i := devInstall(t).on(engine)
	issuer := certified.Start(t, certified.Client{ID: knownAs, Secret: knownBy, RedirectURIs: []string{i.public() + "/auth/acme/callback"}})
	return i.settings("providers:\n" + provider("acme", issuer, ", trust_email: true, email_domains: [example.com]") + more), issuer
}

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// wanting is the query of a request for a code.
func wanting(scope string) string {
	return url.Values{
		"response_type": {"code"}, "redirect_uri": {leadsTo}, "state": {"the client's own"}, "scope": {scope}, "nonce": {"once"},
		"code_challenge": {s256(pkce)}, "code_challenge_method": {"S256"},
	}.Encode()
}

// exchange gives a code for tokens.
func (c *caller) exchange(t *testing.T, landed string) answer {
	t.Helper()
	back, err := url.Parse(landed)
	if err != nil || !strings.HasPrefix(landed, leadsTo+"?") {
		t.Fatalf("led to %q (%v)", landed, err)
	}
	query := back.Query()
	if query.Get("state") != "the client's own" || query.Get("iss") == "" {
		t.Fatalf("came back with %v", query)
	}
	response, err := c.client.PostForm(c.url+"/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"web"}, "redirect_uri": {leadsTo}, "code": {query.Get("code")}, "code_verifier": {pkce},
	})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) answer {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

func TestPeopleSignInAtACertifiedProvider(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		i, issuer := atCertified(t, engine, "")
		s := i.start()
		ada := certified.NewPerson(t, "ada@example.com")
		tokens := s.exchange(t, ada.Travel(t, i.public()+"/oauth2/authorize?connection=acme&"+wanting("openid email profile"), leadsTo).URL).want(t, 200, "")
		me := s.get("/auth/me", bearer(tokens)...).want(t, 200, "")
		first := me.str("user", "id")
		if me.str("user", "email") != "ada@example.com" || !strings.Contains(me.text, `"email_verified":true`) || !strings.Contains(me.text, issuer) || tokens.str("id_token") == "" {
			t.Errorf("%s\n%s", me.text, tokens.text)
		}
		again := s.exchange(t, ada.Travel(t, i.public()+"/auth/acme/authorize?"+wanting("openid"), leadsTo).URL).want(t, 200, "")
		if who := s.get("/auth/me", bearer(again)...).str("user", "id"); who != first {
			t.Errorf("came back as %s, not %s", who, first)
		}
		// Unproven addresses are nobody's key: not while they are free, and not once they are somebody's.
		shady := certified.NewPerson(t, "unverified@example.com")
		made := s.exchange(t, shady.Travel(t, i.public()+"/auth/acme/authorize?"+wanting("openid"), leadsTo).URL).want(t, 200, "")
		if me := s.get("/auth/me", bearer(made)...); !strings.Contains(me.text, `"email_verified":false`) {
			t.Error(me.text)
		}
		s.post("/auth/sign-up", credentials("unverified-too@example.com")).want(t, 201, "")
		landed := certified.NewPerson(t, "unverified-too@example.com").Travel(t, i.public()+"/auth/acme/authorize?"+wanting("openid"), leadsTo)
		if landed.Status != 409 {
			t.Errorf("an unproven address of somebody led to %+v", landed)
		}
		s.stop()
	})
}

// A Watchword is a provider like another: people come through two of them.
func TestAWatchwordIsAProviderForAnother(t *testing.T) {
	t.Parallel()
	near := devInstall(t)
	far, _ := atCertified(t, store.SQLite, fmt.Sprintf(`clients:
  - {id: web}
  - {id: %s, name: The other one, type: confidential, secret: %q, redirect_uris: ["http://127.0.0.1:%d/auth/far/callback"]}
`, knownAs, knownBy, near.port))
	provides := far.start()
	near.run.args = append(near.run.args, "--public-url", "http://"+near.address())
	near.settings("providers:\n" + provider("far", far.public(), `, trust_email: true, email_domains: ["*"], authorize_params: {connection: acme}`))
	s := near.start()

	ada := certified.NewPerson(t, "ada@example.com")
	tokens := s.exchange(t, ada.Travel(t, s.url+"/auth/far/authorize?"+wanting("openid email"), leadsTo).URL).want(t, 200, "")
	me := s.get("/auth/me", bearer(tokens)...).want(t, 200, "")
	if me.str("user", "email") != "ada@example.com" || !strings.Contains(me.text, `"email_verified":true`) || !strings.Contains(me.text, `"issuer":"`+far.public()+`"`) {
		t.Error(me.text)
	}
	again := s.exchange(t, ada.Travel(t, s.url+"/auth/far/authorize?"+wanting("openid"), leadsTo).URL).want(t, 200, "")
	if who := s.get("/auth/me", bearer(again)...).str("user", "id"); who != me.str("user", "id") {
		t.Errorf("came back as %s", who)
	}
	s.stop()
	provides.stop()
}

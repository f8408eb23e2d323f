package token_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

func ada() watchword.User {
	return watchword.User{
		ID: "usr_1", Email: "ada@example.com", EmailVerified: true, Name: "Ada", Picture: "https://example.com/ada.png", Locale: "en",
	}
}

func id(scope string) token.ID {
	return token.ID{
		Issuer: issuer, Subject: "usr_1", Audience: "web", Expires: 1800000600, IssuedAt: 1800000000, AuthTime: 1700000000,
		AMR: []watchword.AMR{watchword.AMRProvider}, SessionID: "ses_1", Person: token.PersonOf(ada(), scope),
	}
}

func signID(tb testing.TB, keys *token.Keys, id token.ID, access secret.String) secret.String {
	tb.Helper()
	text, err := keys.SignID(id, access)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// The access token of OpenID Connect Core's examples, with the hash given there.
var (
	coreAccess = secret.NewString("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")
	coreHash   = "77QmUPtjPfzWtF2AnpK9RQ"
)

func TestAnIDTokenSaysExactlyThis(t *testing.T) {
	t.Parallel()
	keys := openKeys(t, jose.ES256, storetest.NewClock())
	full := id("openid email profile")
	full.Nonce = "n-0S6_WzA2Mj"
	for want, id := range map[string]token.ID{
		`{"iss":"https://id.example.com","sub":"usr_1","aud":"web","exp":1800000600,"iat":1800000000,"auth_time":1700000000,` +
			`"nonce":"n-0S6_WzA2Mj","at_hash":"` + coreHash + `","amr":["fed"],"sid":"ses_1","email":"ada@example.com","email_verified":true,` +
			`"name":"Ada","picture":"https://example.com/ada.png","locale":"en"}`: full,
		`{"iss":"https://id.example.com","sub":"usr_1","aud":"web","exp":1800000600,"iat":1800000000,"auth_time":1700000000,` +
			`"at_hash":"` + coreHash + `","amr":["fed"],"sid":"ses_1"}`: id("openid"),
	} {
		text := signID(t, keys, id, coreAccess)
		if got := part(t, text, 1); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		want = `{"alg":"ES256","kid":"` + published(keys)[0] + `","typ":"JWT"}`
		if got := part(t, text, 0); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAPersonIsToldByScope(t *testing.T) {
	t.Parallel()
	nobody, unproven := watchword.User{ID: "usr_2"}, ada()
	unproven.EmailVerified = false
	for _, c := range []struct {
		user  watchword.User
		scope string
		want  string
	}{
		{ada(), "", `{}`},
		{ada(), "openid", `{}`},
		{ada(), "openid email", `{"email":"ada@example.com","email_verified":true}`},
		{unproven, "openid email", `{"email":"ada@example.com","email_verified":false}`},
		{ada(), "openid profile", `{"name":"Ada","picture":"https://example.com/ada.png","locale":"en"}`},
		{nobody, "openid email profile", `{}`},
	} {
		if got, err := json.Marshal(token.PersonOf(c.user, c.scope)); err != nil || string(got) != c.want {
			t.Errorf("%q: %s (%v), want %s", c.scope, got, err, c.want)
		}
	}
}

func TestEveryAlgorithmSignsIDTokensWithItsOwnHash(t *testing.T) {
	t.Parallel()
	for alg, hash := range map[jose.SignatureAlgorithm]string{
		jose.ES256: coreHash, jose.RS256: coreHash,
		jose.EdDSA: "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM", // of SHA-512, the left half
	} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			keys := openKeys(t, alg, storetest.NewClock())
			text := signID(t, keys, id("openid"), coreAccess)
			if again := signID(t, keys, id("openid"), coreAccess); !again.Equal(text) {
				t.Error("the same claims gave another token")
			}
			signed, err := jose.ParseSignedCompact(text.Reveal(), []jose.SignatureAlgorithm{alg})
			if err != nil {
				t.Fatal(err)
			}
			payload, err := signed.Verify(keys.Set().Keys[0])
			if err != nil {
				t.Fatal(err)
			}
			var got token.ID
			if err := json.Unmarshal(payload, &got); err != nil || got.AccessHash != hash {
				t.Errorf("at_hash %q (%v), want %q", got.AccessHash, err, hash)
			}
			if list := keys.Algorithms(); len(list) != 1 || list[0] != string(alg) {
				t.Errorf("the algorithms are %v", list)
			}
		})
	}
}

// An ID token goes through the hands of whoever the client shows it to.
func TestAnIDTokenIsNoAccessToken(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	id := id("openid")
	id.Expires, id.IssuedAt = clock.Now().Unix()+600, clock.Now().Unix()
	if a, err := keys.OpenAccess(signID(t, keys, id, coreAccess)); !errors.Is(err, token.ErrMalformed) || a.Subject != "" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestAKeyOfAnotherAlgorithmIsToldOfWhileItIsPublished(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.Open(t, store.SQLite, clock.Now)
	o := options(t, s, jose.RS256, clock)
	if _, err := token.OpenKeys(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Algorithm = jose.EdDSA
	keys, err := token.OpenKeys(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if list := keys.Algorithms(); len(list) != 2 || list[0] != "EdDSA" || list[1] != "RS256" {
		t.Errorf("the algorithms are %v", list)
	}
}

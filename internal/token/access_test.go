package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

const issuer = "https://id.example.com"

// openKeys are the keys of a server on an empty database.
func openKeys(tb testing.TB, alg jose.SignatureAlgorithm, clock *storetest.Clock) *token.Keys {
	tb.Helper()
	keys, err := token.OpenKeys(tb.Context(), options(tb, storetest.Open(tb, store.SQLite, clock.Now), alg, clock))
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func access(clock *storetest.Clock) token.Access {
	now := clock.Now().Unix()
	return token.Access{
		Issuer: issuer, Subject: "usr_1", Audience: "https://api.example.com", Expires: now + 600, IssuedAt: now, ID: "1.1",
		SessionID: "ses_1", AccountID: "acc_1", Role: watchword.RoleAdmin, Email: "ada@example.com", EmailVerified: true,
		AMR: []watchword.AMR{watchword.AMRPassword}, AuthTime: 1700000000, ClientID: "web", Scope: "openid", Features: []string{"beta", "search"},
	}
}

func sign(tb testing.TB, keys *token.Keys, a token.Access) secret.String {
	tb.Helper()
	text, err := keys.SignAccess(a)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// part is a part of a JWT, decoded.
func part(tb testing.TB, text secret.String, i int) string {
	tb.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(text.Reveal(), ".")[i])
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func TestAnAccessTokenSaysExactlyThis(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	full := access(clock)
	full.Expires, full.IssuedAt = 1800000600, 1800000000
	bare := token.Access{Issuer: issuer, Subject: "usr_1", Audience: issuer, Expires: 1800000600, IssuedAt: 1800000000, ID: "1.1", SessionID: "ses_1", AuthTime: 1700000000, ClientID: "web", AMR: []watchword.AMR{}}
	for want, a := range map[string]token.Access{
		`{"iss":"https://id.example.com","sub":"usr_1","aud":"https://api.example.com","exp":1800000600,"iat":1800000000,"jti":"1.1",` +
			`"sid":"ses_1","acc":"acc_1","role":"admin","email":"ada@example.com","email_verified":true,"amr":["pwd"],` +
			`"auth_time":1700000000,"client_id":"web","scope":"openid","features":["beta","search"]}`: full,
		`{"iss":"https://id.example.com","sub":"usr_1","aud":"https://id.example.com","exp":1800000600,"iat":1800000000,"jti":"1.1",` +
			`"sid":"ses_1","email_verified":false,"amr":[],"auth_time":1700000000,"client_id":"web"}`: bare,
	} {
		text := sign(t, keys, a)
		if got := part(t, text, 1); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		want = `{"alg":"ES256","kid":"` + published(keys)[0] + `","typ":"at+jwt"}`
		if got := part(t, text, 0); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestEveryAlgorithmSignsAndChecks(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			clock := storetest.NewClock()
			keys := openKeys(t, alg, clock)
			text := sign(t, keys, access(clock))
			if again := sign(t, keys, access(clock)); !again.Equal(text) {
				t.Error("the same claims gave another token")
			}
			for range 2 { // from the signature, then from memory
				if got, err := keys.OpenAccess(text); err != nil || !reflect.DeepEqual(got, access(clock)) {
					t.Errorf("got %+v, %v", got, err)
				}
			}
			set := keys.Set()
			if len(set.Keys) != 1 || !set.Keys[0].IsPublic() || !set.Keys[0].Valid() || set.Keys[0].Use != "sig" || set.Keys[0].Algorithm != string(alg) {
				t.Fatalf("the key set is %+v", set)
			}
			// A stranger who knows the set alone can check it.
			signed, err := jose.ParseSignedCompact(text.Reveal(), []jose.SignatureAlgorithm{alg})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := signed.Verify(set.Keys[0]); err != nil {
				t.Error(err)
			}
			published, err := json.Marshal(set)
			if err != nil || strings.Contains(string(published), `"d":`) {
				t.Errorf("the published set holds a private key (%v)", err)
			}
		})
	}
}

func TestAnExpiredTokenIsTold(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	text := sign(t, keys, access(clock))
	clock.Advance(10*time.Minute - time.Second)
	if _, err := keys.OpenAccess(text); err != nil {
		t.Error(err)
	}
	clock.Advance(time.Second)
	if a, err := keys.OpenAccess(text); !errors.Is(err, token.ErrExpired) || a.SessionID != "ses_1" {
		t.Errorf("got %+v, %v", a, err)
	}
}

// forgery makes a JWT of header fields and claims, signed by sign.
func forgery(t *testing.T, header map[string]any, claims any, sign func(input string) []byte) string {
	t.Helper()
	encode := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	input := encode(header) + "." + encode(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(sign(input))
}

func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	kid, claims := published(keys)[0], access(clock)
	public, err := x509.MarshalPKIXPublicKey(keys.Set().Keys[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	byForeign := func(input string) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, foreign, digest(input))
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	byPublicKey := func(input string) []byte { return hmacSHA256(public, input) }
	nothing := func(string) []byte { return nil }
	good := sign(t, keys, claims).Reveal()
	signature := good[strings.LastIndexByte(good, '.'):]
	header := map[string]any{"alg": "ES256", "kid": kid, "typ": "at+jwt"}
	with := func(key string, value any) map[string]any {
		h := map[string]any{}
		for k, v := range header {
			h[k] = v
		}
		h[key] = value
		return h
	}
	jwk := jose.JSONWebKey{Key: foreign.Public()}
	for name, text := range map[string]string{
		"alg none":                     forgery(t, with("alg", "none"), claims, nothing),
		"HMAC with the public key":     forgery(t, with("alg", "HS256"), claims, byPublicKey),
		"a foreign key under our id":   forgery(t, header, claims, byForeign),
		"a foreign key of its own id":  forgery(t, with("kid", "foreign"), claims, byForeign),
		"no key id":                    forgery(t, map[string]any{"alg": "ES256", "typ": "at+jwt"}, claims, byForeign),
		"a key in the token":           forgery(t, with("jwk", jwk), claims, byForeign),
		"another algorithm of our key": forgery(t, with("alg", "EdDSA"), claims, byForeign),
		"no signature":                 good[:strings.LastIndexByte(good, '.')+1],
		"other claims":                 strings.TrimSuffix(forgery(t, header, token.Access{Issuer: issuer, Subject: "usr_2", SessionID: "ses_2", Expires: claims.Expires}, nothing), ".") + signature,
		"four parts":                   good + ".x",
		"two parts":                    good[:strings.LastIndexByte(good, '.')],
		"oversize":                     good + strings.Repeat("A", 5000),
		"empty":                        "",
		"no JSON":                      "a.b.c",
		"JSON serialisation":           `{"payload":"x","signatures":[]}`,
	} {
		if a, err := keys.OpenAccess(secret.NewString(text)); !errors.Is(err, token.ErrMalformed) || a.Subject != "" {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	if _, err := keys.OpenAccess(secret.NewString(good)); err != nil {
		t.Errorf("the real one: %v", err)
	}
}

// Tokens that we did sign, and that are still no access tokens of this issuer.
func TestOurSignatureAloneIsNotEnough(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.Open(t, store.SQLite, clock.Now)
	o := options(t, s, jose.ES256, clock)
	keys, err := token.OpenKeys(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*token.Access){
		"another issuer": func(a *token.Access) { a.Issuer = "https://evil.example.com" },
		"no issuer":      func(a *token.Access) { a.Issuer = "" },
		"no session":     func(a *token.Access) { a.SessionID = "" },
		"no subject":     func(a *token.Access) { a.Subject = "" },
	} {
		a := access(clock)
		spoil(&a)
		if _, err := keys.OpenAccess(sign(t, keys, a)); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, err := s.Read().SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	private := unseal(t, o.Keyring, rows[0])
	for _, typ := range []jose.ContentType{"JWT", "", "at+JWT ", "application/json"} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private},
			(&jose.SignerOptions{}).WithType(typ).WithHeader("kid", rows[0].ID))
		if err != nil {
			t.Fatal(err)
		}
		payload, err := json.Marshal(access(clock))
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		text, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.OpenAccess(secret.NewString(text)); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("type %q: %v", typ, err)
		}
	}
}

func unseal(t *testing.T, keyring *secret.Keyring, row store.SigningKey) crypto.PrivateKey {
	t.Helper()
	der, err := keyring.Open(secret.PurposeSigningKey, row.Sealed, []byte(row.ID))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func FuzzOpenAccess(f *testing.F) {
	clock := storetest.NewClock()
	keys := openKeys(f, jose.ES256, clock)
	good := sign(f, keys, access(clock)).Reveal()
	f.Add(good)
	f.Add("..")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + ".e30.")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := keys.OpenAccess(secret.NewString(text))
		if err == nil && !strings.HasPrefix(text, good[:strings.LastIndexByte(good, '.')]) {
			t.Fatal("what we did not sign was accepted")
		}
		if err != nil && err.Error() != token.ErrMalformed.Error() {
			t.Fatal(err) // a text of its own could hold what was submitted
		}
	})
}

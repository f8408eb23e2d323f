package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

// claimsThat changes the claims of ID tokens.
func claimsThat(change func(c map[string]any)) func(*testing.T, *world) upstreamtest.Hooks {
	return func(*testing.T, *world) upstreamtest.Hooks { return upstreamtest.Hooks{Claims: change} }
}

func claimIs(name string, value any) func(*testing.T, *world) upstreamtest.Hooks {
	return claimsThat(func(c map[string]any) { c[name] = value })
}

func claimLacks(name string) func(*testing.T, *world) upstreamtest.Hooks {
	return claimsThat(func(c map[string]any) { delete(c, name) })
}

func signedBy(sign func(t *testing.T, w *world, claims map[string]any) string) func(*testing.T, *world) upstreamtest.Hooks {
	return func(t *testing.T, w *world) upstreamtest.Hooks {
		t.Helper()
		return upstreamtest.Hooks{Sign: func(claims map[string]any) string { return sign(t, w, claims) }}
	}
}

func userinfoIs(name string, value any) func(*testing.T, *world) upstreamtest.Hooks {
	return func(*testing.T, *world) upstreamtest.Hooks {
		return upstreamtest.Hooks{Userinfo: func(c map[string]any) { c[name] = value }}
	}
}

// answers has a path answered by something else.
func answers(path string, write func(w http.ResponseWriter)) func(*testing.T, *world) upstreamtest.Hooks {
	return func(*testing.T, *world) upstreamtest.Hooks {
		return upstreamtest.Hooks{Intercept: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == path {
				write(w)
			}
			return r.URL.Path == path
		}}
	}
}

func body(kind, text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(text))
	}
}

func redirect(target string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func unsigned(claims map[string]any, header string) string {
	payload, _ := json.Marshal(claims) // of maps and texts
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode(payload) + "."
}

func mustSign(t *testing.T, algorithm jose.SignatureAlgorithm, key jose.JSONWebKey, claims map[string]any) string {
	t.Helper()
	signed, err := upstreamtest.Sign(algorithm, key, claims)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var huge = strings.Repeat("x", 2<<20)

// What a provider says that is hostile, broken, or not the one that it claims to
// be: nobody is let in by it.
func TestHostileProvidersAreNotBelieved(t *testing.T) {
	t.Parallel()
	for name, behave := range map[string]func(*testing.T, *world) upstreamtest.Hooks{
		"nonce of another sign-in":    claimIs("nonce", "another"),
		"nonce empty":                 claimIs("nonce", ""),
		"nonce missing":               claimLacks("nonce"),
		"audience of another client":  claimIs("aud", "another"),
		"audience missing":            claimLacks("aud"),
		"audiences without presenter": claimIs("aud", []string{upstreamtest.ClientID, "another"}),
		"presenter is another client": claimIs("azp", "another"),
		"presenter is no text":        claimIs("azp", 7),
		"issuer is another":           claimIs("iss", "https://evil.example"),
		"issuer with a slash": claimsThat(func(c map[string]any) {
			c["iss"] = c["iss"].(string) + "/"
		}),
		"issuer missing":  claimLacks("iss"),
		"subject empty":   claimIs("sub", ""),
		"subject missing": claimLacks("sub"),
		"subject null":    claimIs("sub", nil),
		"subject number":  claimIs("sub", 7),
		"subject too long": func(*testing.T, *world) upstreamtest.Hooks {
			long := func(c map[string]any) { c["sub"] = strings.Repeat("7", 256) }
			return upstreamtest.Hooks{Claims: long, Userinfo: long}
		},
		"subject with NUL": func(*testing.T, *world) upstreamtest.Hooks {
			nul := func(c map[string]any) { c["sub"] = "7\x00" }
			return upstreamtest.Hooks{Claims: nul, Userinfo: nul}
		},
		"subject twice in two spellings": claimIs("ſub", "8"),
		"expired":                        claimIs("exp", time.Date(2026, 3, 4, 5, 5, 6, 0, time.UTC).Unix()),
		"expiry missing":                 claimLacks("exp"),
		"from the future":                claimIs("iat", time.Date(2026, 3, 4, 5, 7, 9, 0, time.UTC).Unix()),
		"time missing":                   claimLacks("iat"),
		"not yet valid":                  claimIs("nbf", time.Date(2026, 3, 4, 5, 12, 0, 0, time.UTC).Unix()),

		"no signature": signedBy(func(_ *testing.T, _ *world, c map[string]any) string { return unsigned(c, `{"alg":"none"}`) }),
		"no signature in disguise": signedBy(func(_ *testing.T, _ *world, c map[string]any) string {
			return unsigned(c, `{"alg":"nOnE"}`)
		}),
		"signature empty": signedBy(func(_ *testing.T, _ *world, c map[string]any) string { return unsigned(c, `{"alg":"ES256"}`) }),
		"signed by the public key": signedBy(func(t *testing.T, w *world, c map[string]any) string {
			t.Helper()
			key, id := w.Key()
			der, err := x509.MarshalPKIXPublicKey(key.Public())
			if err != nil {
				t.Error(err)
			}
			shared := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
			return mustSign(t, jose.HS256, jose.JSONWebKey{Key: shared, KeyID: id}, c)
		}),
		"signed by the client secret": signedBy(func(t *testing.T, _ *world, c map[string]any) string {
			t.Helper()
			return mustSign(t, jose.HS256, jose.JSONWebKey{Key: []byte(upstreamtest.ClientSecret)}, c)
		}),
		"signed by another key of the same name": signedBy(func(t *testing.T, w *world, c map[string]any) string {
			t.Helper()
			_, id := w.Key()
			return mustSign(t, jose.ES256, jose.JSONWebKey{Key: newKey(t), KeyID: id}, c)
		}),
		"signed by a key of an unknown name": signedBy(func(t *testing.T, _ *world, c map[string]any) string {
			t.Helper()
			return mustSign(t, jose.ES256, jose.JSONWebKey{Key: newKey(t), KeyID: "unknown"}, c)
		}),
		"signed by a key that it brings": signedBy(func(t *testing.T, _ *world, c map[string]any) string {
			t.Helper()
			key := newKey(t)
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key},
				(&jose.SignerOptions{EmbedJWK: true}))
			if err != nil {
				t.Fatal(err)
			}
			payload, _ := json.Marshal(c) // of maps and texts
			signed, err := signer.Sign(payload)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := signed.CompactSerialize()
			return text
		}),
		"signature bent": signedBy(func(t *testing.T, w *world, c map[string]any) string {
			t.Helper()
			key, id := w.Key()
			good := mustSign(t, jose.ES256, jose.JSONWebKey{Key: key, KeyID: id}, c)
			return good[:len(good)-8] + "AAAAAAAA"
		}),
		"ID token garbage": signedBy(func(*testing.T, *world, map[string]any) string { return "a.b.c" }),
		"ID token missing": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Token: func(a map[string]any) { delete(a, "id_token") }}
		},
		"ID token number": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Token: func(a map[string]any) { a["id_token"] = 7 }}
		},
		"access token missing": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Token: func(a map[string]any) { delete(a, "access_token") }}
		},
		"error with 200": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Token: func(a map[string]any) { a["error"] = "bad_verification_code" }}
		},
		"symmetric keys published": func(t *testing.T, _ *world) upstreamtest.Hooks {
			t.Helper()
			shared := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "shared"}
			return upstreamtest.Hooks{
				Keys: func(set *jose.JSONWebKeySet) { set.Keys = []jose.JSONWebKey{shared} },
				Sign: func(c map[string]any) string { return mustSign(t, jose.HS256, shared, c) },
			}
		},
		"keys for encryption": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Keys: func(set *jose.JSONWebKeySet) { set.Keys[0].Use = "enc" }}
		},
		"keys for another algorithm": func(*testing.T, *world) upstreamtest.Hooks {
			return upstreamtest.Hooks{Keys: func(set *jose.JSONWebKeySet) { set.Keys[0].Algorithm = "ES384" }}
		},

		"userinfo of somebody else":        userinfoIs("sub", "8"),
		"userinfo of nobody":               userinfoIs("sub", nil),
		"userinfo whose subject is a list": userinfoIs("sub", []string{ada.Subject}),
		"userinfo is a JWT":                answers("/userinfo", body("application/jwt", `{"sub":"`+ada.Subject+`"}`)),
		"userinfo is garbage":              answers("/userinfo", body("application/json", "<html>")),
		"userinfo is a list":               answers("/userinfo", body("application/json", "[]")),
		"userinfo has two subjects":        answers("/userinfo", body("application/json", `{"sub":"`+ada.Subject+`","sub":"8"}`)),
		"userinfo redirects":               answers("/userinfo", redirect("/user")),
		"userinfo fails":                   answers("/userinfo", func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }),
		"userinfo refuses":                 answers("/userinfo", func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }),

		"tokens are garbage":    answers("/token", body("application/json", "<html>")),
		"tokens redirect":       answers("/token", redirect("/token2")),
		"tokens fail":           answers("/token", func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }),
		"tokens are oversized":  answers("/token", body("application/json", `{"access_token":"a","id_token":"b","x":"`+huge+`"}`)),
		"keys are garbage":      answers("/keys", body("application/json", `{"keys":7}`)),
		"keys are none":         answers("/keys", body("application/json", `{"keys":[]}`)),
		"keys are oversized":    answers("/keys", body("application/json", `{"keys":[],"x":"`+huge+`"}`)),
		"keys redirect":         answers("/keys", redirect("/keys2")),
		"userinfo trails off":   answers("/userinfo", body("application/json", `{"sub":"`+ada.Subject+`"}`+strings.Repeat(" ", 2<<20))),
		"userinfo is oversized": answers("/userinfo", body("application/json", `{"sub":"`+ada.Subject+`","x":"`+huge+`"}`)),
		"headers are oversized": answers("/userinfo", func(w http.ResponseWriter) {
			w.Header().Set("X-Long", strings.Repeat("x", 80<<10))
			_, _ = w.Write([]byte(`{"sub":"` + ada.Subject + `"}`))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			back := w.comeBack(t, p, ada)
			w.Behave(behave(t, w))
			who, err := p.Identify(t.Context(), back)
			refused(t, who, err)
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
		})
	}
}

// The same with nothing changed: what the table refuses, it refuses for the change.
func TestWhatAHostileProviderLeavesAloneIsBelieved(t *testing.T) {
	t.Parallel()
	for name, behave := range map[string]func(*testing.T, *world) upstreamtest.Hooks{
		"nothing": claimsThat(func(map[string]any) {}),
		"audiences with presenter": claimsThat(func(c map[string]any) {
			c["aud"], c["azp"] = []string{"b", upstreamtest.ClientID}, upstreamtest.ClientID
		}),
		"expired within the skew": claimIs("exp", time.Date(2026, 3, 4, 5, 5, 8, 0, time.UTC).Unix()),
		"future within the skew":  claimIs("iat", time.Date(2026, 3, 4, 5, 7, 6, 0, time.UTC).Unix()),
		"signed without key id": signedBy(func(t *testing.T, w *world, c map[string]any) string {
			t.Helper()
			key, _ := w.Key()
			return mustSign(t, jose.ES256, jose.JSONWebKey{Key: key}, c)
		}),
		"strange keys beside": func(t *testing.T, _ *world) upstreamtest.Hooks {
			t.Helper()
			other := newKey(t)
			return upstreamtest.Hooks{Keys: func(set *jose.JSONWebKeySet) {
				set.Keys = append([]jose.JSONWebKey{{Key: []byte("shared"), KeyID: "oct"}, {Key: other, KeyID: "private"}}, set.Keys...)
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			back := w.comeBack(t, p, ada)
			w.Behave(behave(t, w))
			if who, err := p.Identify(t.Context(), back); err != nil || who.Subject != ada.Subject {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

// dropEndpoints takes out what is named, and userinfo, which nobody needs to have.
func dropEndpoints(d map[string]any, names ...string) {
	delete(d, "userinfo_endpoint")
	for _, name := range names {
		delete(d, name)
	}
}

func TestHostileMetadataAreNotBelieved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, d map[string]any){
		"issuer of another":   func(_ *world, d map[string]any) { d["issuer"] = "https://evil.example" },
		"issuer with a slash": func(w *world, d map[string]any) { d["issuer"] = w.Issuer() + "/" },
		"issuer missing":      func(_ *world, d map[string]any) { delete(d, "issuer") },
		"no endpoints": func(_ *world, d map[string]any) {
			dropEndpoints(d, "authorization_endpoint", "token_endpoint", "jwks_uri")
		},
		"no sign-in page":       func(_ *world, d map[string]any) { dropEndpoints(d, "authorization_endpoint") },
		"no way to tokens":      func(_ *world, d map[string]any) { dropEndpoints(d, "token_endpoint") },
		"no way to keys":        func(_ *world, d map[string]any) { dropEndpoints(d, "jwks_uri") },
		"no token endpoint":     func(_ *world, d map[string]any) { delete(d, "token_endpoint") },
		"no keys":               func(_ *world, d map[string]any) { delete(d, "jwks_uri") },
		"plain http":            func(_ *world, d map[string]any) { d["token_endpoint"] = "http://idp.example/token" },
		"another scheme":        func(_ *world, d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" },
		"a private address":     func(_ *world, d map[string]any) { d["token_endpoint"] = "https://10.0.0.1/token" },
		"a metadata service":    func(_ *world, d map[string]any) { d["userinfo_endpoint"] = "https://169.254.169.254/latest" },
		"a metadata service v6": func(_ *world, d map[string]any) { d["jwks_uri"] = "https://[fd00:ec2::254]/keys" },
		"userinfo in a URL":     func(_ *world, d map[string]any) { d["token_endpoint"] = "https://user:pass@idp.example/" },
		"a fragment":            func(_ *world, d map[string]any) { d["authorization_endpoint"] = "https://idp.example/#x" },
		"shared keys alone": func(_ *world, d map[string]any) {
			d["id_token_signing_alg_values_supported"] = []string{"HS256", "none"}
		},
		"endpoints are numbers": func(_ *world, d map[string]any) { d["token_endpoint"] = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) { change(w, d) }})
			target, err := w.open(t, w.oidc()).AuthorizeURL(t.Context(), departure())
			if target != "" {
				t.Errorf("people are sent to %s", target)
			}
			refused(t, Person{}, err)
		})
	}
}

// An algorithm that the metadata do not announce is not believed, though the key
// fits.
func TestOnlyAnnouncedAlgorithmsAreBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) {
		d["id_token_signing_alg_values_supported"] = []string{"RS256"}
	}})
	who, err := w.signIn(t, w.open(t, w.oidc()), ada)
	refused(t, who, err)
}

// Of two providers one may be hostile: its answer must not have the other's code
// brought to it, or its code to the other (RFC 9207).
func TestAnAnswerOfAnotherIssuerIsRefusedBeforeItsCodeIsUsed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		discovery func(d map[string]any)
		issuer    func(w *world) string
	}{
		"another":           {issuer: func(*world) string { return "https://evil.example" }},
		"missing where due": {issuer: func(*world) string { return "" }},
		"another, not announced": {
			discovery: func(d map[string]any) { delete(d, "authorization_response_iss_parameter_supported") },
			issuer:    func(w *world) string { return w.Issuer() + "/" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{Discovery: test.discovery})
			p := w.open(t, w.oidc())
			back := w.comeBack(t, p, ada)
			back.Issuer = test.issuer(w)
			who, err := p.Identify(t.Context(), back)
			refused(t, who, err)
			if w.Asked("/token") != 0 {
				t.Error("the code has been sent")
			}
		})
	}
	t.Run("missing where it is not announced", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) { delete(d, "authorization_response_iss_parameter_supported") }})
		p := w.open(t, w.oidc())
		back := w.comeBack(t, p, ada)
		back.Issuer = ""
		if _, err := p.Identify(t.Context(), back); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatBelongsToAnotherSignInIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(r *Return){
		"verifier": func(r *Return) { r.Verifier = secret.NewString(strings.Repeat("x", 43)) },
		"nonce":    func(r *Return) { r.Nonce = secret.NewString("another") },
		"no nonce": func(r *Return) { r.Nonce = secret.String{} },
		"code":     func(r *Return) { r.Code = secret.NewString("another") },
		"no code":  func(r *Return) { r.Code = secret.String{} },
		"callback": func(r *Return) { r.RedirectURI = "https://auth.example/auth/other/callback" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			back := w.comeBack(t, p, ada)
			change(&back)
			who, err := p.Identify(t.Context(), back)
			refused(t, who, err)
			if back.Code.IsZero() && w.Asked("/token") != 0 {
				t.Error("the provider is asked without a code")
			}
		})
	}
}

func TestWithoutANonceNothingIsBelieved(t *testing.T) {
	t.Parallel()
	for _, change := range []func(c map[string]any){
		func(c map[string]any) { delete(c, "nonce") },
		func(c map[string]any) { c["nonce"] = "" },
	} {
		w := newWorld(t)
		p := w.open(t, w.oidc())
		back := w.comeBack(t, p, ada)
		back.Nonce = secret.String{}
		w.Behave(upstreamtest.Hooks{Claims: change})
		who, err := p.Identify(t.Context(), back)
		refused(t, who, err)
	}
}

func TestHostileOAuth2ProvidersAreNotBelieved(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no subject":       `{"email":"ada@acme.example"}`,
		"empty subject":    `{"id":""}`,
		"null subject":     `{"id":null}`,
		"object subject":   `{"id":{"a":1}}`,
		"list subject":     `{"id":[1]}`,
		"boolean subject":  `{"id":true}`,
		"fraction subject": `{"id":1.0}`,
		"power subject":    `{"id":1e3}`,
		"negative subject": `{"id":-1}`,
		"NUL in subject":   `{"id":"a\u0000"}`,
		"half a character": `{"id":"\ud800"}`,
		"two subjects":     `{"id":1,"id":2}`,
		"long subject":     `{"id":"` + strings.Repeat("x", 256) + `"}`,
		"invalid UTF-8":    "{\"id\":\"\xff\"}",
		"garbage":          `<html>`,
		"more than one":    `{"id":1}{"id":2}`,
		"null":             `null`,
		"empty":            ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oauth2())
			w.Behave(answers("/user", body("application/json", text))(t, w))
			who, err := w.signIn(t, p, ada)
			refused(t, who, err)
		})
	}
}

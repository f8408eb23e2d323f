package upstream

import (
	"cmp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Whatever a provider answers, a Person is one that can be kept, or is none.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"1","email":"ada@acme.example","email_verified":true,"name":"Ada","picture":"https://a.example/x","locale":"de"}`,
		`{"sub":9007199254740993,"email":null}`, `{"sub":"\u0000","sub":"1"}`, `{"sub":{"a":[1e999]}}`, `[]`, `{"data":{"sub":"1"}}`, "{\"sub\":\"\xff\"}",
		`{"sub":"1","name":"\u202e\ud83d\udc69\u200d","email":"a@b@c","locale":"en-u-co-phonebk-x"}`,
	} {
		f.Add([]byte(seed))
	}
	p := &Provider{Type: TypeOAuth2, settings: Settings{
		EmailDomains: []string{"acme.example"},
		Claims:       ClaimNames{Subject: "sub", Email: "email", EmailVerified: "email_verified", Name: "name", Picture: "picture"},
	}}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseClaims(text)
		if err != nil {
			return
		}
		_ = merge(c, c)
		standard := readStandard(c)
		for _, locale := range []string{standard.Locale, standard.Name} {
			if clean := cleanLocale(locale); !keepable(clean, maxLocale) && clean != "" {
				t.Errorf("the locale %q cannot be kept", clean)
			}
		}
		who, err := p.recognise(Person{Issuer: "https://forge.example"}, answer{claims: c})
		if err != nil {
			return
		}
		if who.Subject == "" || !utf8.ValidString(who.Subject) || len(who.Subject) > 255 || strings.ContainsRune(who.Subject, 0) {
			t.Errorf("the subject is %q", who.Subject)
		}
		if clean := cleanName(who.Name); clean != who.Name || utf8.RuneCountInString(clean) > 200 || !utf8.ValidString(clean) {
			t.Errorf("the name %q is not clean", who.Name)
		}
		lower := strings.ToLower(who.Email)
		if who.Proof == AddressProven && (strings.Count(lower, "@") != 1 || !strings.HasSuffix(norm.NFKC.String(lower), "@acme.example") &&
			!strings.HasSuffix(strings.ReplaceAll(lower, "\u3002", "."), "@acme.example")) {
			t.Errorf("%q is proven by a provider of acme.example", who.Email)
		}
		if len(who.Picture) > 2048 || who.Picture != "" && !strings.HasPrefix(who.Picture, "https://") {
			t.Errorf("the picture is %q", who.Picture)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"RSA","n":"AQ","e":"AQAB"},{"kty":"oct","k":"AA"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parseKeys(text)
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("%d keys, %v", len(keys), err)
		}
		for _, key := range keys {
			if !key.IsPublic() {
				t.Error("a key is not public")
			}
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/a","token_endpoint":"https://idp.example/t","jwks_uri":"https://idp.example/k"}`))
	f.Add([]byte(`{"issuer":"https://idp.example"}`))
	f.Add([]byte(`{"issuer":"https://idp.example","authorization_endpoint":"http://10.0.0.1/","token_endpoint":"https://[::1]/","jwks_uri":"//x"}`))
	p := &Provider{Type: TypeOIDC, issuer: "https://idp.example", settings: Settings{Network: NetworkPublic}}
	f.Fuzz(func(t *testing.T, text []byte) {
		document, err := parseClaims(text)
		if err != nil {
			return
		}
		e, err := p.readMetadata(document)
		if err != nil {
			return
		}
		if e.issuer != p.issuer || len(e.algorithms) == 0 {
			t.Errorf("believed: %+v", e)
		}
		for _, target := range []string{e.authorize, e.token, e.keys, cmp.Or(e.userinfo, e.token)} {
			if !strings.HasPrefix(strings.ToLower(target), "https://") {
				t.Errorf("an endpoint is %q", target)
			}
		}
	})
}

package upstream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"watchword/internal/secret"
	"watchword/internal/upstream"
)

// appleByKey is Apple set up with a key, in place of a secret.
func appleByKey(t *testing.T) (*recording, *ecdsa.PublicKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	d := apple()
	d.settings.TeamID, d.settings.KeyID = "DEF123GHIJ", "ABC123DEFG"
	d.settings.PrivateKey = secret.NewString(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	return d.replay(t), &key.PublicKey
}

// https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
func TestAppleIsShownASecretSignedWithTheKey(t *testing.T) {
	t.Parallel()
	r, public := appleByKey(t)
	if _, err := r.signIn(""); err != nil {
		t.Fatal(err)
	}
	shown := r.exchanges()[0].form.Get("client_secret")
	token, err := jwt.ParseSigned(shown, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if got := token.Headers[0].KeyID; got != "ABC123DEFG" {
		t.Errorf("kid is %q", got)
	}
	var claims jwt.Claims
	if err := token.Claims(public, &claims); err != nil {
		t.Fatalf("the key has not signed it: %v", err)
	}
	err = claims.Validate(jwt.Expected{
		Issuer: "DEF123GHIJ", Subject: clientID, AnyAudience: jwt.Audience{"https://appleid.apple.com"}, Time: r.now(),
	})
	if err != nil {
		t.Error(err)
	}
	if life := claims.Expiry.Time().Sub(claims.IssuedAt.Time()); life <= 0 || life > 15777000*time.Second {
		t.Errorf("it lives for %s", life)
	}
}

func TestAppleSecretIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	r, public := appleByKey(t)
	for _, pause := range []time.Duration{0, 0, time.Minute, time.Hour, 24 * time.Hour, 200 * 24 * time.Hour} {
		r.advance(pause)
		if _, err := r.signIn(""); err != nil {
			t.Fatal(err)
		}
		exchanges := r.exchanges()
		token, err := jwt.ParseSigned(exchanges[len(exchanges)-1].form.Get("client_secret"), []jose.SignatureAlgorithm{jose.ES256})
		if err != nil {
			t.Fatal(err)
		}
		var claims jwt.Claims
		if err := token.Claims(public, &claims); err != nil {
			t.Fatal(err)
		}
		if err := claims.ValidateWithLeeway(jwt.Expected{Time: r.now()}, 0); err != nil {
			t.Errorf("after %s more it is shown a secret that has expired: %v", pause, err)
		}
	}
}

func TestAppleTakesASecretThatWasMadeElsewhere(t *testing.T) {
	t.Parallel()
	r := apple().replay(t)
	if _, err := r.signIn(""); err != nil {
		t.Fatal(err)
	}
	if got := r.exchanges()[0].form.Get("client_secret"); got != clientSecret {
		t.Errorf("shown was %q", got)
	}
}

func TestAppleNameComesWithTheFirstSignIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ field, want string }{
		"first":            {`{"name":{"firstName":"Johnny","lastName":"Appleseed"},"email":"x@example.com"}`, "Johnny Appleseed"},
		"one name":         {`{"name":{"firstName":"Johnny"}}`, "Johnny"},
		"other name":       {`{"name":{"lastName":"Appleseed"}}`, "Appleseed"},
		"later":            {"", ""},
		"no name":          {`{"email":"x@example.com"}`, ""},
		"null":             {`null`, ""},
		"null inside":      {`{"name":null}`, ""},
		"list":             {`[{"name":{"firstName":"Johnny"}}]`, ""},
		"text":             {`"Johnny"`, ""},
		"text inside":      {`{"name":"Johnny"}`, ""},
		"objects inside":   {`{"name":{"firstName":{},"lastName":[]}}`, ""},
		"broken off":       {`{"name":{"firstName":"Joh`, ""},
		"followed by more": {`{"name":{"firstName":"Johnny"}} {}`, ""},
		"not UTF-8":        {"{\"name\":{\"firstName\":\"\xff\"}}", ""},
		"deep":             {strings.Repeat(`{"name":`, 20000) + strings.Repeat(`}`, 20000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := apple().person
			want.Name = c.want
			person, err := apple().replay(t).signIn(c.field)
			if err != nil {
				t.Fatalf("a form field that nobody has signed keeps somebody out: %v", err)
			}
			if diff := cmp.Diff(want, person); diff != "" {
				t.Errorf("somebody else was read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppleAddressOfTheFormFieldIsNotBelieved(t *testing.T) {
	t.Parallel()
	r := apple().replay(t)
	r.edit("id_token", map[string]any{"email": absent})
	person, err := r.signIn(`{"name":{"firstName":"Mallory"},"email":"victim@example.com","email_verified":true}`)
	if err != nil || person.Email != "" || person.Proof != upstream.AddressUnproven {
		t.Errorf("the address is %q, %q, with %v", person.Email, person.Proof, err)
	}
}

func TestAppleProvesWhatItSaysIsVerified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verified any
		want     upstream.AddressProof
	}{
		"true":          {true, upstream.AddressProven},
		"true as text":  {"true", upstream.AddressProven},
		"false":         {false, upstream.AddressUnproven},
		"false as text": {"false", upstream.AddressUnproven},
		"number":        {1, upstream.AddressUnproven},
		"capitals":      {"True", upstream.AddressUnproven},
		"null":          {nil, upstream.AddressUnproven},
		"list":          {[]any{true}, upstream.AddressUnproven},
		"absent":        {absent, upstream.AddressUnproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := apple().replay(t)
			r.edit("id_token", map[string]any{"email_verified": c.verified})
			person, err := r.signIn("")
			if err != nil || person.Proof != c.want {
				t.Errorf("the address is %q with %v, want %q", person.Proof, err, c.want)
			}
		})
	}
}

package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"watchword/internal/secret"
)

func pemOf(t *testing.T, kind string, key *ecdsa.PrivateKey) secret.String {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return secret.NewString(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

func TestASignedSecretIsMadeAnewBeforeItEnds(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	s, err := newSignedSecret(Settings{
		ClientID: "com.example.web", TeamID: "TEAM", KeyID: "KEY", PrivateKey: pemOf(t, "PRIVATE KEY", key),
	}, "https://idp.example")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	first, err := s.at(now)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(first.Reveal(), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(key.Public())
	if err != nil || signed.Signatures[0].Header.KeyID != "KEY" {
		t.Fatalf("%+v: %v", signed.Signatures[0].Header, err)
	}
	var got map[string]any
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"iss": "TEAM", "sub": "com.example.web", "aud": "https://idp.example",
		"iat": float64(now.Unix()), "exp": float64(now.Add(time.Hour).Unix()),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again, _ := s.at(now.Add(29 * time.Minute))
	if !again.Equal(first) {
		t.Error("it is made anew at each use")
	}
	later, _ := s.at(now.Add(31 * time.Minute))
	if later.Equal(first) {
		t.Error("it is used until it ends")
	}
}

func TestKeysThatCannotSignASecretAreNamed(t *testing.T) {
	t.Parallel()
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]secret.String{
		"no PEM":     secret.NewString("canary"),
		"no PKCS #8": secret.NewString("-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"),
		"P-384":      pemOf(t, "PRIVATE KEY", wide),
		"none":       {},
	} {
		_, err := newSignedSecret(Settings{PrivateKey: key}, "https://idp.example")
		if err == nil || !strings.HasPrefix(err.Error(), "the private key ") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package token

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// Nodes of different versions answer one refresh with the same bytes.
func TestSignerMakesWhatGoJOSEMakes(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		made, err := generate(algorithm, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := newSigner(algorithm, "the-key", made.private)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []tokenType{typeAccess, typeID} {
			theirs, err := jose.NewSigner(
				jose.SigningKey{Algorithm: algorithm, Key: cryptosigner.Opaque(deterministic{made.private})},
				(&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", "the-key"))
			if err != nil {
				t.Fatal(err)
			}
			payload := []byte(strings.Repeat(`{"sub":"usr_1"}`, 40))
			got, err := ours.sign(typ, payload)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := theirs.Sign(payload)
			if err != nil {
				t.Fatal(err)
			}
			want, err := signed.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", algorithm, typ, got, want)
			}
		}
	}
}

func TestSignerIsForItsKey(t *testing.T) {
	t.Parallel()
	made, err := generate(jose.ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newSigner(jose.EdDSA, "the-key", made.private); err == nil {
		t.Error("a signer for another algorithm than the key's")
	}
}

package token_test

import (
	"testing"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/secret"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

func BenchmarkSealRefresh(b *testing.B) {
	keys := keyring(b, firstSecret, "")
	r := sample(keys)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := token.SealRefresh(keys, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenRefresh(b *testing.B) {
	keys := keyring(b, firstSecret, "")
	text, err := token.SealRefresh(keys, sample(keys))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := token.OpenRefresh(keys, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignAccess(b *testing.B) {
	for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256} {
		b.Run(string(alg), func(b *testing.B) {
			clock := storetest.NewClock()
			keys, a := openKeys(b, alg, clock), access(clock)
			b.ReportAllocs()
			for b.Loop() {
				sign(b, keys, a)
			}
		})
	}
}

func BenchmarkSignID(b *testing.B) {
	for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256} {
		b.Run(string(alg), func(b *testing.B) {
			clock := storetest.NewClock()
			keys, claims := openKeys(b, alg, clock), id("openid email profile")
			text := sign(b, keys, access(clock))
			b.ReportAllocs()
			for b.Loop() {
				signID(b, keys, claims, text)
			}
		})
	}
}

func BenchmarkOpenAccessAgain(b *testing.B) {
	clock := storetest.NewClock()
	keys := openKeys(b, jose.ES256, clock)
	text := sign(b, keys, access(clock))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.OpenAccess(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAccessAtFirstSight(b *testing.B) {
	clock := storetest.NewClock()
	keys, a := openKeys(b, jose.ES256, clock), access(clock)
	texts := make([]secret.String, 20000) // more than are remembered
	for i := range texts {
		a.IssuedAt++
		texts[i] = sign(b, keys, a)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if _, err := keys.OpenAccess(texts[i%len(texts)]); err != nil {
			b.Fatal(err)
		}
	}
}

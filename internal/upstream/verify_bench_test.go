package upstream

import (
	"testing"

	"watchword/internal/upstream/upstreamtest"
)

// BenchmarkVerify is what believing an ID token costs while the provider's keys
// are known.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	p := w.open(b, w.oidc())
	back := w.comeBack(b, p, ada)
	e, err := p.where(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	granted, err := p.exchange(b.Context(), e, back)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.verify(b.Context(), e, granted.idToken, back); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAuthorizeURL is what sending somebody to a known provider costs.
func BenchmarkAuthorizeURL(b *testing.B) {
	w := newWorld(b)
	p := w.open(b, w.oidc())
	d := departure()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.AuthorizeURL(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdentify is a whole return, with a provider in the same process: its
// part is in it.
func BenchmarkIdentify(b *testing.B) {
	w := newWorld(b)
	p := w.open(b, w.oidc())
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		back := w.comeBack(b, p, upstreamtest.User{Subject: "7", Email: "ada@acme.example", EmailVerified: true})
		b.StartTimer()
		if _, err := p.Identify(b.Context(), back); err != nil {
			b.Fatal(err)
		}
	}
}

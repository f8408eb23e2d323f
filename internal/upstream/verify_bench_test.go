package upstream

import "testing"

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

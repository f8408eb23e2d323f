package upstream

import (
	"net/url"
	"testing"
	"time"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

// The whole way to a provider of this process and back, its own work included.
func BenchmarkSignIn(b *testing.B) {
	provider, err := upstreamtest.Serve(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = provider.Close() })
	w := &world{Provider: provider, now: time.Now()}
	for name, s := range map[string]Settings{"oidc": w.oidc(), "oauth2": w.oauth2()} {
		b.Run(name, func(b *testing.B) {
			all, err := Open([]Settings{s}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer all.Close()
			p, d := all.All()[0], departure()
			for b.Loop() {
				target, err := p.AuthorizeURL(b.Context(), d)
				if err != nil {
					b.Fatal(err)
				}
				callback, err := provider.Authorize(target, ada)
				if err != nil {
					b.Fatal(err)
				}
				u, _ := url.Parse(callback) // of the provider's making
				_, err = p.Identify(b.Context(), Return{
					Code: secret.NewString(u.Query().Get("code")), Issuer: u.Query().Get("iss"),
					Nonce: d.Nonce, Verifier: d.Verifier, RedirectURI: d.RedirectURI,
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

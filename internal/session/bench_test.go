package session_test

import (
	"testing"

	"watchword/internal/limit"
	"watchword/internal/store/storetest"
)

func BenchmarkRefresh(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			w := newWorld(b, engine)
			w.Limiter = limit.Off()
			user := w.person().id
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				g := w.signIn(user) // a chain of its own
				for pb.Next() {
					next, err := w.refresh(g.RefreshToken)
					if err != nil {
						b.Error(err)
						return
					}
					g = next
				}
			})
		})
	}
}

func BenchmarkMe(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			w := newWorld(b, engine)
			p := w.person()
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					who, err := w.Identify(p.grant.AccessToken)
					if err == nil {
						_, err = w.Me(b.Context(), who)
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

package limit

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

func BenchmarkTake(b *testing.B) {
	for _, goroutines := range []int{1, 32} {
		b.Run(strconv.Itoa(goroutines)+" goroutines", func(b *testing.B) {
			l := New(Config{Now: time.Now, DigestKey: []byte("secret")})
			rule := Rule{Name: "bench", Count: 60, Per: time.Minute}
			keys := make([]string, 10_000)
			for i := range keys {
				keys[i] = "2001:db8:0:" + strconv.FormatInt(int64(i), 16) + "::/64"
			}
			each(b, goroutines, func(i int) { _ = l.Take(b.Context(), rule, keys[i%len(keys)], somewhere) })
		})
	}
}

func BenchmarkBeginSucceeded(b *testing.B) {
	for _, goroutines := range []int{1, 32} {
		b.Run(strconv.Itoa(goroutines)+" goroutines", func(b *testing.B) {
			l := New(Config{Now: time.Now, DigestKey: []byte("secret")})
			each(b, goroutines, func(i int) {
				if a, err := l.Begin(b.Context(), strconv.Itoa(i%10_000), somewhere); err == nil {
					a.Succeeded(b.Context())
				}
			})
		})
	}
}

// each shares b.N acts out among goroutines.
func each(b *testing.B, goroutines int, act func(i int)) {
	b.ReportAllocs()
	var next atomic.Int64
	b.ResetTimer()
	inParallel(goroutines, func(int) {
		for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
			act(int(i))
		}
	})
}

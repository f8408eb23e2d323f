package secret

import (
	"strings"
	"testing"
)

func BenchmarkMAC(b *testing.B) {
	k := mustKeyring(b, newSecret, String{})
	id, session, generation, nonce := k.CurrentID(), make([]byte, 16), make([]byte, 8), make([]byte, 16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := k.MAC(PurposeRefreshToken, id, session, generation, nonce); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCheckMAC(b *testing.B) {
	k := mustKeyring(b, newSecret, String{})
	id, session := k.CurrentID(), make([]byte, 40)
	mac, err := k.MAC(PurposeRefreshToken, id, session)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := k.CheckMAC(PurposeRefreshToken, id, mac, session); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	k := mustKeyring(b, newSecret, String{})
	plaintext, associated := make([]byte, 1024), []byte("msg_00000000000000000000000000")
	b.ReportAllocs()
	for b.Loop() {
		k.Seal(PurposeJobPayload, plaintext, associated)
	}
}

func BenchmarkOpen(b *testing.B) {
	k := mustKeyring(b, newSecret, String{})
	associated := []byte("msg_00000000000000000000000000")
	sealed := k.Seal(PurposeJobPayload, make([]byte, 1024), associated)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(PurposeJobPayload, sealed, associated); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewKeyring(b *testing.B) {
	for b.Loop() {
		mustKeyring(b, newSecret, oldSecret)
	}
}

// BenchmarkVerify keeps every worker busy, as a flood of sign-ins does.
func BenchmarkVerify(b *testing.B) {
	h := NewHasher(HasherOptions{})
	hash, err := h.Hash(b.Context(), NewString("correct horse"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if v, err := h.Verify(b.Context(), hash, NewString("correct horse")); err != nil || !v.Matches() {
				b.Fatal(v, err)
			}
		}
	})
}

// BenchmarkPool is what the pool adds to a hash.
func BenchmarkPool(b *testing.B) {
	h := NewHasher(HasherOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if err := h.pool.run(b.Context(), func() {}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseHash(b *testing.B) {
	for _, c := range foreignHashes {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseHash(c.hash); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPolicy has what is dear for zxcvbn: leet, keyboard walks and dates.
func BenchmarkPolicy(b *testing.B) {
	p := contractPolicy()
	p.MinScore = 5 // out of reach, so that both windows are scored
	for name, password := range map[string]string{
		"usual":    "correct horse battery staple",
		"leet":     strings.Repeat("4@8({[<369$05+%2!1|7", 7)[:128],
		"keyboard": strings.Repeat("qweasdzxcrtyfghvbnaqwerts", 6)[:128],
		"dates":    strings.Repeat("1-1-90/19901122", 9)[:128],
		"letters":  strings.Repeat("manandananasinonetoin", 7)[:128],
		"accents":  strings.Repeat("ﷺé", 64),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = p.Check(NewString(password), "alice.smith@example.com", "Alice Smith")
			}
		})
	}
}

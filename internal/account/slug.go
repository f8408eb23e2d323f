package account

import (
	"encoding/base32"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const maxSlugStem = 40

var slugEncoding = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// slug is a name for URLs, made of the account's own name and a random ending:
// unique without asking, and telling nobody which names are taken.
func slug(name string, random io.Reader) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r < 0x300:
			b.WriteByte('-')
		}
		if b.Len() >= maxSlugStem {
			break
		}
	}
	stem := strings.Trim(b.String(), "-")
	if stem == "" {
		stem = "account"
	}
	var raw [5]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		panic("the random source failed") // crypto/rand ends the process itself
	}
	return stem + "-" + slugEncoding.EncodeToString(raw[:])
}

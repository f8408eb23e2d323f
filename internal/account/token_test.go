package account_test

import (
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"testing"

	"watchword/internal/account"
	"watchword/internal/secret"
)

var tokenShape = regexp.MustCompile(`^otk_[A-Za-z0-9_-]{43}$`)

func TestATokenIs256RandomBits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		token := account.NewToken(rand.Reader)
		if !tokenShape.MatchString(token.Reveal()) || seen[token.Reveal()] {
			t.Fatal("a token is not what it should be, or was drawn twice")
		}
		seen[token.Reveal()] = true
		digest, err := account.TokenDigest(token)
		if err != nil || len(digest) != 32 || strings.Contains(token.Reveal(), string(digest)) {
			t.Fatalf("a digest of %d bytes (%v)", len(digest), err)
		}
	}
}

func FuzzTokenDigest(f *testing.F) {
	token := account.NewToken(rand.Reader).Reveal()
	for _, text := range []string{token, "", "otk_", token + "A", token[:46], "rt_" + token[4:], strings.ToUpper(token), token[:46] + "\n", token[:46] + "=", token[:46] + "+", "otk_" + strings.Repeat("\n", 43)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		digest, err := account.TokenDigest(secret.NewString(text))
		if err != nil {
			if !errors.Is(err, account.ErrTokenInvalid) || digest != nil {
				t.Fatalf("%x, %v", digest, err)
			}
			if text != "" && strings.Contains(err.Error(), text) && len(text) > 12 {
				t.Fatal("what was submitted is in the error")
			}
			return
		}
		if !tokenShape.MatchString(text) {
			t.Fatalf("%q is taken for a token", text)
		}
	})
}

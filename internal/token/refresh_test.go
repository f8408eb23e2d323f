package token_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/token"
)

func keyring(tb testing.TB, current, previous string) *secret.Keyring {
	tb.Helper()
	k, err := secret.NewKeyring(secret.NewString(current), secret.NewString(previous))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

const (
	firstSecret  = "the first of the secrets in these tests"
	secondSecret = "the second of the secrets in these tests"
)

func sample(keys *secret.Keyring) token.Refresh {
	var id [watchword.IDBytes]byte
	copy(id[:], "sixteen bytes id")
	return token.Refresh{
		SessionID: watchword.IDFromBytes[watchword.SessionID](id), Generation: 1,
		Nonce: []byte("0123456789abcdef"), KeyID: keys.CurrentID(),
	}
}

// What is out in browsers must open after every update: these texts never change.
func TestRefreshTokensOfOldVersionsOpen(t *testing.T) {
	t.Parallel()
	keys := keyring(t, firstSecret, "")
	for generation, text := range map[int64]string{
		1:             "rt_HpygpnNpeHRlZW4gYnl0ZXMgaWQAAAAAAAAAATAxMjM0NTY3ODlhYmNkZWaMTjIcTimtOFlk66aBFAQi8BUDmiCRhx8iDYsep2Bvfw",
		300:           "rt_HpygpnNpeHRlZW4gYnl0ZXMgaWQAAAAAAAABLDAxMjM0NTY3ODlhYmNkZWZhNGJq9ndDj6pzzlDjF-2BhbXL4f9yTqjGeBmjrUVneg",
		1<<62 + 12345: "rt_HpygpnNpeHRlZW4gYnl0ZXMgaWRAAAAAAAAwOTAxMjM0NTY3ODlhYmNkZWZkuvYEy3jnXA2wzIewKIQrPyXMXJfYzNcUYUd4hSedNg",
	} {
		want := sample(keys)
		want.Generation = generation
		sealed, err := token.SealRefresh(keys, want)
		if err != nil || sealed.Reveal() != text {
			t.Errorf("generation %d: %s, %v", generation, sealed.Reveal(), err)
		}
		got, err := token.OpenRefresh(keys, secret.NewString(text))
		if err != nil || got.SessionID != want.SessionID || got.Generation != generation || !bytes.Equal(got.Nonce, want.Nonce) || got.KeyID != want.KeyID {
			t.Errorf("generation %d: %+v, %v", generation, got, err)
		}
	}
}

func TestARefreshTokenOpensUnderTheSecretThatItNames(t *testing.T) {
	t.Parallel()
	old := keyring(t, firstSecret, "")
	text, err := token.SealRefresh(old, sample(old))
	if err != nil {
		t.Fatal(err)
	}
	both := keyring(t, secondSecret, firstSecret)
	if got, err := token.OpenRefresh(both, text); err != nil || got.KeyID != old.CurrentID() {
		t.Errorf("with the old secret as the previous: %+v, %v", got, err)
	}
	if again, err := token.SealRefresh(both, sample(old)); err != nil || !again.Equal(text) {
		t.Errorf("the successor cannot be computed under the previous secret: %v", err)
	}
	if _, err := token.OpenRefresh(keyring(t, secondSecret, ""), text); !errors.Is(err, token.ErrMalformed) {
		t.Errorf("without the old secret: %v", err)
	}
}

func TestNoBitOfARefreshTokenCanBeChanged(t *testing.T) {
	t.Parallel()
	keys := keyring(t, firstSecret, secondSecret)
	text, err := token.SealRefresh(keys, sample(keys))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text.Reveal(), "rt_"))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		changed := bytes.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		if _, err := token.OpenRefresh(keys, secret.NewString("rt_"+base64.RawURLEncoding.EncodeToString(changed))); !errors.Is(err, token.ErrMalformed) {
			t.Fatalf("with bit %d changed: %v", bit, err)
		}
	}
}

func TestARefreshTokenHasOneSpelling(t *testing.T) {
	t.Parallel()
	keys := keyring(t, firstSecret, "")
	sealed, err := token.SealRefresh(keys, sample(keys))
	if err != nil {
		t.Fatal(err)
	}
	text := sealed.Reveal()
	last := text[:len(text)-1]
	for name, other := range map[string]string{
		"padding": text + "=", "line": text[:9] + "\n" + text[9:], "cut": last, "longer": text + "A", "prefix": "RT_" + text[3:],
		"standard alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(text), "empty": "", "space": " " + text, "line for a character": last + "\n",
		"bits to spare": last + string(text[len(text)-1]+1),
	} {
		if _, err := token.OpenRefresh(keys, secret.NewString(other)); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyWholeRefreshTokensAreSealed(t *testing.T) {
	t.Parallel()
	keys := keyring(t, firstSecret, "")
	for name, spoil := range map[string]func(*token.Refresh){
		"no generation": func(r *token.Refresh) { r.Generation = 0 },
		"short nonce":   func(r *token.Refresh) { r.Nonce = r.Nonce[1:] },
		"no session":    func(r *token.Refresh) { r.SessionID = "" },
		"other id":      func(r *token.Refresh) { r.SessionID = "usr" + r.SessionID[3:] },
		"no key":        func(r *token.Refresh) { r.KeyID = "" },
		"unknown key":   func(r *token.Refresh) { r.KeyID = "00000000" },
	} {
		r := sample(keys)
		spoil(&r)
		if text, err := token.SealRefresh(keys, r); err == nil || !text.IsZero() {
			t.Errorf("%s: sealed", name)
		}
	}
}

func FuzzOpenRefresh(f *testing.F) {
	keys := keyring(f, firstSecret, secondSecret)
	text, err := token.SealRefresh(keys, sample(keys))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text.Reveal())
	f.Add("rt_")
	f.Add("rt_" + strings.Repeat("A", 102))
	f.Fuzz(func(t *testing.T, text string) {
		r, err := token.OpenRefresh(keys, secret.NewString(text))
		if err != nil {
			if !errors.Is(err, token.ErrMalformed) || err.Error() != token.ErrMalformed.Error() {
				t.Fatal(err)
			}
			return
		}
		again, err := token.SealRefresh(keys, r)
		if err != nil || again.Reveal() != text {
			t.Fatalf("what opened is sealed otherwise: %v", err)
		}
	})
}

package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"
	"testing/iotest"
)

func TestDigestIsSHA256(t *testing.T) {
	t.Parallel()
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-4, "abc"
	if got := hex.EncodeToString(Digest(NewString("abc"))); got != want {
		t.Errorf("got %s", got)
	}
}

func TestTokenIsPrefixAnd256RandomBits(t *testing.T) {
	t.Parallel()
	random := bytes.NewReader(bytes.Repeat([]byte{0xff}, 32))
	if got := NewToken("otk_", random).Reveal(); got != "otk_"+strings.Repeat("_", 42)+"8" {
		t.Errorf("got %s", got)
	}
	if random.Len() != 0 {
		t.Errorf("%d random bytes unread", random.Len())
	}
	if NewToken("", rand.Reader).Equal(NewToken("", rand.Reader)) {
		t.Error("two tokens are the same")
	}
}

func TestGeneratedSecretMakesAKeyring(t *testing.T) {
	t.Parallel()
	if _, err := NewKeyring(Generate(rand.Reader), Generate(rand.Reader)); err != nil {
		t.Error(err)
	}
}

func TestTokenIsNeverMadeFromAFailingSource(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a token came out of a failing source")
		}
	}()
	NewToken("otk_", iotest.ErrReader(iotest.ErrTimeout))
}

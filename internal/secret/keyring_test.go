package secret

import (
	"bytes"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"

	"watchword"
)

var (
	oldSecret = NewString(strings.Repeat("old secret ", 4))
	newSecret = NewString(strings.Repeat("new secret ", 4))
)

func mustKeyring(t testing.TB, current, previous String) *Keyring {
	t.Helper()
	k, err := NewKeyring(current, previous)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyringRefusesWeakOrRepeatedSecrets(t *testing.T) {
	t.Parallel()
	short := NewString(strings.Repeat("x", 31))
	for name, c := range map[string]struct {
		current, previous String
		want              error
	}{
		"no secret":      {String{}, String{}, ErrShortSecret},
		"short":          {short, String{}, ErrShortSecret},
		"short previous": {newSecret, short, ErrShortSecret},
		"the same twice": {newSecret, newSecret, ErrSameSecret},
		"long enough":    {newSecret, oldSecret, nil},
	} {
		_, err := NewKeyring(c.current, c.previous)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestKeyIDIsShortHexOfTheSecretAlone(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, oldSecret)
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(k.CurrentID()) {
		t.Errorf("id %q", k.CurrentID())
	}
	if again := mustKeyring(t, newSecret, String{}); again.CurrentID() != k.CurrentID() {
		t.Error("the id depends on more than the secret")
	}
	old := mustKeyring(t, oldSecret, String{})
	if !k.Knows(k.CurrentID()) || !k.Knows(old.CurrentID()) || old.Knows(k.CurrentID()) || k.Knows("") {
		t.Error("Knows is wrong")
	}
}

// The derivation is fixed: a change would lose every sealed value of every
// installation.
func TestDerivedKeysDoNotChange(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, String{})
	if k.CurrentID() != "05f9525c" {
		t.Errorf("id %s", k.CurrentID())
	}
	mac, err := k.MAC(PurposeRefreshToken, k.CurrentID(), []byte("part"))
	if got := hex.EncodeToString(mac); err != nil || got != "6e4c25d1451fcf85fcfed33e132b54885ab86c04e6ef5dc6127d4334d66fb43f" {
		t.Errorf("mac %s, %v", got, err)
	}
	sealed, err := hex.DecodeString("0105f9525cb5b08dd0ba336725f4ec9cf100f866fe5388213fcd5e8f1f82339af77bcfe3c9")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(PurposeJobPayload, sealed, []byte("msg_1")); err != nil || string(got) != "mail" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestSealedOpensForItsPurposeAndOwnerOnly(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, String{})
	sealed := k.Seal(PurposeJobPayload, []byte("a live token"), []byte("msg_1"))
	if bytes.Contains(sealed, []byte("live")) {
		t.Fatal("sealed in clear")
	}
	if got, err := k.Open(PurposeJobPayload, sealed, []byte("msg_1")); err != nil || string(got) != "a live token" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := k.Open(PurposeSigningKey, sealed, []byte("msg_1")); !errors.Is(err, ErrTampered) {
		t.Errorf("opened for another purpose: %v", err)
	}
	if _, err := k.Open(PurposeJobPayload, sealed, []byte("msg_2")); !errors.Is(err, ErrTampered) {
		t.Errorf("opened in another row: %v", err)
	}
	if bytes.Equal(sealed, k.Seal(PurposeJobPayload, []byte("a live token"), []byte("msg_1"))) {
		t.Error("the same nonce twice")
	}
}

func TestEveryChangedByteIsFound(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, oldSecret)
	sealed := k.Seal(PurposeSigningKey, []byte("key"), nil)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := k.Open(PurposeSigningKey, changed, nil); !errors.Is(err, ErrTampered) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := k.Open(PurposeSigningKey, sealed[:i], nil); err == nil {
			t.Errorf("cut to %d bytes opens", i)
		}
	}
}

func TestPreviousSecretOpensUntilItIsGone(t *testing.T) {
	t.Parallel()
	old := mustKeyring(t, oldSecret, String{})
	sealed := old.Seal(PurposeSigningKey, []byte("key"), nil)
	both := mustKeyring(t, newSecret, oldSecret)
	if got, err := both.Open(PurposeSigningKey, sealed, nil); err != nil || string(got) != "key" {
		t.Errorf("with the previous secret: %q, %v", got, err)
	}
	if id, err := both.SealedBy(sealed); err != nil || id != old.CurrentID() {
		t.Errorf("sealed by %q, %v", id, err)
	}
	if id, _ := both.SealedBy(both.Seal(PurposeSigningKey, nil, nil)); id != both.CurrentID() {
		t.Error("a new value is not sealed under the current secret")
	}
	_, err := mustKeyring(t, newSecret, String{}).Open(PurposeSigningKey, sealed, nil)
	if !errors.Is(err, ErrUnknownKey) || watchword.KindOf(err) != watchword.KindFault {
		t.Errorf("without it: %v", err)
	}
}

func TestOnlyTheNamedKeyIsTried(t *testing.T) {
	t.Parallel()
	both := mustKeyring(t, newSecret, oldSecret)
	sealed := mustKeyring(t, oldSecret, String{}).Seal(PurposeSigningKey, []byte("key"), nil)
	copy(sealed[1:], both.current.id[:])
	if _, err := both.Open(PurposeSigningKey, sealed, nil); !errors.Is(err, ErrTampered) {
		t.Errorf("got %v", err)
	}
}

func TestMACDependsOnPurposeKeyAndEveryBoundary(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, oldSecret)
	old := mustKeyring(t, oldSecret, String{}).CurrentID()
	seen := map[string]string{}
	for name, mac := range map[string]func() ([]byte, error){
		"ab,c":            func() ([]byte, error) { return k.MAC(PurposeCSRFToken, k.CurrentID(), []byte("ab"), []byte("c")) },
		"a,bc":            func() ([]byte, error) { return k.MAC(PurposeCSRFToken, k.CurrentID(), []byte("a"), []byte("bc")) },
		"abc":             func() ([]byte, error) { return k.MAC(PurposeCSRFToken, k.CurrentID(), []byte("abc")) },
		"abc,":            func() ([]byte, error) { return k.MAC(PurposeCSRFToken, k.CurrentID(), []byte("abc"), nil) },
		"another purpose": func() ([]byte, error) { return k.MAC(PurposeCSRFSession, k.CurrentID(), []byte("abc")) },
		"another key":     func() ([]byte, error) { return k.MAC(PurposeCSRFToken, old, []byte("abc")) },
	} {
		sum, err := mac()
		if err != nil || len(sum) != MACBytes {
			t.Fatalf("%s: %x, %v", name, sum, err)
		}
		if other, twice := seen[string(sum)]; twice {
			t.Errorf("%s and %s have the same MAC", name, other)
		}
		seen[string(sum)] = name
	}
}

func TestCheckMAC(t *testing.T) {
	t.Parallel()
	k := mustKeyring(t, newSecret, String{})
	mac, err := k.MAC(PurposeDeviceCookie, k.CurrentID(), []byte("usr_1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.CheckMAC(PurposeDeviceCookie, k.CurrentID(), mac, []byte("usr_1")); err != nil {
		t.Errorf("a right one: %v", err)
	}
	if err := k.CheckMAC(PurposeDeviceCookie, k.CurrentID(), mac, []byte("usr_2")); !errors.Is(err, ErrTampered) {
		t.Errorf("another message: %v", err)
	}
	for _, wrong := range [][]byte{nil, mac[:16], append(bytes.Clone(mac), 0)} {
		if err := k.CheckMAC(PurposeDeviceCookie, k.CurrentID(), wrong, []byte("usr_1")); !errors.Is(err, ErrTampered) {
			t.Errorf("%d bytes: %v", len(wrong), err)
		}
	}
	if err := k.CheckMAC(PurposeDeviceCookie, "00000000", mac, []byte("usr_1")); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := k.MAC(PurposeDeviceCookie, "", nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
}

func TestPurposesHaveDifferentLabels(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for purpose := range purposeCount {
		if label := purpose.label(); label == "" || seen[label] {
			t.Errorf("purpose %d: label %q", purpose, label)
		} else {
			seen[label] = true
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := mustKeyring(f, newSecret, oldSecret)
	f.Add(k.Seal(PurposeSigningKey, []byte("key"), nil))
	f.Add([]byte{})
	f.Add([]byte{sealVersion, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		// Sealed for a purpose of its own, so nothing can be guessed right.
		if _, err := k.Open(PurposeJobPayload, sealed, nil); !errors.Is(err, ErrTampered) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("got %v", err)
		}
	})
}

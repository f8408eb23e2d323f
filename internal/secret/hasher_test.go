package secret

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watchword"
)

// cheap keeps the tests fast: what they are about is not the cost.
func cheap() Params { return Params{Memory: 64, Time: 1, Threads: 1} }

func newCheapHasher() *Hasher { return NewHasher(HasherOptions{Params: cheap()}) }

func mustHash(t *testing.T, h *Hasher, password string) Hash {
	t.Helper()
	hash, err := h.Hash(t.Context(), NewString(password))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func mustVerify(t *testing.T, h *Hasher, hash Hash, password string) Verdict {
	t.Helper()
	verdict, err := h.Verify(t.Context(), hash, NewString(password))
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

func TestNewHashesHaveTheContractsParameters(t *testing.T) {
	t.Parallel()
	h := NewHasher(HasherOptions{})
	hash := mustHash(t, h, "correct horse")
	if !strings.HasPrefix(hash.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", hash.Reveal())
	}
	parsed, err := parseArgon2(argon2id, strings.Split(hash.Reveal(), "$")[2:])
	if err != nil || len(parsed.(argon2Hash).salt) != 16 || len(parsed.(argon2Hash).key) != 32 {
		t.Errorf("parsed %+v, %v", parsed, err)
	}
	if v := mustVerify(t, h, hash, "correct horse"); v != VerdictMatch {
		t.Errorf("verdict %v", v)
	}
}

func TestPasswordsAreComparedExactly(t *testing.T) {
	t.Parallel()
	h := newCheapHasher()
	long := strings.Repeat("0123456789", 12)
	hash := mustHash(t, h, long)
	for _, wrong := range []string{"", long[:72], long[:len(long)-1], long + " ", " " + long, "A" + long} {
		if mustVerify(t, h, hash, wrong).Matches() {
			t.Errorf("%q matches", wrong)
		}
	}
	if !mustVerify(t, h, hash, long).Matches() {
		t.Error("the right one does not match")
	}
}

func TestEverySaltIsFresh(t *testing.T) {
	t.Parallel()
	h := newCheapHasher()
	first, second := mustHash(t, h, "same"), mustHash(t, h, "same")
	if first.Reveal() == second.Reveal() {
		t.Error("two hashes of one password are the same")
	}
}

func TestSpellingsOfOnePasswordAreOne(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "p\u00e4ssword", "pa\u0308ssword"
	h := newCheapHasher()
	if !mustVerify(t, h, mustHash(t, h, decomposed), composed).Matches() ||
		!mustVerify(t, h, mustHash(t, h, composed), decomposed).Matches() {
		t.Error("NFC and NFD of one password differ")
	}
	// Another system hashed the bytes as they were typed.
	salt := make([]byte, 16)
	for _, typed := range []string{composed, decomposed} {
		foreign := newArgon2Hash(Params{Memory: 32, Time: 1, Threads: 1}, []byte(typed), salt).encode()
		if !mustVerify(t, h, foreign, typed).Matches() {
			t.Errorf("an imported hash of %+q does not match it", typed)
		}
	}
	foreign := newArgon2Hash(Params{Memory: 32, Time: 1, Threads: 1}, []byte(composed), salt).encode()
	if !mustVerify(t, h, foreign, decomposed).Matches() {
		t.Error("an imported hash of the NFC does not match the NFD")
	}
}

func TestVerifyingCostsAtMostTwoHashes(t *testing.T) {
	t.Parallel()
	h := newCheapHasher()
	for _, typed := range []string{"ascii", "p\u00e4ss", "pa\u0308ss", "a\u0308\u0323o\u0308\u0323"} {
		if n := len(h.spellings(bcryptHash{}, NewString(typed))); n > 2 {
			t.Errorf("%+q: %d spellings", typed, n)
		}
		// One for our own, or a decomposed password would tell by its time which
		// addresses are known.
		if n := len(h.spellings(h.dummy, NewString(typed))); n != 1 {
			t.Errorf("%+q: %d native spellings", typed, n)
		}
	}
}

func TestNobodysHashTakesTheSameWorkAndNeverMatches(t *testing.T) {
	t.Parallel()
	h := newCheapHasher()
	nobody, err := h.verifier(Hash{})
	if err != nil {
		t.Fatal(err)
	}
	known, err := h.verifier(mustHash(t, h, "known"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := nobody.(argon2Hash), known.(argon2Hash)
	if a.params != b.params || a.variant != b.variant || len(a.salt) != len(b.salt) || len(a.key) != len(b.key) {
		t.Errorf("the work differs: %v and %v", a.params, b.params)
	}
	if h.native(nobody) != h.native(known) {
		t.Error("the spellings tried differ")
	}
	before := h.Stats().Done
	for _, password := range []string{"", "known", "x"} {
		if mustVerify(t, h, Hash{}, password).Matches() {
			t.Errorf("%q matches nobody's hash", password)
		}
	}
	if done := h.Stats().Done - before; done != 3 {
		t.Errorf("%d hashes done for nobody, want 3", done)
	}
	// Even if somebody found a password for it.
	h.dummy = newArgon2Hash(h.params, []byte("found"), make([]byte, nativeSaltBytes))
	if mustVerify(t, h, Hash{}, "found").Matches() {
		t.Error("the dummy hash signs in")
	}
}

func TestOtherParametersNeedRehashing(t *testing.T) {
	t.Parallel()
	old := newCheapHasher()
	hash := mustHash(t, old, "pw")
	for _, params := range []Params{{128, 1, 1}, {64, 2, 1}, {64, 1, 2}} {
		now := NewHasher(HasherOptions{Params: params})
		if v := mustVerify(t, now, hash, "pw"); !v.Matches() || !v.NeedsRehash() {
			t.Errorf("%v: verdict %v", params, v)
		}
		if v := mustVerify(t, now, hash, "wrong"); v.Matches() || v.NeedsRehash() {
			t.Errorf("%v: verdict %v for a wrong password", params, v)
		}
	}
	if v := mustVerify(t, old, hash, "pw"); v.NeedsRehash() {
		t.Error("a native hash needs rehashing")
	}
	shortSalt := newArgon2Hash(cheap(), []byte("pw"), make([]byte, 8)).encode()
	if v := mustVerify(t, old, shortSalt, "pw"); !v.NeedsRehash() {
		t.Error("a hash with a shorter salt needs no rehashing")
	}
}

func TestDamagedStoredHashIsAFaultAndNotAWrongPassword(t *testing.T) {
	t.Parallel()
	verdict, err := newCheapHasher().Verify(t.Context(), StoredHash("$argon2id$damaged"), NewString("pw"))
	if verdict.Matches() || err == nil || watchword.KindOf(err) != watchword.KindFault {
		t.Errorf("got %v, %v", verdict, err)
	}
	if errors.Is(err, ErrBusy) || strings.Contains(err.Error(), "damaged$") {
		t.Errorf("got %v", err)
	}
}

func TestSaltComesFromTheInjectedSource(t *testing.T) {
	t.Parallel()
	h := NewHasher(HasherOptions{Params: cheap(), Random: bytes.NewReader(make([]byte, 16))})
	if hash := mustHash(t, h, "pw").Reveal(); !strings.Contains(hash, "$"+salt16+"$") {
		t.Errorf("got %s", hash)
	}
}

func TestEndedContextHashesNothing(t *testing.T) {
	t.Parallel()
	h := newCheapHasher()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, NewString("pw")); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: %v", err)
	}
	if v, err := h.Verify(ctx, Hash{}, NewString("pw")); err == nil || v.Matches() {
		t.Errorf("Verify: %v, %v", v, err)
	}
	if done := h.Stats().Done; done != 0 {
		t.Errorf("%d hashes done", done)
	}
}

func TestHasherDefaults(t *testing.T) {
	t.Parallel()
	o := HasherOptions{}.withDefaults()
	if o.Workers < 1 || o.MaxWait != time.Second || o.Params != DefaultParams() || o.Random == nil || o.Now == nil {
		t.Errorf("got %+v", o)
	}
}

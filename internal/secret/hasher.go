package secret

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"

	"watchword"
)

// errStoredHash is a fault and no wrong password: what is stored was checked
// when it came in.
var errStoredHash = watchword.NewError(watchword.KindFault, "stored_hash_unreadable",
	"A stored password hash cannot be read.")

// Verdict is the outcome of verifying a password. The zero value is a mismatch.
type Verdict uint8

// The verdicts.
const (
	VerdictMismatch Verdict = iota
	VerdictMatch
	VerdictMatchRehash // it matches, and the hash should be made anew
)

// Matches says whether the password is the right one.
func (v Verdict) Matches() bool { return v != VerdictMismatch }

// NeedsRehash says whether the password matches a hash that is not what would
// be made today.
func (v Verdict) NeedsRehash() bool { return v == VerdictMatchRehash }

// HasherOptions sets up a Hasher. Every zero field stands for its default.
type HasherOptions struct {
	Workers int              // hashes at once; default: the CPUs
	MaxWait time.Duration    // expected wait beyond which ErrBusy is answered; default: 1 s
	Random  io.Reader        // of salts, safe for concurrent use; default: crypto/rand
	Params  Params           // of new hashes; default: DefaultParams
	Now     func() time.Time // measures hashes; default: time.Now
}

func (o HasherOptions) withDefaults() HasherOptions {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxWait <= 0 {
		o.MaxWait = time.Second
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Params == (Params{}) {
		o.Params = DefaultParams()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Hasher hashes and verifies passwords, as many at once as there are workers:
// each takes 19 MiB and a CPU, so a flood of sign-ins would otherwise take the
// machine.
type Hasher struct {
	random io.Reader
	params Params
	dummy  argon2Hash // what the passwords of nobody are verified against
	pool   *pool
}

// NewHasher makes a Hasher.
func NewHasher(options HasherOptions) *Hasher {
	o := options.withDefaults()
	return &Hasher{
		random: o.Random,
		params: o.Params,
		dummy: argon2Hash{
			variant: argon2id, params: o.Params,
			salt: make([]byte, nativeSaltBytes), key: make([]byte, nativeKeyBytes),
		},
		pool: newPool(o.Workers, o.MaxWait, o.Now),
	}
}

// Hash hashes a new password. The error is ErrBusy.
func (h *Hasher) Hash(ctx context.Context, password String) (Hash, error) {
	salt := read(h.random, nativeSaltBytes)
	var made argon2Hash
	err := h.pool.run(ctx, func() {
		made = newArgon2Hash(h.params, []byte(normalised(password)), salt)
	})
	if err != nil {
		return Hash{}, err
	}
	return made.encode(), nil
}

// Verify compares a password with a stored hash of any format. Against the zero
// Hash it does the work of a native one and never matches, so that an unknown
// address takes as long as a known one. The error is ErrBusy, or a fault.
func (h *Hasher) Verify(ctx context.Context, stored Hash, password String) (Verdict, error) {
	verifier, err := h.verifier(stored)
	if err != nil {
		return VerdictMismatch, err
	}
	native := h.native(verifier)
	var matches bool
	err = h.pool.run(ctx, func() {
		matches = slices.ContainsFunc(h.spellings(verifier, password), func(spelling string) bool {
			return verifier.matches([]byte(spelling))
		})
	})
	switch {
	case err != nil:
		return VerdictMismatch, err
	case !matches || stored.IsZero():
		return VerdictMismatch, nil
	case native:
		return VerdictMatch, nil
	default:
		return VerdictMatchRehash, nil
	}
}

// Stats is the present state.
func (h *Hasher) Stats() HasherStats { return h.pool.stats() }

func (h *Hasher) verifier(stored Hash) (scheme, error) {
	if stored.IsZero() {
		return h.dummy, nil
	}
	parsed, err := parseScheme(stored.Reveal())
	if err != nil {
		return nil, errStoredHash.Because(err)
	}
	return parsed, nil
}

func (h *Hasher) native(verifier scheme) bool {
	hash, ok := verifier.(argon2Hash)
	return ok && hash.native(h.params)
}

// spellings lists what to try. Our own hashes are of the NFC, so one spelling
// does, for the dummy too. Other systems hashed the bytes as typed or their
// NFC, so an imported hash gets both: at most twice the work.
func (h *Hasher) spellings(verifier scheme, password String) []string {
	composed := normalised(password)
	if h.native(verifier) || composed == password.Reveal() {
		return []string{composed}
	}
	return []string{password.Reveal(), composed}
}

// normalised is the NFC: one password typed on two systems can be two sequences
// of bytes. Nothing else is ever changed, trimmed or cut.
func normalised(password String) string { return norm.NFC.String(password.Reveal()) }

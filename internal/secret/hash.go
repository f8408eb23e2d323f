package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"watchword"
)

// Hash is a stored password hash in any of the formats of ParseHash. It redacts
// itself as a String does. The zero Hash belongs to nobody: a user without
// a password, or no user at all.
type Hash struct{ hidden }

// StoredHash takes back what Reveal gave to the store.
func StoredHash(text string) Hash { return Hash{hidden{text: &text}} }

// The errors of ParseHash. They never hold the hash.
var (
	ErrUnsupportedHash = watchword.NewError(watchword.KindInvalid, "hash_unsupported",
		"The password hash is of a format that cannot be verified here.")
	ErrMalformedHash = watchword.NewError(watchword.KindInvalid, "hash_malformed",
		"The password hash is not written as its format requires.")
	ErrCostlyHash = watchword.NewError(watchword.KindInvalid, "hash_too_costly",
		"The password hash asks for more memory or work than is allowed.")
)

// What an imported hash may ask for. Uncapped, one row of an import would take
// the whole machine at every sign-in.
const (
	maxHashText   = 1024      // bytes of the whole text
	maxHashMemory = 128 << 10 // KiB
	minSaltBytes  = 1
	maxSaltBytes  = 64
	minKeyBytes   = 16 // fewer would let wrong passwords match
	maxKeyBytes   = 64
)

// ParseHash checks a hash that another system made, for an import. It reads
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$hash    also $argon2i$; 128 MiB, 512 MiB over all passes
//	$2b$10$…                                    bcrypt, also $2a$ and $2y$; cost 4 to 14
//	$scrypt$ln=16,r=8,p=1$salt$hash             N·r·p up to 2^20, so 128 MiB
//	$pbkdf2-sha256$i=600000,l=32$salt$hash      also -sha1 and -sha512; 2,000,000 iterations
//	$pbkdf2-sha256$29000$salt$hash              as passlib writes it; $pbkdf2$ is its SHA-1
//	pbkdf2_sha256$600000$salt$hash              as Django writes it: the salt is the text itself
//	$fbscrypt$v=1,n=14,r=8,p=1,ss=…,sk=…$salt$hash
//	                                            Firebase: n is its mem_cost, r its rounds, ss its
//	                                            salt separator, sk its signer key
//
// where salt, hash, ss and sk are base64, in the standard, the URL-safe or
// passlib's alphabet, padded or not.
func ParseHash(text string) (Hash, error) {
	// A salt that is used as the text that it is could hold what no database keeps
	// in a text: NUL, or bytes that are no UTF-8.
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return Hash{}, ErrMalformedHash
	}
	if _, err := parseScheme(text); err != nil {
		return Hash{}, err
	}
	return StoredHash(text), nil
}

// scheme is one parsed hash, whose cost is within the caps.
type scheme interface {
	matches(password []byte) bool
}

func parseScheme(text string) (scheme, error) {
	if len(text) > maxHashText {
		return nil, ErrMalformedHash
	}
	fields := strings.Split(text, "$")
	if fields[0] != "" {
		return parseDjango(fields[0], fields[1:])
	}
	if len(fields) < 2 {
		return nil, ErrUnsupportedHash
	}
	name, fields := fields[1], fields[2:]
	switch name {
	case "argon2i", "argon2id":
		return parseArgon2(argon2Variant(name), fields)
	case "2a", "2b", "2y":
		return parseBcrypt(text, fields)
	case "scrypt":
		return parseScrypt(fields)
	case "fbscrypt":
		return parseFirebase(fields)
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePBKDF2(name, fields)
	default: // argon2d too: golang.org/x/crypto does not have it
		return nil, ErrUnsupportedHash
	}
}

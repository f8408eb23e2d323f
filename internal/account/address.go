package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"watchword"
)

const (
	maxAddressBytes = 254 // RFC 5321 §4.5.3.1.3, with room for the angle brackets
	maxLocalBytes   = 64  // RFC 5321 §4.5.3.1.1
)

// ErrAddress says that a text is no address that mail could be sent to safely.
var ErrAddress = watchword.InvalidField("email", "invalid_email", "This is not a valid email address.")

// CanonicalAddress is the one form in which an address is stored and compared:
// trimmed, NFKC, case-folded, NFKC again, the domain in ASCII by IDNA. It is its
// own canonical form. Plus-tags stay: they are different addresses.
//
// It refuses (ErrAddress) what could be taken for another address or smuggle
// something into a mail: invisible characters, control characters, several @, a
// domain that NFKC would change into another one, quoted local parts.
func CanonicalAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxAddressBytes || !utf8.ValidString(text) {
		return "", ErrAddress
	}
	local, domain, ok := strings.Cut(text, "@")
	if !ok || strings.Contains(domain, "@") || strings.ContainsFunc(text, invisible) {
		return "", ErrAddress
	}
	local, err := canonicalLocal(local)
	if err != nil {
		return "", err
	}
	domain, err = canonicalDomain(domain)
	if err != nil {
		return "", err
	}
	if len(local)+1+len(domain) > maxAddressBytes {
		return "", ErrAddress
	}
	return local + "@" + domain, nil
}

func canonicalLocal(local string) (string, error) {
	local = fold(local)
	if fold(local) != local {
		return "", ErrAddress // Cherokee folds to and fro: it would be two addresses
	}
	if local == "" || len(local) > maxLocalBytes || strings.HasPrefix(local, ".") ||
		strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", ErrAddress
	}
	// NFKC can bring forth what was refused before: a full-width @ becomes one.
	for _, r := range local {
		if invisible(r) || !localRune(r) {
			return "", ErrAddress
		}
	}
	return local, nil
}

func fold(text string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}

// localRune admits atext (RFC 5322 §3.2.3), the dot, and letters, marks and
// digits of any script (RFC 6531 §3.3).
func localRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// domains is what a domain may be (UTS 46, RFC 5891, RFC 1035).
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

func canonicalDomain(domain string) (string, error) {
	lower := strings.ToLower(domain)
	if norm.NFKC.String(lower) != lower {
		return "", ErrAddress // ⓔxample.com is not example.com
	}
	ascii, err := domains.ToASCII(lower)
	if err != nil {
		return "", ErrAddress
	}
	// An xn-- label must be what its own decoding encodes to, or one domain
	// would have two forms.
	wide, err := domains.ToUnicode(ascii)
	if err != nil {
		return "", ErrAddress
	}
	if again, err := domains.ToASCII(wide); err != nil || again != ascii {
		return "", ErrAddress
	}
	if !strings.Contains(ascii, ".") && ascii != "localhost" {
		return "", ErrAddress // nobody's mail goes to a bare top-level domain
	}
	if last := ascii[strings.LastIndexByte(ascii, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return "", ErrAddress // an IP address is not a domain
	}
	return ascii, nil
}

// invisible says whether a rune leaves no mark on a screen: white space, control
// and format characters, and those that Unicode wants ignored by default.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Z, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == utf8.RuneError || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\uffa0'
}

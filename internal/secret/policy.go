package secret

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"watchword"
)

// MaxPasswordLength is the most characters that a new password may have after
// NFC. It bounds the work of checking one, and is no secret to people.
const MaxPasswordLength = 128

// ClassRule says whether a password needs characters of several classes.
type ClassRule uint8

// The rules. Free is the default: length and unpredictability are what counts
// (NIST SP 800-63B).
const (
	ClassesFree     ClassRule = iota
	ClassesRequired           // a lower-case and an upper-case letter, a digit, and something else
)

// Policy is what a new password must be.
type Policy struct {
	MinLength int // characters after NFC
	MinScore  int // of zxcvbn, 0 to 4
	Classes   ClassRule
	Product   string // the service's name, which everybody tries
}

var errPasswordTooWeak = watchword.NewError(watchword.KindInvalid, "password_too_weak",
	"The password does not meet the rules for passwords.")

// Check holds a new password against the policy. about is what is known of its
// user: address, name. The error is password_too_weak with a field error
// for each broken rule: too_short, too_long, needs_classes, and one of
// too_common, contains_personal and too_guessable. A password that is not valid
// text is the field error malformed.
func (p Policy) Check(password String, about ...string) error {
	if text := password.Reveal(); !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return watchword.InvalidField("password", "malformed", "This is not valid text.")
	}
	text := normalised(password)
	broken := p.checkLength(text)
	if len(broken) == 0 { // what has the wrong length is not worth scoring, or too long to
		broken = p.checkStrength(text, about)
	}
	if p.Classes == ClassesRequired && !hasAllClasses(text) {
		broken = append(broken, brokenRule("needs_classes",
			"Use at least one lower-case letter, one upper-case letter, one digit and one other character."))
	}
	if len(broken) == 0 {
		return nil
	}
	refusal := *errPasswordTooWeak
	refusal.Fields = broken
	return &refusal
}

func (p Policy) checkLength(text string) []watchword.FieldError {
	switch length := utf8.RuneCountInString(text); {
	case length < p.MinLength:
		return []watchword.FieldError{brokenRule("too_short", fmt.Sprintf("Use at least %d characters.", p.MinLength))}
	case length > MaxPasswordLength:
		return []watchword.FieldError{brokenRule("too_long", fmt.Sprintf("Use at most %d characters.", MaxPasswordLength))}
	default:
		return nil
	}
}

func (p Policy) checkStrength(text string, about []string) []watchword.FieldError {
	s := assess(text, personalWords(append([]string{p.Product}, about...)), p.MinScore)
	// What the personal words leave over must be half a password by itself.
	mostlyPersonal := s.personal && s.rest <= p.MinLength/2
	switch {
	case s.common:
		return []watchword.FieldError{brokenRule("too_common",
			"This is on the list of what is tried first. Choose something that is not a word or a known password.")}
	case mostlyPersonal, s.score >= p.MinScore && s.informedScore < p.MinScore:
		return []watchword.FieldError{brokenRule("contains_personal",
			"This is mostly made of your name, your address or the name of this service. Choose what nobody can know of you.")}
	case s.score < p.MinScore:
		return []watchword.FieldError{brokenRule("too_guessable",
			"This is too easy to guess. Several unrelated words, or more characters, would help.")}
	default:
		return nil
	}
}

func brokenRule(code, message string) watchword.FieldError {
	return watchword.FieldError{Field: "password", Code: code, Message: message}
}

func hasAllClasses(text string) bool {
	var lower, upper, digit, other bool
	for _, r := range text {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
	}
	return lower && upper && digit && other
}

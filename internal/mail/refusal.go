package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Answers that speak of us or of the server, not of the letter, although they
// begin with a 5: too little or the wrong sign-in, and no service at all.
var notTheLetter = []int{521, 523, 524, 530, 534, 535, 538}

// verdict is the error of a step at which the server decides about the letter.
func (s *Sender) verdict(step string, err error, r Rendered) error {
	failed := s.failure(step, err, r)
	reply, ok := errors.AsType[*textproto.Error](err)
	if ok && reply.Code/100 == 5 && !slices.Contains(notTheLetter, reply.Code) {
		return fmt.Errorf("%w: %w", ErrRefused, failed)
	}
	return failed
}

// failure is the error of a step. What the server says is of use to whoever
// mends it, and may quote what it was told: the link of a letter that a filter
// did not like, or the credentials. So the cause is not wrapped.
func (s *Sender) failure(step string, err error, r Rendered) error {
	if ours(err) {
		return fmt.Errorf("mail: %s: %w", step, err)
	}
	said := err.Error()
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		said = reply.Msg
		step = fmt.Sprintf("%s: the server answers %d", step, reply.Code)
	}
	hidden := append([]string{s.o.Username.Reveal(), s.o.Password.Reveal(), r.To, r.Code}, r.Links...)
	return fmt.Errorf("mail: %s: %s", step, harmless(said, hidden))
}

// ours says whether an error is from this side of the connection.
func ours(err error) bool {
	_, network := errors.AsType[net.Error](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return network || untrusted || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// enhanced is a status code of RFC 3463.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// The longest word, and the most text, that is taken over from a server.
const (
	maxWord = 20
	maxSaid = 200
)

// harmless keeps the plain words of what a server says, except those that also
// stand in what must stay hidden.
func harmless(said string, hidden []string) string {
	words := strings.Fields(said)
	for i, word := range words {
		if !enhanced.MatchString(word) && !plainWord(word, hidden) {
			words[i] = "…"
		}
	}
	return oneLine(strings.Join(slices.Compact(words), " "), maxSaid)
}

func plainWord(word string, hidden []string) bool {
	odd := func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(`.,;:!?()'"-`, r) }
	if utf8.RuneCountInString(word) > maxWord || strings.ContainsFunc(word, odd) {
		return false
	}
	word = strings.ToLower(word)
	bare := strings.Trim(word, `.,;:!?()'"-`)
	return !slices.ContainsFunc(hidden, func(secret string) bool {
		secret = strings.ToLower(secret)
		return secret != "" && (strings.Contains(word, secret) || len(bare) > 2 && strings.Contains(secret, bare))
	})
}

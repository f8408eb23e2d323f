package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the message as it goes over the wire. Of what people choose
// nothing stands in its headers but the address and the neutral subject.
func (s *Sender) compose(r Rendered, id string) (*gomail.Msg, error) {
	to, err := netmail.ParseAddress(r.To)
	if err != nil || to.Address != r.To || strings.ContainsFunc(r.To, unicode.IsControl) {
		return nil, fmt.Errorf("mail: the letter's address is none: %w", ErrRefused)
	}
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(to)
	m.Subject(subjectLine(r.Subject))
	m.SetDateWithValue(s.o.Clock())
	m.SetMessageIDWithValue(messageID(id, domainOf(s.from.Address)))
	// Out-of-office notes to a machine help nobody (RFC 3834, and Outlook's own).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetBodyString(gomail.TypeTextPlain, r.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, r.HTML)
	return m, nil
}

// messageID is the same for the same id, whatever that is made of.
func messageID(id, domain string) string {
	digest := sha256.Sum256([]byte(id))
	return hex.EncodeToString(digest[:16]) + "@" + domain
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

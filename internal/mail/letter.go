package mail

import (
	"errors"
	"html/template"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Letter is what one message has to say. What a template does not speak of may
// be left empty.
type Letter struct {
	Template   Template
	To         string        // the stored address
	Name       string        // the recipient's name
	Locale     string        // wanted, BCP 47; empty: the default
	Link       string        // absolute, made from the public URL by the caller
	Code       string        // digits
	Expires    time.Duration // how long link and code live; zero: no mention
	ClientName string        // the application's name; empty: the product's
	Account    string        // invites: the account's name
	Inviter    string        // invites: who invites, name or address
	Role       string        // invites
	Address    string        // what the letter speaks of: the new primary address, the provider, the feature
	Methods    []string      // how the person does sign in: magic_link, passkey, or a provider's name
	IP         string        // notices: where it came from
	UserAgent  string        // notices: what it came from
	At         time.Time     // notices: when
}

// Rendered is a letter ready to be sent.
type Rendered struct {
	To, Subject, Text, HTML string
	Links                   []string // in the text, in their order
	Code                    string
}

// How much of what somebody chose fits into a letter, in characters. Nobody's
// name needs the room for a message of its own.
const (
	maxName    = 64
	maxAddress = 254
	maxDevice  = 40
	maxSubject = 150
)

// view is what templates see; docs/mail.md lists the fields.
type view struct {
	Subject   string
	Locale    string
	Product   string // the application's name, or the brand's
	Brand     string
	LogoURL   string
	Accent    string
	OnAccent  string // readable on Accent
	Edge      string // round a button in Accent
	PublicURL string

	Name     string
	Link     template.URL
	Code     string
	Lifetime *Lifetime
	Account  string
	Inviter  string
	Role     string
	Address  string
	Methods  []string
	IP       string
	Device   string
	At       time.Time // UTC
}

// Unit is what a lifetime is counted in.
type Unit string

// The units.
const (
	Seconds Unit = "second"
	Minutes Unit = "minute"
	Hours   Unit = "hour"
	Days    Unit = "day"
)

// Lifetime is a duration as people say it, so that templates can put it into
// their language.
type Lifetime struct {
	Count int
	Unit  Unit
}

func lifetimeOf(d time.Duration) *Lifetime {
	const day = 24 * time.Hour
	switch {
	case d <= 0:
		return nil
	case d%day == 0 && d > day:
		return &Lifetime{int(d / day), Days}
	case d%time.Hour == 0:
		return &Lifetime{int(d / time.Hour), Hours}
	case d >= time.Minute:
		return &Lifetime{int(d / time.Minute), Minutes}
	default:
		return &Lifetime{int((d + time.Second - 1) / time.Second), Seconds}
	}
}

// The errors show nothing of the letter: what is wrong may be a live token.
var (
	errLink = errors.New("mail: the link of a letter is no absolute URL")
	errCode = errors.New("mail: the code of a letter is not made of digits")
)

// viewOf is the only way of a letter into a template: whatever somebody else
// than the operator chose is neutral afterwards.
func (t *Templates) viewOf(l Letter, locale string) (view, error) {
	if l.Link != "" && !validLink(l.Link) {
		return view{}, errLink
	}
	if strings.Trim(l.Code, "0123456789") != "" {
		return view{}, errCode
	}
	v := t.look
	v.Locale = locale
	if name := oneLine(l.ClientName, maxName); name != "" {
		v.Product = name
	}
	v.Name = neutral(l.Name, maxName)
	v.Link = template.URL(l.Link) //nolint:gosec // G203: checked above; html/template knows no private-use schemes
	v.Code = l.Code
	v.Lifetime = lifetimeOf(l.Expires)
	v.Account = neutral(l.Account, maxName)
	v.Inviter = neutral(l.Inviter, maxName)
	v.Role = neutral(l.Role, maxName)
	v.Address = neutral(l.Address, maxAddress)
	for _, method := range l.Methods {
		v.Methods = append(v.Methods, neutral(method, maxName))
	}
	if ip, err := netip.ParseAddr(l.IP); err == nil {
		v.IP = ip.WithZone("").String()
	}
	v.Device = deviceOf(l.UserAgent)
	v.At = l.At.UTC()
	return v, nil
}

// validLink takes http, https and the private-use schemes of applications
// (RFC 8252 §7.1), whose dot keeps javascript:, data: and their like out.
func validLink(link string) bool {
	if strings.ContainsFunc(link, func(r rune) bool {
		return r <= ' ' || r > unicode.MaxASCII || r == 0x7f || strings.ContainsRune(`"<>\^{|}`+"`", r)
	}) {
		return false
	}
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != "" && u.User == nil
	default:
		return strings.Contains(u.Scheme, ".")
	}
}

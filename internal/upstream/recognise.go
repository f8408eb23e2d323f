package upstream

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"watchword"
)

const (
	maxSubject = 255 // OpenID Connect Core 1.0 §2
	maxEmail   = 254
	maxName    = 200 // characters
	maxPicture = 2048
	maxLocale  = 35
)

// recognise reads a person out of what was said of them. All that is kept fits
// where it is kept: what a provider sends is never a fault of ours.
func (p *Provider) recognise(who Person, a answer) (Person, error) {
	read := p.read(a)
	if p.Type != TypeOIDC {
		who.Subject = read.Subject
	}
	if !keepable(who.Subject, maxSubject) {
		return Person{}, errSubject
	}
	who.Email, who.Proof = cleanEmail(read.Email), AddressUnproven
	if who.Email != "" && p.proves(a, who.Email) {
		who.Proof = AddressProven
	}
	who.Name, who.Picture, who.Locale = cleanName(read.Name), cleanPicture(read.Picture), cleanLocale(read.Locale)
	return who, nil
}

func (p *Provider) read(a answer) Person {
	switch {
	case p.preset.read != nil:
		return p.preset.read(a)
	case p.Type == TypeOIDC:
		return readStandard(a.claims)
	default:
		return readNamed(a.claims, p.settings.Claims)
	}
}

// readStandard reads the claims of OpenID Connect Core 1.0 §5.1.
func readStandard(c claims) Person {
	name := c.text("name")
	if name == "" {
		name = strings.TrimSpace(c.text("given_name") + " " + c.text("family_name"))
	}
	return Person{Email: c.text("email"), Name: name, Picture: c.text("picture"), Locale: c.text("locale")}
}

// readNamed reads claims by the operator's names.
func readNamed(c claims, names ClaimNames) Person {
	return Person{Subject: c.subject(names.Subject), Email: c.text(names.Email), Name: c.text(names.Name), Picture: c.text(names.Picture)}
}

// subject is the text at a path, or the digits of a whole number: 1, 1.0 and 1e0
// are one number, and would be three people.
func (c claims) subject(path string) string {
	if number, ok := c.at(path).(json.Number); ok && strings.Trim(number.String(), "0123456789") != "" {
		return ""
	}
	return c.text(path)
}

func (p *Provider) proves(a answer, address string) bool {
	if p.preset.proves != nil {
		return p.preset.proves(p.settings, a, address)
	}
	name := "email_verified"
	if p.Type == TypeOAuth2 {
		name = p.settings.Claims.EmailVerified
	}
	return a.claims.yes(name) && p.settings.trusts(address)
}

// trusts says whether the operator takes the provider's word for an address's
// domain.
func (s Settings) trusts(address string) bool {
	domain, ok := domainOf(address)
	return ok && (slices.Contains(s.EmailDomains, "*") || slices.Contains(s.EmailDomains, domain))
}

// domains is what the domain of an address may be (UTS 46, RFC 5891, RFC 1035), as
// where addresses are made canonical.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// domainOf is the domain of an address in its canonical form.
func domainOf(address string) (string, bool) {
	local, domain, ok := strings.Cut(address, "@")
	lower := strings.ToLower(domain)
	if !ok || local == "" || norm.NFKC.String(lower) != lower {
		return "", false
	}
	ascii, err := domains.ToASCII(lower) // refuses a second @, too
	if err != nil {
		return "", false
	}
	return ascii, true
}

// keepable says whether a text can be kept as it is, and compared.
func keepable(text string, most int) bool {
	return text != "" && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// cleanEmail drops what cannot be kept or is not seen; whether the rest is an
// address is for others to say.
func cleanEmail(text string) string {
	text = strings.TrimSpace(text)
	if !keepable(text, maxEmail) || strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Z) }) {
		return ""
	}
	return text
}

// cleanName takes out what could disguise itself in a list or a mail, and cuts.
func cleanName(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if watchword.Disguises(r) {
			return -1
		}
		return r
	}, text))
	if utf8.RuneCountInString(text) > maxName {
		text = strings.TrimSpace(string([]rune(text)[:maxName]))
	}
	return text
}

func cleanPicture(text string) string {
	if len(text) > maxPicture {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || !keepable(u.String(), maxPicture) {
		return ""
	}
	return u.String()
}

// cleanLocale makes a BCP 47 tag canonical; some providers write en_GB.
func cleanLocale(text string) string {
	if text == "" || len(text) > maxLocale {
		return ""
	}
	tag, err := language.Parse(text)
	if err != nil {
		return ""
	}
	return tag.String()
}

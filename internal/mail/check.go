package mail

import (
	"slices"
	"strings"
)

// check reads all templates and writes every letter of those that can be read.
func (t *Templates) check() []Fault {
	var faults []Fault
	for _, locale := range t.locales {
		read := t.letters[locale]()
		faults = append(faults, read.faults...)
		for _, l := range slices.Concat(t.samples(locale), bareSamples(locale)) {
			if how, ok := read.by[l.Template]; ok {
				faults = append(faults, t.try(l, locale, how)...)
			}
		}
	}
	return faults
}

// try writes a letter and looks whether it says what it is there for.
func (t *Templates) try(l Letter, locale string, how *letter) []Fault {
	v, err := t.viewOf(l, locale)
	if err != nil {
		return []Fault{{File: locale, Message: err.Error()}}
	}
	r, fault := how.write(l, v)
	if fault != nil {
		return []Fault{*fault}
	}
	var faults []Fault
	if r.Subject == "" {
		faults = append(faults, Fault{File: how.textFile, Message: `has an empty "subject"`})
	}
	if !needsLink(l.Template) || l.Link == "" {
		return faults
	}
	for _, part := range []struct{ text, file string }{{r.Text, how.textFile}, {r.HTML, how.htmlFile}} {
		if !strings.Contains(part.text, l.Link) {
			faults = append(faults, Fault{File: part.file, Message: "leaves out .Link, which the letter is there for"})
		}
		if !strings.Contains(part.text, l.Code) {
			faults = append(faults, Fault{File: part.file, Message: "leaves out .Code: it is how people sign in on another device"})
		}
	}
	return faults
}

// needsLink says whether a letter is of no use without its link.
func needsLink(name Template) bool {
	return slices.Contains([]Template{VerifyEmail, MagicLink, ResetPassword, Invite}, name)
}

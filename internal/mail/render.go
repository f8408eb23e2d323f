package mail

import (
	"fmt"
	"slices"
	"strings"
)

// The blocks that make a letter.
const (
	subjectBlock = "subject"
	letterBlock  = "letter"
)

// Render writes a letter in the nearest language to the one that it wants.
func (t *Templates) Render(l Letter) (Rendered, error) {
	locale := t.localeFor(l.Locale)
	v, err := t.viewOf(l, locale)
	if err != nil {
		return Rendered{}, err
	}
	how, ok := t.letters[locale]().by[l.Template]
	if !ok {
		return Rendered{}, fmt.Errorf("mail: write %s: %w", l.Template, errUnknownTemplate)
	}
	r, fault := how.write(l, v)
	if fault != nil {
		// Templates quote what they were given, and that may be a live token.
		return Rendered{}, fmt.Errorf("mail: write %s: %s:%d fails", l.Template, fault.File, fault.Line)
	}
	return r, nil
}

func (how *letter) write(l Letter, v view) (Rendered, *Fault) {
	var subject, text, html strings.Builder
	if err := how.text.ExecuteTemplate(&subject, subjectBlock, v); err != nil {
		fault := faultOf(err, how.textFile)
		return Rendered{}, &fault
	}
	v.Subject = subjectLine(subject.String())
	if err := how.text.ExecuteTemplate(&text, letterBlock, v); err != nil {
		fault := faultOf(err, how.textFile)
		return Rendered{}, &fault
	}
	if err := how.html.ExecuteTemplate(&html, letterBlock, v); err != nil {
		fault := how.htmlFault(err)
		return Rendered{}, &fault
	}
	r := Rendered{To: l.To, Subject: v.Subject, Text: wrap(text.String()), HTML: withoutBlankLines(html.String()), Code: l.Code}
	r.Links = linksIn(r.Text, l.Link)
	return r, nil
}

// htmlFault finds the file at fault. Markup that stays open shows only in the
// page as a whole: then it is in the letter or in the layout around it, and of
// the two in the operator's.
func (how *letter) htmlFault(err error) Fault {
	fault := faultOf(err, how.htmlFile)
	if fault.Line > 0 || isBuiltIn(how.layoutFile) {
		return fault
	}
	if isBuiltIn(how.htmlFile) {
		fault.File = how.layoutFile
	} else {
		fault.Message += "; or it is in " + how.layoutFile
	}
	return fault
}

// subjectLine keeps a subject on one line, and apart what mail clients would
// decode (RFC 2047): a name could bring a link or a line break that way.
func subjectLine(text string) string {
	return oneLine(strings.ReplaceAll(text, "=?", "= ?"), maxSubject)
}

// linksIn finds the links of a text: what the operator's templates put there,
// for nothing that somebody else chose can be one.
func linksIn(text, own string) []string {
	links := []string{}
	for _, word := range strings.Fields(text) {
		isLink := strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") || own != "" && word == own
		if isLink && !slices.Contains(links, word) {
			links = append(links, word)
		}
	}
	return links
}

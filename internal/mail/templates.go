package mail

import (
	"cmp"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"path"
	"slices"
	"sync"
	texttemplate "text/template"

	"golang.org/x/text/language"
)

// Branding is how the operator's product presents itself.
type Branding struct {
	Name    string
	LogoURL string // empty: the name in its place
	Accent  string // #rgb or #rrggbb
}

// TemplateOptions says what letters look like.
type TemplateOptions struct {
	Dir           string // templates that go before the built-in ones; empty: none
	Branding      Branding
	PublicURL     string
	DefaultLocale string // empty: English
}

// Templates writes letters. It may be used by many at once.
type Templates struct {
	look    view // what all letters have in common
	folders []folder
	locales []string // the default first
	matcher language.Matcher
	letters map[string]func() letters // by locale
}

// letters are those of a language, and what is wrong with them.
type letters struct {
	by     map[Template]*letter
	faults []Fault
}

// letter is how one message is written in one language.
type letter struct {
	html       *htmltemplate.Template
	text       *texttemplate.Template
	htmlFile   string
	textFile   string
	layoutFile string // of the HTML
}

// NewTemplates makes ready to write letters. Where the operator has templates
// of their own, it reads all there are and writes every letter once, in every
// language, with all that it can hold and with as little as it can hold; its
// error is Faults wherever a template is to blame. Ours alone have passed that
// before they were built in, so a language is read when it is first written in:
// a start has better things to do with the time.
func NewTemplates(o TemplateOptions) (*Templates, error) {
	t := &Templates{folders: []folder{embedded()}, letters: map[string]func() letters{}}
	if err := t.dress(o); err != nil {
		return nil, err
	}
	if o.Dir != "" {
		t.folders = append([]folder{operators(o.Dir)}, t.folders...)
	}
	var faults []Fault
	for _, f := range t.folders {
		locales, found := f.locales()
		t.locales = append(t.locales, locales...)
		faults = append(faults, found...)
	}
	if err := t.speak(cmp.Or(o.DefaultLocale, english)); err != nil {
		return nil, err
	}
	for _, locale := range t.locales {
		t.letters[locale] = sync.OnceValue(func() letters { return t.load(locale) })
	}
	if o.Dir != "" {
		faults = append(faults, t.check()...)
	}
	if len(faults) > 0 {
		return nil, inOrder(faults)
	}
	return t, nil
}

// dress sets what all letters have in common.
func (t *Templates) dress(o TemplateOptions) error {
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" {
		return fmt.Errorf("mail: the public URL of letters is none")
	}
	accent, ok := longColour(o.Branding.Accent)
	if !ok {
		return fmt.Errorf("mail: the accent colour must be #rgb or #rrggbb")
	}
	brand := oneLine(o.Branding.Name, maxName)
	t.look = view{
		Product: brand, Brand: brand, LogoURL: o.Branding.LogoURL, PublicURL: o.PublicURL,
		Accent: accent, OnAccent: readableOn(accent), Edge: edgeOf(accent),
	}
	return nil
}

// speak settles the languages: the default first, for it is what the matcher
// falls back to.
func (t *Templates) speak(standard string) error {
	slices.Sort(t.locales)
	t.locales = slices.Compact(t.locales)
	at := slices.Index(t.locales, standard)
	if at < 0 {
		return fmt.Errorf("mail: there are no templates in the default language, %q", standard)
	}
	t.locales = slices.Insert(slices.Delete(t.locales, at, at+1), 0, standard)
	tags := make([]language.Tag, len(t.locales))
	for i, locale := range t.locales {
		tags[i] = language.Make(locale)
	}
	t.matcher = language.NewMatcher(tags)
	return nil
}

// localeFor is the nearest language to the one that is wanted.
func (t *Templates) localeFor(wanted string) string {
	tag, err := language.Parse(wanted)
	if err != nil {
		return t.locales[0]
	}
	_, at, _ := t.matcher.Match(tag)
	return t.locales[at]
}

// find looks for a file in a language, then in the default one, then in
// English; in each the operator's goes before ours.
func (t *Templates) find(locale, file string) (source, error) {
	for _, locale := range []string{locale, t.locales[0], english} {
		for _, f := range t.folders {
			if s, ok, err := f.read(path.Join(locale, file)); ok || err != nil {
				return s, err
			}
		}
	}
	return source{}, errUnknownTemplate
}

// words are what letters of a language have in common. Those that a language's
// own file leaves out are taken from English.
func (t *Templates) words(locale string) ([]source, []Fault) {
	const file = wordsFile + ".txt"
	var words []source
	var faults []Fault
	for _, from := range slices.Compact([]string{english, t.locales[0], locale}) {
		for _, f := range slices.Backward(t.folders) {
			s, ok, err := f.read(path.Join(from, file))
			switch {
			case err != nil:
				faults = append(faults, Fault{File: f.shown(path.Join(from, file)), Message: reasonOf(err)})
			case ok:
				words = append(words, s)
			}
		}
	}
	return words, faults
}

// layout is how letters look: our blocks, and then the operator's.
func (t *Templates) layout(extension string) ([]source, []Fault) {
	var layout []source
	var faults []Fault
	for _, f := range slices.Backward(t.folders) {
		s, ok, err := f.read(layoutFile + extension)
		switch {
		case err != nil:
			faults = append(faults, Fault{File: f.shown(layoutFile + extension), Message: reasonOf(err)})
		case ok:
			layout = append(layout, s)
		}
	}
	return layout, faults
}

// load reads every letter of a language.
func (t *Templates) load(locale string) letters {
	words, faults := t.words(locale)
	base, found := t.base(words)
	faults = append(faults, found...)
	if len(faults) > 0 {
		return letters{faults: faults}
	}
	by := map[Template]*letter{}
	for _, name := range templates() {
		one, found := t.loadOne(base, locale, string(name))
		if faults = append(faults, found...); len(found) == 0 {
			by[name] = one
		}
	}
	return letters{by, faults}
}

func (t *Templates) loadOne(base letter, locale, name string) (*letter, []Fault) {
	one := &letter{layoutFile: base.layoutFile}
	var faults []Fault
	if s, err := t.find(locale, name+".html"); err != nil {
		faults = append(faults, Fault{File: path.Join(locale, name+".html"), Message: reasonOf(err)})
	} else if one.html, err = parseHTML(base.html, s); err != nil {
		faults = append(faults, faultOf(err, s.name))
	} else {
		one.htmlFile = s.name
	}
	if s, err := t.find(locale, name+".txt"); err != nil {
		faults = append(faults, Fault{File: path.Join(locale, name+".txt"), Message: reasonOf(err)})
	} else if one.text, err = parseText(base.text, s); err != nil {
		faults = append(faults, faultOf(err, s.name))
	} else {
		one.textFile = s.name
	}
	return one, faults
}

// base holds the layouts and a language's words.
func (t *Templates) base(words []source) (letter, []Fault) {
	htmlLayout, faults := t.layout(".html")
	textLayout, found := t.layout(".txt")
	if faults = append(faults, found...); len(faults) > 0 {
		return letter{}, faults
	}
	base := letter{html: htmltemplate.New(layoutFile), text: texttemplate.New(layoutFile), layoutFile: htmlLayout[len(htmlLayout)-1].name}
	for _, s := range slices.Concat(htmlLayout, words) {
		if _, err := base.html.New(s.name).Parse(s.text); err != nil {
			faults = append(faults, faultOf(err, s.name))
		}
	}
	for _, s := range slices.Concat(textLayout, words) {
		if _, err := base.text.New(s.name).Parse(s.text); err != nil {
			faults = append(faults, faultOf(err, s.name))
		}
	}
	return base, faults
}

func parseHTML(base *htmltemplate.Template, s source) (*htmltemplate.Template, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	_, err = t.New(s.name).Parse(s.text)
	return t, err
}

func parseText(base *texttemplate.Template, s source) (*texttemplate.Template, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	_, err = t.New(s.name).Parse(s.text)
	return t, err
}

package mail

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files")

func testTemplates(t *testing.T, change func(*TemplateOptions)) *Templates {
	t.Helper()
	o := TemplateOptions{Branding: Branding{Name: "Watchword", Accent: "#3b5bdb"}, PublicURL: "https://auth.example.com"}
	if change != nil {
		change(&o)
	}
	templates, err := NewTemplates(o)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func render(t *testing.T, templates *Templates, l Letter) Rendered {
	t.Helper()
	r, err := templates.Render(l)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The letters as they are sent. After a change on purpose: go test -run Golden
// ./internal/mail -update, and look at the difference.
func TestLettersMatchTheGoldenFiles(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	wanted := map[string]bool{}
	for _, locale := range made.locales {
		for _, l := range made.samples(locale) {
			r := render(t, made, l)
			for extension, text := range map[string]string{".txt": "Subject: " + r.Subject + "\n\n" + r.Text, ".html": r.HTML} {
				file := filepath.Join("testdata", "golden", locale, string(l.Template)+extension)
				wanted[file] = true
				checkGolden(t, file, text)
			}
		}
	}
	there, err := filepath.Glob(filepath.Join("testdata", "golden", "*", "*"))
	if err != nil || len(there) != len(wanted) {
		t.Errorf("%d golden files for %d letters, %v", len(there), len(wanted), err)
	}
}

func checkGolden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestEveryLetterIsWrittenInEveryBuiltInLanguage(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	if diff := cmp.Diff([]string{"en", "de"}, made.locales); diff != "" {
		t.Fatal(diff)
	}
	// What the start leaves out for the built-in ones.
	if faults := made.check(); len(faults) != 0 {
		t.Fatal(Faults(faults))
	}
	for _, locale := range made.locales {
		for _, name := range templates() {
			for _, extension := range []string{".html", ".txt"} {
				if _, ok, err := embedded().read(locale + "/" + string(name) + extension); !ok || err != nil {
					t.Errorf("%s is not written in %s: %v", name, locale, err)
				}
			}
		}
	}
}

func TestALetterWithoutAnythingOptionalHasNoHoles(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, locale := range made.locales {
		for _, l := range bareSamples(locale) {
			r := render(t, made, l)
			for _, text := range []string{r.Subject, r.Text, r.HTML} {
				for _, hole := range []string{"<nil>", "0001", "{{", "<no value>", "ZgotmplZ", " ,", " . ", `href=""`, "<p></p>", "\n\n\n"} {
					if strings.Contains(text, hole) {
						t.Errorf("%s in %s has a hole %q:\n%s", l.Template, locale, hole, text)
					}
				}
			}
			if len(r.Links) != 0 {
				t.Errorf("%s in %s has links: %q", l.Template, locale, r.Links)
			}
		}
	}
}

func TestEveryLetterShowsTheLinkThatItIsGiven(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, link := range []string{"https://app.example.com/in?a=1&b=2&token=otk_x", "com.example.app:/reset?token=otk_x", "http://localhost:3000/x"} {
		for _, l := range slices.Concat(made.samples("en"), made.samples("de")) {
			l.Link = link
			r := render(t, made, l)
			if !slices.Equal(r.Links, []string{link}) || !strings.Contains(r.Text, "\n"+link+"\n") {
				t.Errorf("%s in %s: links %q in\n%s", l.Template, l.Locale, r.Links, r.Text)
			}
			if links := linksOf(t, r.HTML); len(links) != 2 || links[0] != link || links[1] != link {
				t.Errorf("%s in %s: links %q", l.Template, l.Locale, links)
			}
		}
	}
}

// linksOf are the addresses that a page leads to or loads.
func linksOf(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	for node := range root.Descendants() {
		for _, a := range node.Attr {
			if slices.Contains([]string{"href", "src", "background", "action", "srcset"}, a.Key) {
				links = append(links, a.Val)
			}
		}
	}
	return links
}

func TestTheCodeIsOneWordAndNotInTheSubject(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, locale := range made.locales {
		r := render(t, made, Letter{Template: MagicLink, Locale: locale, Code: "402917", Link: "https://auth.example.com/x", Expires: time.Minute})
		if !strings.Contains(r.Text, "\n402917\n") || !strings.Contains(r.HTML, ">402917<") || r.Code != "402917" {
			t.Errorf("the code is hard to find:\n%s", r.Text)
		}
		if strings.Contains(r.Subject, "402917") {
			t.Errorf("lock screens show %q", r.Subject)
		}
	}
	alone := render(t, made, Letter{Template: MagicLink, Code: "402917"})
	if !strings.Contains(alone.Text, "\n402917\n") || len(alone.Links) != 0 {
		t.Errorf("a code alone:\n%s", alone.Text)
	}
}

func TestTheLanguageIsTheNearestThereIs(t *testing.T) {
	t.Parallel()
	english := testTemplates(t, nil)
	german := testTemplates(t, func(o *TemplateOptions) { o.DefaultLocale = "de" })
	for _, test := range []struct{ wanted, first, second string }{
		{"de", "de", "de"},
		{"de-AT", "de", "de"},
		{"DE_ch", "de", "de"},
		{"en-GB", "en", "en"},
		{"en", "en", "en"},
		{"ja", "en", "de"},
		{"", "en", "de"},
		{"not a language at all", "en", "de"},
		{"../../etc", "en", "de"},
		{strings.Repeat("de-", 5000), "en", "de"},
	} {
		if got := english.localeFor(test.wanted); got != test.first {
			t.Errorf("%.20q is written in %s, want %s", test.wanted, got, test.first)
		}
		if got := german.localeFor(test.wanted); got != test.second {
			t.Errorf("%.20q is written in %s where German is the default, want %s", test.wanted, got, test.second)
		}
	}
	if _, err := NewTemplates(TemplateOptions{Branding: Branding{Accent: "#000"}, PublicURL: "https://a.example", DefaultLocale: "tlh"}); err == nil {
		t.Error("a default language that nothing is written in is taken")
	}
}

func TestLifetimesAreToldAsPeopleDo(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, test := range []struct {
		life            time.Duration
		english, german string
	}{
		{time.Second, "1 second", "1 Sekunde"},
		{1500 * time.Millisecond, "2 seconds", "2 Sekunden"},
		{time.Minute, "1 minute", "1 Minute"},
		{10 * time.Minute, "10 minutes", "10 Minuten"},
		{90 * time.Minute, "90 minutes", "90 Minuten"},
		{time.Hour, "1 hour", "1 Stunde"},
		{24 * time.Hour, "24 hours", "24 Stunden"},
		{36 * time.Hour, "36 hours", "36 Stunden"},
		{7 * 24 * time.Hour, "7 days", "7 Tage"},
	} {
		for locale, want := range map[string]string{"en": test.english, "de": test.german} {
			r := render(t, made, Letter{Template: ResetPassword, Locale: locale, Expires: test.life, Link: "https://a.example/x"})
			if !strings.Contains(r.Text, " "+want+".") || !strings.Contains(r.HTML, " "+want+".") {
				t.Errorf("%v in %s is not %q:\n%s", test.life, locale, want, r.Text)
			}
		}
	}
}

func TestLinesOfTextAreWrappedAndLinksNever(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, func(o *TemplateOptions) { o.Branding.Name = strings.Repeat("Long name ", 6) })
	link := "https://auth.example.com/" + strings.Repeat("x", 300)
	for _, l := range slices.Concat(made.samples("en"), made.samples("de")) {
		l.Link, l.Account, l.Inviter = link, strings.Repeat("Wide ", 12), strings.Repeat("Ünï ", 15)
		for line := range strings.SplitSeq(render(t, made, l).Text, "\n") {
			if line != link && len([]rune(line)) > textWidth {
				t.Errorf("%s in %s has a wide line: %s", l.Template, l.Locale, line)
			}
		}
	}
}

func TestNothingIsLoadedFromElsewhereButTheLogo(t *testing.T) {
	t.Parallel()
	const logo = "https://cdn.example.com/logo.png"
	plain := testTemplates(t, nil)
	branded := testTemplates(t, func(o *TemplateOptions) { o.Branding.LogoURL = logo })
	for _, l := range plain.samples("en") {
		if page := render(t, plain, l).HTML; strings.Contains(page, "<img") || strings.Contains(page, "url(") || strings.Contains(page, "@import") {
			t.Errorf("%s loads something", l.Template)
		}
		page := render(t, branded, l).HTML
		if strings.Count(page, "<img") != 1 || !strings.Contains(page, `src="`+logo+`" alt="Watchword"`) {
			t.Errorf("%s has no logo", l.Template)
		}
	}
}

func TestButtonsCanBeReadOnEveryAccent(t *testing.T) {
	t.Parallel()
	for _, accent := range []string{"#3b5bdb", "#fff", "#000", "#ffeb3b", "#777777", "#0a7", "#C0FFEE", "#ff0000"} {
		made := testTemplates(t, func(o *TemplateOptions) { o.Branding.Accent = accent })
		long, ok := longColour(accent)
		if ratio := contrast(long, made.look.OnAccent); !ok || ratio < 4.4 {
			t.Errorf("on %s %s has a contrast of %.1f", accent, made.look.OnAccent, ratio)
		}
		for _, ground := range []string{paper, paperDark} {
			if contrast(made.look.Edge, ground) < visible {
				t.Errorf("a button in %s cannot be told from %s", accent, ground)
			}
		}
		page := render(t, made, made.samples("en")[0]).HTML
		if !strings.Contains(page, fmt.Sprintf(`bgcolor="%s" style="background:%s;border:1px solid %s`, long, long, made.look.Edge)) {
			t.Errorf("%s is not what the button is painted with", accent)
		}
	}
	for _, accent := range []string{"", "red", "#12", "#12345g", "#1234567", "123456", "#fff;x:y"} {
		if _, err := NewTemplates(TemplateOptions{Branding: Branding{Accent: accent}, PublicURL: "https://a.example"}); err == nil {
			t.Errorf("%q is taken for a colour", accent)
		}
	}
}

func TestTheLayoutIsPaintedWithTheColoursThatAreReckonedWith(t *testing.T) {
	t.Parallel()
	layout, _, err := embedded().read("layout.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{".card { background: " + paperDark, "background:" + paper} {
		if !strings.Contains(layout.text, rule) {
			t.Errorf("the layout has no %q", rule)
		}
	}
}

package mail

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// hostile is what somebody may choose for a name.
var hostile = []string{
	"https://evil.example/free", "evil.example", "www.evil.example", "eve@evil.example", "mailto:eve@evil.example", "//evil.example", `\\evil\share`,
	"Ada\r\nBcc: eve@evil.example", "Ada\nhttps://evil.example\n", "Ada\u2028https://evil.example", "evil․example", "evil。example", "ｈttps：／／evil．example",
	`<a href="https://evil.example">here</a>`, `"><script>alert(1)</script>`, `' onmouseover='x`, "<!--", "</title><b>", "{{.Link}}", "${x}", "javascript:alert(1)",
	"=?utf-8?q?Subject?=", "\u202egnp.exe", strings.Repeat("A", 10000), "\xff\xfe",
}

// autolink is what clients make links of in plain text.
var autolink = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*:[^\s]|www\.[^\s]|[^\s@]@[^\s@]|[\pL\pN-]\.[\pL]|//[^\s]|\\\\`)

func hostileLetter(name Template, locale, text string) Letter {
	return Letter{
		Template: name, To: "ada@example.com", Locale: locale, Name: text, Account: text, Inviter: text, Role: text, Address: text,
		Methods: []string{text}, IP: text, UserAgent: text, At: time.Unix(1, 0), Link: "https://auth.example.com/x", Code: "402917",
	}
}

func TestNothingThatSomebodyChoosesBecomesALink(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, text := range hostile {
		for _, locale := range made.locales {
			for _, name := range templates() {
				checkHostile(t, made, hostileLetter(name, locale, text))
			}
		}
	}
}

func checkHostile(t *testing.T, made *Templates, l Letter) {
	t.Helper()
	r, err := made.Render(l)
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{l.Link: true}
	for word := range strings.FieldsSeq(r.Subject + " " + r.Text) {
		if !own[word] && autolink.MatchString(word) && !isTime(word) {
			t.Errorf("%s in %s of %.40q has a link: %s", l.Template, l.Locale, l.Name, word)
		}
	}
	if strings.ContainsAny(r.Subject, "\r\n") || len([]rune(r.Subject)) > maxSubject {
		t.Errorf("the subject of %.40q is %q", l.Name, r.Subject)
	}
	if !slices.Equal(r.Links, []string{l.Link}) {
		t.Errorf("%s in %s of %.40q has the links %q", l.Template, l.Locale, l.Name, r.Links)
	}
	checkHostilePage(t, made, l, r.HTML)
}

// isTime says whether a word is one of the hours that notices tell.
func isTime(word string) bool {
	return regexp.MustCompile(`^\d\d:\d\d$|^01\.01\.1970,$`).MatchString(word)
}

// checkHostilePage compares with the page of a harmless letter: same elements,
// same attributes, and no link in the text between them.
func checkHostilePage(t *testing.T, made *Templates, l Letter, page string) {
	t.Helper()
	harmless := hostileLetter(l.Template, l.Locale, "Ada")
	if neutral(l.Name, maxName) == "" {
		return // blocks are left out
	}
	harmless.UserAgent, harmless.IP = l.UserAgent, l.IP
	if deviceOf(l.UserAgent) == "" {
		t.Fatal("no device")
	}
	want, got := skeleton(t, render(t, made, harmless).HTML), skeleton(t, page)
	if !slices.Equal(want.tags, got.tags) {
		t.Errorf("%s of %.40q has other elements", l.Template, l.Name)
	}
	for word := range strings.FieldsSeq(got.text) {
		if word != l.Link && autolink.MatchString(word) && !isTime(word) {
			t.Errorf("the page of %s of %.40q has a link: %s", l.Template, l.Name, word)
		}
	}
}

type bones struct {
	tags []string // with their attributes
	text string
}

func skeleton(t *testing.T, page string) bones {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b bones
	for node := range root.Descendants() {
		switch node.Type {
		case html.ElementNode:
			tag := node.Data
			for _, a := range node.Attr {
				tag += " " + a.Key + "=" + a.Val
			}
			b.tags = append(b.tags, tag)
		case html.TextNode:
			if node.Parent.Data != "style" {
				b.text += " " + node.Data
			}
		case html.CommentNode:
			b.tags = append(b.tags, "comment")
		default:
		}
	}
	return b
}

func TestLinksAndCodesAreChecked(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	for _, link := range []string{
		"javascript:alert(1)", "data:text/html,x", "/relative", "auth.example.com", "//auth.example.com/x", "https://", "mailto:a@b.c", "https://a.example/ x",
		"https://a.example/\nx", "https://a.example/\"x", "https://a.example/<x", "https://ü.example/", "https://user:canary@a.example/", "vbscript:x", "file:///etc",
	} {
		_, err := made.Render(Letter{Template: MagicLink, Link: link, Code: "402917"})
		if err == nil {
			t.Errorf("%q is taken for a link", link)
		} else if strings.Contains(err.Error(), link) {
			t.Errorf("the error shows the link: %v", err)
		}
	}
	for _, code := range []string{"40 2917", "40291x", "٤٠٢٩١٧", "402917\n"} {
		if _, err := made.Render(Letter{Template: MagicLink, Code: code}); err == nil || strings.Contains(err.Error(), code) {
			t.Errorf("%q is taken for a code: %v", code, err)
		}
	}
	if _, err := made.Render(Letter{Template: "nothing"}); err == nil {
		t.Error("a letter that there is none of was written")
	}
}

// A client's or the brand's name is the operator's and keeps its dots, but not
// its lines.
func TestWhatTheOperatorChoosesStaysOnItsLine(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, func(o *TemplateOptions) { o.Branding.Name = "Acme.com\r\nBcc: eve" })
	r := render(t, made, Letter{Template: MagicLink, Code: "402917"})
	if r.Subject != "Sign in to Acme.com Bcc: eve" {
		t.Errorf("the subject is %q", r.Subject)
	}
	if r := render(t, made, Letter{Template: MagicLink, Code: "402917", ClientName: "Shop.example\n<b>"}); r.Subject != "Sign in to Shop.example <b>" {
		t.Errorf("the subject is %q", r.Subject)
	}
}

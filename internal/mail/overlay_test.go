package mail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folderOf is a folder with these files.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func withFolder(dir string) TemplateOptions {
	return TemplateOptions{Dir: dir, Branding: Branding{Name: "Watchword", Accent: "#3b5bdb"}, PublicURL: "https://auth.example.com"}
}

const (
	ownText = `{{define "subject"}}Come in{{end}}{{define "content"}}Ours: {{.Link}} {{.Code}}{{end}}`
	ownHTML = `{{define "action"}}Come in{{end}}{{define "content"}}<p>Ours: {{.Code}}</p>{{template "button" .}}{{end}}`
)

func magicLink(locale string) Letter {
	return Letter{Template: MagicLink, Locale: locale, Link: "https://auth.example.com/x", Code: "402917", Expires: 10 * time.Minute}
}

func TestAFileOfTheOperatorGoesBeforeOurs(t *testing.T) {
	t.Parallel()
	made, err := NewTemplates(withFolder(folderOf(t, map[string]string{"en/magic_link.txt": ownText})))
	if err != nil {
		t.Fatal(err)
	}
	r := render(t, made, magicLink("en"))
	if r.Subject != "Come in" || !strings.Contains(r.Text, "Ours: https://auth.example.com/x 402917") || strings.Contains(r.HTML, "Ours") {
		t.Errorf("text alone is replaced: %q\n%s", r.Subject, r.Text)
	}
	if !strings.Contains(r.HTML, "<title>Come in</title>") {
		t.Error("the page has the old subject")
	}
	if german := render(t, made, magicLink("de")); german.Subject == "Come in" {
		t.Error("English goes before German")
	}
	if other := render(t, made, Letter{Template: Invite}); !strings.Contains(other.Text, "You are invited") {
		t.Errorf("another letter has changed:\n%s", other.Text)
	}
}

func TestTheOperatorsWordsGoBeforeOurs(t *testing.T) {
	t.Parallel()
	made, err := NewTemplates(withFolder(folderOf(t, map[string]string{"en/words.txt": `{{define "greeting"}}Ahoy,{{end}}`})))
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{"en": "Ahoy,", "de": "Guten Tag,"} {
		r := render(t, made, magicLink(locale))
		if !strings.HasPrefix(r.Text, want+"\n") || !strings.Contains(r.HTML, want) || !strings.Contains(r.Text, "10 ") {
			t.Errorf("in %s:\n%s", locale, r.Text)
		}
	}
}

func TestAFolderAddsALanguage(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"pt-BR/magic_link.txt":  `{{define "subject"}}Entrar{{end}}{{define "content"}}Entre aqui: {{.Link}} {{.Code}} {{with .Lifetime}}{{template "duration" .}}{{end}}{{end}}`,
		"pt-BR/magic_link.html": ownHTML,
		"pt-BR/words.txt":       `{{define "greeting"}}Olá,{{end}}`,
		".git/config":           "not ours", "pt-BR/.swp": "neither",
	})
	made, err := NewTemplates(withFolder(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"pt-BR", "pt"} {
		r := render(t, made, magicLink(wanted))
		if r.Subject != "Entrar" || !strings.Contains(r.Text, "Olá,") || !strings.Contains(r.Text, "10 minutes") {
			t.Errorf("%s: words that are missing come from English: %q\n%s", wanted, r.Subject, r.Text)
		}
	}
	if r := render(t, made, Letter{Template: PasswordChange, Locale: "pt-BR"}); !strings.Contains(r.Text, "Olá,") || !strings.Contains(r.Text, "was changed") {
		t.Errorf("a letter that is missing comes from English:\n%s", r.Text)
	}
	german := withFolder(dir)
	german.DefaultLocale = "de"
	made, err = NewTemplates(german)
	if err != nil {
		t.Fatal(err)
	}
	if r := render(t, made, Letter{Template: PasswordChange, Locale: "pt-BR"}); !strings.Contains(r.Text, "wurde geändert") {
		t.Errorf("a letter that is missing comes from the default language:\n%s", r.Text)
	}
}

func TestALayoutIsReplacedForAllLetters(t *testing.T) {
	t.Parallel()
	made, err := NewTemplates(withFolder(folderOf(t, map[string]string{
		"layout.html": `{{define "letter"}}<main>{{template "content" .}}</main>{{end}}{{define "code"}}<pre>{{.Code}}</pre>{{end}}`,
	})))
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range made.locales {
		for _, l := range made.samples(locale) {
			if page := render(t, made, l).HTML; !strings.HasPrefix(page, "<main>") || strings.Contains(page, "<pre>") != (l.Code != "") {
				t.Errorf("%s in %s has another layout", l.Template, locale)
			}
		}
	}
}

// Volumes of Kubernetes are made of links.
func TestAFolderMayBeMadeOfLinks(t *testing.T) {
	t.Parallel()
	data := folderOf(t, map[string]string{"en/magic_link.txt": ownText})
	dir := t.TempDir()
	for link, to := range map[string]string{"..data": data, "en": "..data/en"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	made, err := NewTemplates(withFolder(dir))
	if err != nil {
		t.Fatal(err)
	}
	if r := render(t, made, magicLink("en")); r.Subject != "Come in" {
		t.Errorf("the subject is %q", r.Subject)
	}
}

func TestEveryFaultIsNamedWithFileAndLine(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"en/magic_link.txt":     "{{define \"subject\"}}Hi{{end}}\n{{define \"content\"}}\n{{.Lnk}}{{end}}",  // a mistyped field
		"en/invite.html":        "{{define \"content\"}}\n<p>\n{{if .Name}}never ends{{end}}",                // a block without end
		"en/verify_email.html":  "{{define \"content\"}}\n<a href={{.Link}}\">x</a><script>var x = '{{end}}", // ends within a script
		"en/reset_password.txt": "{{define \"subject\"}}{{end}}{{define \"content\"}}No link here{{end}}",
		"en/magic_lnk.html":     "a mistyped name",
		"en/account_exists.txt": "{{define \"subject\"}}x{{end}}\n{{define \"content\"}}{{if .Name}}{{template \"nowhere\" .}}{{end}}{{end}}",
		"klingon/invite.txt":    "no language",
		"EN/invite.txt":         "a language that is spelled otherwise",
		"style.css":             "nothing for letters",
	})
	_, err := NewTemplates(withFolder(dir))
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	var places []string
	for _, f := range faults {
		name, ok := strings.CutPrefix(f.File, dir+string(filepath.Separator))
		if !ok {
			t.Errorf("a fault of another's: %s", f)
		}
		places = append(places, fmt.Sprintf("%s:%d", filepath.ToSlash(name), f.Line))
	}
	want := []string{
		"EN:0", "en/account_exists.txt:2", "en/invite.html:3", "en/magic_link.txt:3", "en/magic_lnk.html:0",
		"en/reset_password.txt:0", "en/reset_password.txt:0", "en/verify_email.html:0", "klingon:0", "style.css:0",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, err)
	}
}

func TestMarkupThatStaysOpenIsLookedForInTheLayoutToo(t *testing.T) {
	t.Parallel()
	const open, fine = `{{define "letter"}}<p title="x>{{template "content" .}}{{end}}`, `{{define "content"}}<p>{{.Link}}</p>{{end}}`
	layout := map[string]string{"layout.html": open}
	dir := folderOf(t, layout)
	if _, err := NewTemplates(withFolder(dir)); err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, "layout.html")+": ") {
		t.Errorf("got %v", err)
	}
	layout["en/verify_email.html"] = fine
	dir = folderOf(t, layout)
	if _, err := NewTemplates(withFolder(dir)); err == nil || !strings.Contains(err.Error(), "; or it is in "+filepath.Join(dir, "layout.html")) {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatIsNotThereIsAFault(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nowhere")
	_, err := NewTemplates(withFolder(dir))
	if err == nil || !strings.HasPrefix(err.Error(), dir+": cannot be read: ") {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewTemplates(withFolder(file)); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// What fails only with what a letter holds is found at its sending, without
// showing what that is.
func TestAnErrorOfATemplateDoesNotShowTheLetter(t *testing.T) {
	t.Parallel()
	made, err := NewTemplates(withFolder(folderOf(t, map[string]string{
		"en/magic_link.txt": `{{define "subject"}}x{{end}}{{define "content"}}{{.Link}} {{.Code}} {{if eq .Name "Eve"}}{{index .Methods 7}}{{.Link.Nothing}}{{end}}{{end}}`,
	})))
	if err != nil {
		t.Fatal(err)
	}
	l := magicLink("en")
	l.Name, l.Methods = "Eve", []string{"canary"}
	if _, err := made.Render(l); err == nil || strings.Contains(err.Error(), "402917") || strings.Contains(err.Error(), "auth.example.com") {
		t.Errorf("got %v", err)
	} else if !strings.Contains(err.Error(), "magic_link.txt:1") {
		t.Errorf("the error does not say where: %v", err)
	}
}

func TestPreviewWritesEveryLetter(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	dir := filepath.Join(t.TempDir(), "new", "folder")
	files, err := made.Preview(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(made.locales)*len(templates())*2 + 1; len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", file, len(text), err)
		}
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range linksOf(t, string(index)) {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Errorf("the index leads nowhere: %v", err)
		}
	}
	if _, err := made.Preview(files[0]); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestManyWriteAtOnce(t *testing.T) {
	t.Parallel()
	made := testTemplates(t, nil)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			locale := made.locales[i%2]
			for _, l := range made.samples(locale) {
				if _, err := made.Render(l); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

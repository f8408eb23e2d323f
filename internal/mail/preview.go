package mail

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// samples are letters with all that they can hold, one of each sort.
func (t *Templates) samples(locale string) []Letter {
	var list []Letter
	for _, l := range bareSamples(locale) {
		l.Name = "Ada Lovelace"
		switch l.Template {
		case VerifyEmail:
			l.Link, l.Expires = t.sampleLink(VerifyEmailPath), 24*time.Hour
		case MagicLink:
			l.Link, l.Code, l.Expires = t.sampleLink(MagicLinkPath), "402917", 10*time.Minute
		case ResetPassword:
			l.Link, l.Expires = t.sampleLink(ResetPasswordPath), 30*time.Minute
		case ResetNoPassword:
			l.Link, l.Methods = t.look.PublicURL, []string{"magic_link", "Google"}
		case Welcome:
			l.Link, l.Expires = t.sampleLink("/reset-password"), 7*24*time.Hour
		case Invite:
			l.Link, l.Expires = t.sampleLink(AcceptInvitePath), 7*24*time.Hour
			l.Account, l.Inviter, l.Role = "Analytical Engines", "Charles Babbage", "admin"
		case AccountExists:
			l.Link = t.look.PublicURL
		case EmailChanged:
			l.Address = "ada@lovelace.example"
		case IdentityLinked, IdentityUnlinked:
			l.Address = "Google"
		case WaitlistApproved:
			l.Address, l.Link = "Beta search", t.look.PublicURL
		case RefreshReused, PasswordChange:
		}
		switch l.Template {
		case RefreshReused, PasswordChange, EmailChanged, IdentityLinked, IdentityUnlinked:
			l.IP, l.UserAgent = "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
			l.At = time.Date(2026, time.March, 4, 14, 5, 0, 0, time.UTC)
		default:
		}
		list = append(list, l)
	}
	return list
}

// bareSamples are letters with nothing that may be left out.
func bareSamples(locale string) []Letter {
	var list []Letter
	for _, name := range templates() {
		list = append(list, Letter{Template: name, To: "ada@example.com", Locale: locale})
	}
	return list
}

func (t *Templates) sampleLink(path string) string {
	return strings.TrimSuffix(t.look.PublicURL, "/") + path + "?token=otk_" + strings.Repeat("sample", 7)
}

//go:embed preview.html
var previewPage string

// previewed is a letter on the page that lists them.
type previewed struct {
	Locale, Subject, HTML, Text string
	Template                    Template
}

// Preview writes every letter in every language to a folder, with sample data,
// and a page that shows them all. It answers the files that it wrote.
func (t *Templates) Preview(dir string) ([]string, error) {
	var files []string
	save := func(name, text string) error {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return fmt.Errorf("mail: preview: %w", err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("mail: preview: %w", err)
		}
		files = append(files, file)
		return nil
	}
	var list []previewed
	for _, locale := range t.locales {
		for _, l := range t.samples(locale) {
			r, err := t.Render(l)
			if err != nil {
				return nil, err
			}
			one := previewed{Locale: locale, Template: l.Template, Subject: r.Subject}
			one.HTML, one.Text = locale+"/"+string(l.Template)+".html", locale+"/"+string(l.Template)+".txt"
			if err := save(one.HTML, r.HTML); err != nil {
				return nil, err
			}
			if err := save(one.Text, "Subject: "+r.Subject+"\n\n"+r.Text); err != nil {
				return nil, err
			}
			list = append(list, one)
		}
	}
	page, err := template.New("preview").Parse(previewPage)
	if err != nil {
		return nil, fmt.Errorf("mail: preview: %w", err)
	}
	var out strings.Builder
	if err := page.Execute(&out, list); err != nil {
		return nil, fmt.Errorf("mail: preview: %w", err)
	}
	if err := save("index.html", out.String()); err != nil {
		return nil, err
	}
	return files, nil
}

package ui

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/web"
)

// Branding is how the operator's product presents itself.
type Branding struct {
	Name     string
	Accent   string // #rgb or #rrggbb
	OnAccent string // readable on it
}

// LinkPages are the pages behind mailed links. They work without JavaScript, and
// looking at one uses nothing up.
type LinkPages struct {
	brand    Branding
	template *template.Template
	style    content
}

const patternLinkStyle = "GET /pages/style.css"

// NewLinkPages reads the pages in.
func NewLinkPages(brand Branding) *LinkPages {
	style, err := files.ReadFile("static/pages.css")
	if err != nil {
		panic(err) // it was embedded by this package
	}
	// The settings hold the accent to be a colour: it can close no rule.
	dressed := strings.NewReplacer("{accent}", brand.Accent, "{on-accent}", brand.OnAccent).Replace(string(style))
	return &LinkPages{
		brand: brand, style: contentOf([]byte(dressed)),
		template: template.Must(template.ParseFS(files, "templates/link.html")),
	}
}

// Mount registers what the pages are made of.
func (p *LinkPages) Mount(mux *web.Mux) {
	mux.HandleFunc(patternLinkStyle, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		p.style.serve(w, r)
	})
}

// linkPage is what the template shows.
type linkPage struct {
	Lang, Brand, Title string
	Text               []part
	Form               *linkForm    // nil: nothing to send
	Back               template.URL // of a link; empty: there is none
	BackLabel          string
}

// part is a piece of a text. What was put into the text stands out: it is what
// people shall look at before they go on.
type part struct {
	Text   string
	Stress bool
}

var names = regexp.MustCompile(`\{[a-z]+\}`)

// parts puts values into a text by name.
func parts(text string, values map[string]string) (list []part) {
	for text != "" {
		at := names.FindStringIndex(text)
		if at == nil {
			return append(list, part{Text: text})
		}
		list = append(list, part{Text: text[:at[0]]}, part{Text: values[text[at[0]+1:at[1]-1]], Stress: true})
		text = text[at[1]:]
	}
	return list
}

type linkForm struct {
	Action, Token, Button string
	NotMe                 string // label of the second button; empty: there is none
	Password              string // label of the field; empty: there is none
	Hint                  string
	Errors                []string
}

// Confirm asks whether to go on.
func (p *LinkPages) Confirm(w http.ResponseWriter, r *http.Request, link account.LinkView, token secret.String) {
	said := wordsFor(r.Header.Get("Accept-Language"))
	kind := said.Kinds[link.Kind]
	values := map[string]string{
		"address": link.Address, "account": link.Account, "role": said.Roles[string(link.Role)], "provider": strings.Join(link.Providers, ", "),
	}
	form := &linkForm{Action: r.URL.Path, Token: token.Reveal(), Button: kind.Button}
	ask := kind.Ask
	if link.Kind == account.LinkVerify {
		form.NotMe = said.NotMe
		if made, ok := said.Made[waysOf(link)]; ok {
			ask = made
		}
	}
	if link.Claimed {
		ask = said.Claimed
	}
	p.show(w, http.StatusOK, linkPage{Lang: said.Lang, Title: strings.ReplaceAll(ask.Title, "{account}", link.Account), Text: parts(ask.Text, values), Form: form}, link.RedirectURI)
}

// Done says that it is done.
func (p *LinkPages) Done(w http.ResponseWriter, r *http.Request, kind account.LinkKind) {
	said := wordsFor(r.Header.Get("Accept-Language"))
	p.tell(w, http.StatusOK, said.Lang, said.Kinds[kind].Done)
}

// Disowned says that what was made with somebody's address is gone.
func (p *LinkPages) Disowned(w http.ResponseWriter, r *http.Request) {
	said := wordsFor(r.Header.Get("Accept-Language"))
	p.tell(w, http.StatusOK, said.Lang, said.Disowned)
}

// Refused says why not, with the status that a program would get.
func (p *LinkPages) Refused(w http.ResponseWriter, r *http.Request, err error) {
	said := wordsFor(r.Header.Get("Accept-Language"))
	problem := web.NewProblem(r.Context(), err)
	text, ok := said.Refused[problem.Code]
	if !ok {
		text = said.Failed
	}
	for name, values := range problem.GetHeaders() {
		w.Header()[name] = values
	}
	p.tell(w, problem.Status, said.Lang, text)
}

func (p *LinkPages) tell(w http.ResponseWriter, status int, lang string, text wording) {
	p.show(w, status, linkPage{Lang: lang, Title: text.Title, Text: parts(text.Text, nil)}, "")
}

func (p *LinkPages) show(w http.ResponseWriter, status int, page linkPage, redirectURI string) {
	page.Brand = p.brand.Name
	var body bytes.Buffer
	if err := p.template.Execute(&body, page); err != nil {
		panic(err) // text into a template of ours: recovered and answered as a fault
	}
	web.PageHeaders(w.Header(), formOrigins(redirectURI)...)
	if page.Form == nil {
		w.Header().Set("Referrer-Policy", "no-referrer") // the address may hold the token
	}
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who left needs no answer
}

// formOrigins is where the answer to a form may lead: browsers hold it against
// form-action.
func formOrigins(redirectURI string) []string {
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme == "" {
		return nil
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		return []string{u.Scheme + "://" + u.Host}
	}
	return []string{u.Scheme + ":"} // an app on the device
}

// fieldMessages are what is wrong with what was typed, for people.
func fieldMessages(err error) []string {
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok || e.Kind != watchword.KindInvalid {
		return nil
	}
	list := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		list = append(list, f.Message)
	}
	if len(list) == 0 {
		list = append(list, e.Message)
	}
	return list
}

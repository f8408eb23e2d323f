package upstreamtest

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// grant is what a code stands for.
type grant struct {
	user        User
	redirectURI string
	challenge   string
	nonce       string
	scopes      []string
}

// Authorize is somebody who signs in where they were sent: it answers the URL
// that their browser is sent back to.
func (p *Provider) Authorize(authorizeURL string, as User) (string, error) {
	asked, err := p.asked(authorizeURL)
	if err != nil {
		return "", err
	}
	return p.grant(asked, as)
}

// Cancel is somebody who turns away from where they were sent.
func (p *Provider) Cancel(authorizeURL string) (string, error) {
	asked, err := p.asked(authorizeURL)
	if err != nil {
		return "", err
	}
	return p.back(asked, url.Values{"error": {"access_denied"}})
}

func (p *Provider) asked(authorizeURL string) (url.Values, error) {
	endpoint, query, _ := strings.Cut(authorizeURL, "?")
	if endpoint != p.AuthorizeURL() {
		return nil, errors.New("somebody was sent elsewhere")
	}
	asked, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("read what was asked: %w", err)
	}
	return asked, nil
}

func (p *Provider) grant(asked url.Values, to User) (string, error) {
	switch {
	case asked.Get("client_id") != ClientID:
		return "", errors.New("unknown client")
	case asked.Get("response_type") != "code":
		return "", errors.New("unsupported response type")
	case asked.Has("code_challenge") && asked.Get("code_challenge_method") != "S256":
		return "", errors.New("unsupported code challenge method")
	}
	p.mu.Lock()
	code := p.unique("code-")
	p.codes[code] = grant{
		user: to, redirectURI: asked.Get("redirect_uri"), challenge: asked.Get("code_challenge"),
		nonce: asked.Get("nonce"), scopes: strings.Fields(asked.Get("scope")),
	}
	p.mu.Unlock()
	return p.back(asked, url.Values{"code": {code}})
}

// back is where somebody is sent back to.
func (p *Provider) back(asked, parameters url.Values) (string, error) {
	target, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil || !target.IsAbs() {
		return "", errors.New("malformed redirect URI")
	}
	parameters.Set("iss", p.base)
	if asked.Has("state") {
		parameters.Set("state", asked.Get("state"))
	}
	if change := p.behaviour().Callback; change != nil {
		change(parameters)
	}
	query := target.Query()
	for name, values := range parameters {
		query[name] = values
	}
	target.RawQuery = query.Encode()
	return target.String(), nil
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><title>Sign in at the provider</title>
<h1>Sign in at the provider</h1>
<form method="post" action="/authorize?{{.Query}}">
{{range .Users}}<p><button name="subject" value="{{.Subject}}">{{.Email}}</button></p>
{{end}}<p><button name="cancel" value="1">Cancel</button></p>
</form>
</html>
`))

func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	users := slices.Clone(p.offered)
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Who asked may have gone.
	_ = pageTemplate.Execute(w, map[string]any{"Users": users, "Query": template.URL(r.URL.RawQuery)}) //nolint:gosec // a page of tests
}

var formTemplate = template.Must(template.New("form").Parse(`<!doctype html>
<html lang="en"><title>Back</title>
<form method="post" action="{{.Action}}">
{{range $name, $values := .Fields}}{{range $values}}<input type="hidden" name="{{$name}}" value="{{.}}">
{{end}}{{end}}<button>Continue</button>
</form>
</html>
`))

// decide is a button of the page.
func (p *Provider) decide(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	p.mu.Lock()
	users := slices.Clone(p.offered)
	p.mu.Unlock()
	var back string
	var err error
	at := slices.IndexFunc(users, func(u User) bool { return u.Subject == r.PostForm.Get("subject") })
	switch {
	case r.PostForm.Has("cancel"):
		back, err = p.back(asked, url.Values{"error": {"access_denied"}})
	case at < 0:
		err = errors.New("unknown user")
	default:
		back, err = p.grant(asked, users[at])
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if asked.Get("response_mode") != "form_post" {
		http.Redirect(w, r, back, http.StatusSeeOther) //nolint:gosec // any redirect URI is registered here
		return
	}
	action, query, _ := strings.Cut(back, "?")
	fields, _ := url.ParseQuery(query) // of back's own making
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = formTemplate.Execute(w, map[string]any{"Action": action, "Fields": fields}) // who asked may have gone
}

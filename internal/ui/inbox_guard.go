package ui

import (
	"net/http"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/secret"
	"watchword/internal/web"
)

// InboxGuard says who may read the inbox: whoever reaches the server, which under
// dev listens to its own machine alone; or, with Keys, who has an API key.
type InboxGuard struct {
	Keys *apikey.Keys // nil: no key is asked for
	Pass web.InboxPass
}

var errInboxKey = watchword.NewError(watchword.KindUnauthenticated, "unauthenticated",
	"This server can be reached from other machines, so its inbox needs the API key.")

// check wants a key with the scope: as a bearer, which wins, or shown before by
// this browser.
func (g InboxGuard) check(r *http.Request, scope watchword.Scope) error {
	if g.Keys == nil {
		return nil
	}
	if token, ok := web.Bearer(r); ok {
		key, err := g.Keys.Authenticate(r.Context(), token)
		if err != nil {
			return err
		}
		return apikey.Allow(key, scope)
	}
	digest, ok := g.Pass.Digest(r)
	if !ok {
		return errInboxKey
	}
	key, err := g.Keys.AuthenticateDigest(r.Context(), digest)
	if err != nil {
		return err
	}
	return apikey.Allow(key, scope)
}

// takeKey lets the browser in that shows a key.
func (b *inbox) takeKey(w http.ResponseWriter, r *http.Request) {
	if err := b.showKey(w, r); err != nil {
		b.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/dev/inbox", http.StatusSeeOther)
}

func (b *inbox) showKey(w http.ResponseWriter, r *http.Request) error {
	if b.Guard.Keys == nil {
		return nil
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	shown := secret.NewString(r.PostForm.Get("key"))
	key, err := b.Guard.Keys.Authenticate(r.Context(), shown)
	if err != nil {
		return err
	}
	if err := apikey.Allow(key, watchword.ScopeMailRead); err != nil {
		return err
	}
	return b.Guard.Pass.Grant(w, secret.Digest(shown))
}

// keyView is the page that asks for the key.
type keyView struct {
	Problem string // why the last one would not do; empty: there was none
}

// refuse asks a browser without a good key for one. Whatever else is wrong is a
// problem as everywhere.
func (b *inbox) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := web.NewProblem(r.Context(), err)
	if p.Status != http.StatusUnauthorized && p.Status != http.StatusForbidden {
		web.WriteProblem(w, r, err)
		return
	}
	var view keyView
	if p.Code != errInboxKey.Code {
		view.Problem = p.Detail
	}
	body, err := execute(b.keyPage, view)
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	web.PageHeaders(w.Header())
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a caller who left needs no answer
}

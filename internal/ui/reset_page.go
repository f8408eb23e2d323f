package ui

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/web"
)

// ResetPage is our own plain page for a new password, for clients without one.
type ResetPage struct {
	Pages  *LinkPages
	Resets account.Resets
	Links  account.Links
	Holder func(*http.Request) (account.Holder, error)
}

const (
	patternResetForm = "GET " + mail.ResetPasswordPath
	patternReset     = "POST " + mail.ResetPasswordPath
)

// Exceptions are the patterns of this package that are guarded otherwise than
// most.
func Exceptions() map[string]web.Rule {
	return map[string]web.Rule{
		patternReset: {Body: web.BodyForm, Origin: web.OriginForms},
	}
}

// Mount registers the page.
func (p ResetPage) Mount(mux *web.Mux) {
	mux.HandleFunc(patternResetForm, bounded(p.form))
	mux.HandleFunc(patternReset, bounded(p.reset))
}

// callTimeout ends the work of one call, as it does that of the operations.
const callTimeout = 10 * time.Second

// bounded gives a page its time, and lets it finish when the caller hangs up: work
// broken off half-way would cost a Postgres connection each time.
func bounded(page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		page(w, r.WithContext(ctx))
	}
}

func (p ResetPage) form(w http.ResponseWriter, r *http.Request) {
	token := secret.NewString(r.URL.Query().Get("token"))
	link, err := p.Links.Look(r.Context(), account.LinkReset, token, web.OriginFrom(r.Context()))
	if err == nil {
		err = link.Refusal
	}
	if err != nil {
		p.Pages.Refused(w, r, err)
		return
	}
	p.ask(w, r, http.StatusOK, link.Address, token, nil)
}

func (p ResetPage) reset(w http.ResponseWriter, r *http.Request) {
	if err := web.ParseForm(r); err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	token := secret.NewString(r.PostForm.Get("token"))
	holder, err := p.Holder(r)
	if err != nil {
		p.Pages.Refused(w, r, err)
		return
	}
	_, err = p.Resets.Reset(r.Context(), account.Reset{
		Token: token, Password: secret.NewString(r.PostForm.Get("password")), Holder: holder, Origin: web.OriginFrom(r.Context()),
	})
	switch {
	case err == nil:
		p.Pages.Done(w, r, account.LinkReset)
	case watchword.KindOf(err) == watchword.KindInvalid:
		address, usable := p.Resets.Usable(r.Context(), token)
		if usable != nil {
			p.Pages.Refused(w, r, usable)
			return
		}
		p.ask(w, r, http.StatusUnprocessableEntity, account.Masked(address), token, fieldMessages(err))
	default:
		p.Pages.Refused(w, r, err)
	}
}

func (p ResetPage) ask(w http.ResponseWriter, r *http.Request, status int, address string, token secret.String, faults []string) {
	said := wordsFor(r.Header.Get("Accept-Language"))
	kind := said.Kinds[account.LinkReset]
	p.Pages.show(w, status, linkPage{
		Lang: said.Lang, Title: kind.Ask.Title, Text: parts(kind.Ask.Text, map[string]string{"address": address}),
		Form: &linkForm{
			Action: mail.ResetPasswordPath, Token: token.Reveal(), Button: kind.Button, Password: said.Password,
			Hint: strings.ReplaceAll(said.Hint, "{length}", strconv.Itoa(p.Resets.Policy.MinLength)), Errors: faults,
		},
	}, "")
}

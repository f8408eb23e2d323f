package ui

import (
	"html/template"
	"net/http"
	"strings"

	"watchword/internal/signin"
	"watchword/internal/web"
)

// ProviderPages are the pages at the end of a way to a provider, where no page of
// the client's takes over.
type ProviderPages struct{ Pages *LinkPages }

// CameBack says that it is done.
func (p ProviderPages) CameBack(w http.ResponseWriter, r *http.Request, result signin.ProviderResult) {
	said := providerWordsFor(r.Header.Get("Accept-Language"))
	text := said.SignedIn
	if result.Linked != nil {
		text = said.Linked
	}
	p.show(w, http.StatusOK, said, text, result, "")
}

// Refused says why not, with the status that a program would get, and leads back
// to the client's page, if that is known.
func (p ProviderPages) Refused(w http.ResponseWriter, r *http.Request, result signin.ProviderResult, back string, err error) {
	said := providerWordsFor(r.Header.Get("Accept-Language"))
	problem := web.NewProblem(r.Context(), err)
	text, ok := said.Refused[problem.Code]
	switch {
	case result.Refusal == refusedByPerson:
		text = said.Cancelled
	case !ok:
		text = said.Failed
	}
	for name, values := range problem.GetHeaders() {
		w.Header()[name] = values
	}
	p.show(w, problem.Status, said, text, result, back)
}

// refusedByPerson is what providers say of somebody who turned back (RFC 6749
// §4.1.2.1).
const refusedByPerson = "access_denied"

func (p ProviderPages) show(w http.ResponseWriter, status int, said providerWords, text wording, result signin.ProviderResult, back string) {
	provider := result.Provider
	if provider == "" {
		provider = said.Provider
	}
	page := linkPage{Lang: said.Lang, Title: strings.ReplaceAll(text.Title, "{provider}", provider), Text: parts(text.Text, map[string]string{"provider": provider})}
	if back != "" {
		// Held against the client's list, which takes no script for an address. The
		// template knows http and mailto alone and would blank the scheme of an app.
		page.Back, page.BackLabel = template.URL(back), strings.ReplaceAll(said.Back, "{client}", result.Client.Name) //nolint:gosec // see above
	}
	p.Pages.show(w, status, page, "")
}

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// LinkPages shows people what is behind a mailed link. It is a seam because pages
// live in ui, beside this package.
type LinkPages interface {
	// Confirm asks whether to go on: nothing is used up by looking.
	Confirm(w http.ResponseWriter, r *http.Request, link account.LinkView, token secret.String)
	// Done says that it is done.
	Done(w http.ResponseWriter, r *http.Request, kind account.LinkKind)
	// Disowned says that what was made with somebody's address is gone.
	Disowned(w http.ResponseWriter, r *http.Request)
	// Refused says why not.
	Refused(w http.ResponseWriter, r *http.Request, err error)
}

// linkAnswer is an answer that is written by hand: JSON, a page, or the way back.
type linkAnswer struct {
	Body func(huma.Context)
}

func answered(write func()) *linkAnswer {
	return &linkAnswer{Body: func(huma.Context) { write() }}
}

// LinkClientHeader is for calls whose link already says which client asks.
type LinkClientHeader struct {
	ClientID string `header:"X-Client-Id" maxLength:"128" doc:"If given, it must be the client for which the link was made."`
}

// startingLinkQuery is what a mailed link says that starts a session.
type startingLinkQuery struct {
	LinkQuery
	ModeHeader
}

// LinkQuery is what a mailed link says.
type LinkQuery struct {
	LinkClientHeader
	// Of any length: who opens a link that a mail program has mangled gets a page.
	Token secret.String `query:"token" doc:"From the mail."`
}

// intent is what a GET of a mailed link means. Mail scanners open links, and so
// do browsers that think ahead.
type intent uint8

const (
	intentLook  intent = iota // nobody has shown that they mean it: ask
	intentFetch               // a program that asks for JSON outright
	intentEnter               // the browser that asked for the mail
)

// intentOf finds out what a GET means. own says that a live session of the user
// whom the link is about is proof as well as the binding cookie.
func intentOf(r *http.Request, link account.LinkView, own bool) intent {
	switch {
	case r.Method != http.MethodGet || web.Prefetching(r):
		return intentLook
	case web.NamesJSON(r):
		return intentFetch
	case web.TopLevel(r) && (own || web.Bound(r, web.BindingLink, link.Binding)):
		return intentEnter
	default:
		return intentLook
	}
}

// open answers a GET of a mailed link: it acts where somebody has shown that they
// mean it, and else asks them on a page.
func (a *API) open(ctx context.Context, kind account.LinkKind, in *LinkQuery, act func(intent, account.LinkView) (*linkAnswer, error)) (*linkAnswer, error) {
	r, w := requestOf(ctx), writerOf(ctx)
	client, err := a.Clients.Named(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	link, err := a.Links.Look(ctx, kind, in.Token, origin(ctx, client))
	if err == nil && client != "" && client != link.ClientID {
		err = account.ErrTokenInvalid
	}
	own, errHolder := a.own(r, kind, link)
	if errHolder != nil {
		return nil, errHolder
	}
	means := intentOf(r, link, own)
	if err != nil {
		return a.refusedLink(ctx, means, err)
	}
	if means == intentFetch {
		// A foreign page can name JSON, too, and would have the browser act.
		if err := a.CrossOrigin.Check(r, link.ClientID); err != nil {
			return nil, err
		}
	}
	if means == intentLook {
		switch {
		case link.Refusal != nil:
			return a.refusedLink(ctx, means, link.Refusal)
		case link.Done:
			return answered(func() { a.LinkPages.Done(w, r, kind) }), nil
		}
		return answered(func() { a.LinkPages.Confirm(w, r, link, in.Token) }), nil
	}
	answer, err := act(means, link)
	if err != nil {
		return a.refusedLink(ctx, means, err)
	}
	web.Unbind(w, r, web.BindingLink, link.Binding)
	return answer, nil
}

// posted is what a POST of a mailed link means, which always acts: a form is of a
// page of ours, and its answer is a page again.
func posted(ctx context.Context) intent {
	if web.IsForm(requestOf(ctx)) {
		return intentEnter
	}
	return intentFetch
}

// refusedLink is a problem for programs and a page for people.
func (a *API) refusedLink(ctx context.Context, means intent, err error) (*linkAnswer, error) {
	if means == intentFetch {
		return nil, err
	}
	r, w := requestOf(ctx), writerOf(ctx)
	return answered(func() { a.LinkPages.Refused(w, r, err) }), nil
}

// arrival is who opens a link, and how they go on.
func (a *API) arrival(ctx context.Context, means intent, header string, mode watchword.SessionMode) (signin.Arrival, error) {
	holder, err := a.Holder(requestOf(ctx))
	in := signin.Arrival{
		ClientID: watchword.ClientID(header), Mode: mode, Holder: holder, Back: signin.BackHere,
		Origin: origin(ctx, watchword.ClientID(header)),
	}
	if means == intentEnter {
		in.Mode, in.Back = watchword.SessionCookie, signin.BackToClient
	}
	return in, err
}

// arrived answers a link that has let somebody in: tokens for programs, cookies
// and the way back for browsers.
func (a *API) arrived(ctx context.Context, kind account.LinkKind, means intent, result signin.Result) (*linkAnswer, error) {
	w, r := writerOf(ctx), requestOf(ctx)
	if !result.Code.IsZero() {
		return answered(func() { a.redirect(w, result.Return, result.Code) }), nil
	}
	out, err := a.started(ctx, result)
	if err != nil {
		return nil, err
	}
	switch {
	case means == intentFetch:
		return answered(func() { writeJSON(w, out.Body) }), nil
	case result.Return.RedirectURI != "":
		return answered(func() { a.redirect(w, result.Return, secret.String{}) }), nil
	default:
		return answered(func() { a.LinkPages.Done(w, r, kind) }), nil
	}
}

// redirect leads back to the client's page, with a code if there is one.
func (a *API) redirect(w http.ResponseWriter, back account.Return, code secret.String) {
	with := url.Values{}
	if !code.IsZero() {
		with.Set("code", code.Reveal())
		with.Set("iss", a.PublicURL) // RFC 9207: who answers
	}
	lead(w, wayBack(back, with))
}

// wayBack is the client's page with what it is told there.
func wayBack(back account.Return, with url.Values) string {
	u, err := url.Parse(back.RedirectURI)
	if err != nil {
		panic(err) // it was checked against the client's list when it was taken
	}
	query := u.Query()
	if back.State != "" {
		query.Set("state", back.State)
	}
	for name, values := range with {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// lead sends the browser to another page, by GET whatever it came by.
func lead(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
}

func writeJSON(w http.ResponseWriter, body any) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false) // as all other answers: a URL can be copied
	if err := out.Encode(body); err != nil {
		panic(err) // shapes of ours: cannot fail
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text.Bytes()) // a caller who left needs no answer
}

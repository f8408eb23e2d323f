package api

import (
	"context"
	"net/http"
	"net/url"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// CallbackQuery is what a provider sends people back with. Others than these are
// the provider's own business.
type CallbackQuery struct {
	ModeHeader
	State  secret.String `query:"state" doc:"As it was given to the provider."`
	Code   secret.String `query:"code" doc:"The provider's authorization code."`
	Issuer string        `query:"iss" doc:"Who answers (RFC 9207)."`
	Error  string        `query:"error" example:"access_denied" doc:"Why there is no code."`
	User   secret.String `query:"user" doc:"Apple's: the name, at the first sign-in alone."`
}

const aboutCallback = "Where a provider sends people back to; register it there. It needs the cookie that the browser got at the start. " +
	"Where a code was asked for it leads on to redirect_uri with code=, state= and iss= (the code lives 60 seconds and is exchanged " +
	"once, at /oauth2/token; a second use ends the tokens of the first); else it sets the session's cookies and leads to redirect_uri. " +
	"Without a redirect_uri a program that names application/json in Accept gets the session in the answer. Whoever turns back " +
	"at the provider is led to redirect_uri with error= and iss=. Other refusals are problems for programs, and for browsers pages with the same status."

func (a *API) mountCallback() {
	errors := []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusTooManyRequests, http.StatusBadGateway}
	type input struct {
		ProviderPath
		CallbackQuery
	}
	for _, o := range []operation{
		{id: "return-from-provider", path: "/auth/{provider}/callback", tag: "Providers", summary: "Come back from a provider", description: aboutCallback},
		{
			id: "authorization-callback", path: "/oauth2/callback/{provider}", tag: tagOAuth, summary: "Come back from a provider",
			description: "The same as GET /auth/{provider}/callback. " + aboutCallback,
		},
	} {
		o.method, o.security, o.errors, o.timeout = http.MethodGet, anyone(), errors, providerTimeout
		register(a, o, func(ctx context.Context, in *input) (*linkAnswer, error) {
			return a.callback(ctx, in.Provider, in.CallbackQuery)
		})
		a.mountPostedCallback(o)
	}
	a.describeCallback("/auth/{provider}/callback", "/oauth2/callback/{provider}")
}

func (a *API) callback(ctx context.Context, provider string, in CallbackQuery) (*linkAnswer, error) {
	w, r := writerOf(ctx), requestOf(ctx)
	if r.Method == http.MethodHead {
		return answered(func() {}), nil // whoever looks uses nothing up
	}
	holder, err := a.Holder(r)
	if err != nil {
		return a.refusedProvider(ctx, signin.ProviderResult{}, err)
	}
	mode := watchword.SessionCookie
	if web.NamesJSON(r) {
		mode = in.mode()
	}
	result, err := a.SignIn.FinishProvider(ctx, signin.ProviderReturn{
		Provider: provider, State: in.State, Code: in.Code, Issuer: in.Issuer, Error: in.Error, User: in.User.Reveal(),
		Bound: func(digest []byte) bool { return web.Bound(r, web.BindingFlow, digest) },
		Mode:  mode, Holder: holder, Origin: origin(ctx, ""),
	})
	if len(result.Flow) > 0 {
		web.Unbind(w, r, web.BindingFlow, result.Flow)
	}
	if err != nil {
		return a.refusedProvider(ctx, result, err)
	}
	return a.cameBack(ctx, result)
}

// cameBack answers whoever has signed in at a provider, or linked it.
func (a *API) cameBack(ctx context.Context, result signin.ProviderResult) (*linkAnswer, error) {
	w, r := writerOf(ctx), requestOf(ctx)
	back := result.Return
	if !result.Code.IsZero() {
		return answered(func() { a.redirect(w, back, result.Code) }), nil
	}
	var body any
	if result.Linked == nil {
		out, err := a.started(ctx, result.Result)
		if err != nil {
			return nil, err
		}
		body = out.Body
	} else {
		body = identityOf(*result.Linked)
	}
	switch {
	case back.RedirectURI != "":
		return answered(func() { a.redirect(w, back, secret.String{}) }), nil
	case web.NamesJSON(r):
		return answered(func() { writeJSON(w, http.StatusOK, body) }), nil
	default:
		return answered(func() { a.ProviderPages.CameBack(w, r, result) }), nil
	}
}

// refusedProvider is a problem for programs and a page for people, which leads
// back to the client where that is known to be the client's. Only who turned back
// at the provider is led there at once: that is the client's to answer.
func (a *API) refusedProvider(ctx context.Context, result signin.ProviderResult, err error) (*linkAnswer, error) {
	w, r := writerOf(ctx), requestOf(ctx)
	back := ""
	if result.Return.RedirectURI != "" {
		reason := result.Refusal
		if reason == "" {
			reason = "access_denied"
		}
		back = wayBack(result.Return, url.Values{"error": {reason}, "iss": {a.PublicURL}})
	}
	switch {
	case result.Refusal != "" && back != "":
		return answered(func() { lead(w, back) }), nil
	case web.NamesJSON(r):
		return nil, err
	default:
		return answered(func() { a.ProviderPages.Refused(w, r, result, back, err) }), nil
	}
}

// postable are the parameters of a posted answer that are handed on.
func postable() []string { return []string{"code", "state", "iss", "error", "user"} }

// maxPosted bounds the address that a posted answer becomes.
const maxPosted = 6 << 10

var errPosted = watchword.NewError(watchword.KindMalformed, "bad_request",
	"The form is not what a provider sends: a field is given twice, or too much.")

// mountPostedCallback takes answers that come as a form (response_mode=form_post),
// as Apple's do. A post from another site brings no Lax cookie, so it acts on
// nothing: it leads to the GET, with which the cookie comes.
func (a *API) mountPostedCallback(get operation) {
	o := get
	o.id, o.method, o.status = get.id+"-by-form", http.MethodPost, http.StatusSeeOther
	o.description = "For providers that post their answer. It acts on nothing and leads to the GET, with which the cookie of the browser comes."
	o.errors = []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
	a.mux.HandleFunc(o.method+" "+o.path, func(w http.ResponseWriter, r *http.Request) {
		if err := web.ParseForm(r); err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		query := url.Values{}
		for _, name := range postable() {
			switch values := r.PostForm[name]; {
			case len(values) > 1 || len(values) == 1 && !plainText(values[0]):
				web.WriteProblem(w, r, errPosted)
				return
			case len(values) == 1:
				query.Set(name, values[0])
			}
		}
		text := query.Encode()
		if len(text) > maxPosted {
			web.WriteProblem(w, r, errPosted)
			return
		}
		lead(w, r.URL.EscapedPath()+"?"+text)
	})
	description := a.describe(o)
	a.huma.OpenAPI().AddOperation(&description)
}

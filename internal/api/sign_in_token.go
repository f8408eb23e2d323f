package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
)

type magicLinkInput struct {
	ClientHeader
	AcceptLanguageHeader
	UserIPHeader
	Body struct {
		Email         string `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
		RedirectURI   string `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Where the link leads once it has signed in; on the client's list."`
		State         string `json:"state,omitempty" maxLength:"512" doc:"Given back with the redirect."`
		CodeChallenge string `json:"code_challenge,omitempty" maxLength:"128" doc:"PKCE S256: the link leads back with a code to be exchanged at /oauth2/token, instead of with cookies."`
		CreateUser    *bool  `json:"create_user,omitempty" default:"true" doc:"false: an address that nobody has gets no mail."`
	}
}

// MagicLinkSent is the same whether or not the address is known.
type MagicLinkSent struct {
	Status      string `json:"status" enum:"sent"`
	LoginID     string `json:"login_id" example:"lgn_…" doc:"Names this sign-in beside the code from the mail."`
	ExpiresIn   int64  `json:"expires_in" example:"600" doc:"Seconds that link and code live."`
	ResendAfter int64  `json:"resend_after" example:"60" doc:"Seconds after which another mail can be asked for."`
}

type magicLinkOutput struct {
	Body MagicLinkSent
}

type codeInput struct {
	LinkClientHeader
	ModeHeader
	UserIPHeader
	Body struct {
		Token   secret.String `json:"token,omitempty" maxLength:"128" doc:"From the link in the mail. Instead: login_id and code."`
		LoginID string        `json:"login_id,omitempty" maxLength:"128" doc:"From POST /auth/send-magic-link."`
		Code    secret.String `json:"code,omitempty" maxLength:"16" example:"493817" doc:"Six digits from the mail."`
	}
}

func (a *API) mountMagicLink() {
	register(a, operation{
		id: "send-magic-link", method: http.MethodPost, path: "/auth/send-magic-link", tag: "Sign in", security: anyone(),
		status: http.StatusAccepted, summary: "Mail a link and a code to sign in with",
		description: "The answer is the same for every address. The mail holds a link and a six-digit code for the page that " +
			"asked (login_id and code to POST /auth/sign-in/token). The link signs in at once in the browser that asked, which is " +
			"known again by a cookie: call this from your page with credentials: \"include\". Elsewhere it asks first. " +
			"One mail a minute and five an hour to an address; resend_after says when the next can be asked for.",
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.sendMagicLink)
	register(a, operation{
		id: "open-magic-link", method: http.MethodGet, path: mail.MagicLinkPath, tag: "Sign in", security: anyone(),
		summary: "Open a magic link",
		description: "Acts for a program that names application/json in Accept, and for the browser that asked for the mail. " +
			"Everybody else, mail scanners among them, gets a page that asks; looking uses nothing up. " + pagesForPeople,
		errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusTooManyRequests},
	}, a.openMagicLink)
	register(a, operation{
		id: "sign-in-by-token", method: http.MethodPost, path: mail.MagicLinkPath, tag: "Sign in", security: anyone(),
		summary: "Sign in with a link's token or a code",
		description: "Takes the token, or login_id and code. Five wrong codes make code and link void. As JSON it answers the " +
			"session, whatever redirect_uri the link was asked for with. As a form it is what the page behind the link sends: the " +
			"answer sets cookies and leads back to the client. " + pagesForPeople,
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusTooManyRequests},
	}, a.signInByToken)
	a.describeLink(mail.MagicLinkPath, a.startedSchema(), backWithSession)
}

func (a *API) sendMagicLink(ctx context.Context, in *magicLinkInput) (*magicLinkOutput, error) {
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	sent, err := a.SignIn.SendMagicLink(ctx, signin.MagicLinkRequest{
		Email: in.Body.Email, Newcomers: newcomers(in.Body.CreateUser), Client: client, Locale: preferredLocale(in.AcceptLanguage),
		Return: account.Return{RedirectURI: in.Body.RedirectURI, State: in.Body.State, CodeChallenge: in.Body.CodeChallenge},
		Origin: from,
	})
	if err != nil {
		return nil, err
	}
	a.bind(ctx, sent.Binding, sent.Life)
	return &magicLinkOutput{Body: MagicLinkSent{
		Status: "sent", LoginID: sent.LoginID, ExpiresIn: int64(sent.Life.Seconds()), ResendAfter: resendAfter,
	}}, nil
}

func newcomers(wish *bool) signin.Newcomers {
	if wish != nil && !*wish {
		return signin.NewcomersRefused
	}
	return signin.NewcomersCreated
}

func (a *API) openMagicLink(ctx context.Context, in *startingLinkQuery) (*linkAnswer, error) {
	return a.open(ctx, account.LinkSignIn, &in.LinkQuery, func(means intent, _ account.LinkView) (*linkAnswer, error) {
		come, err := a.arrival(ctx, means, in.ClientID, in.mode())
		if err != nil {
			return nil, err
		}
		result, err := a.SignIn.MagicLink(ctx, in.Token, come)
		if err != nil {
			return nil, err
		}
		return a.arrived(ctx, account.LinkSignIn, means, result)
	})
}

var errTokenOrCode = watchword.InvalidField("token", "required", "Send the token, or login_id and code.")

func (a *API) signInByToken(ctx context.Context, in *codeInput) (*linkAnswer, error) {
	if _, err := a.Clients.Named(ctx, in.ClientID); err != nil {
		return nil, err
	}
	client, _ := a.Clients.Find(watchword.ClientID(in.ClientID))
	from, err := a.userOrigin(ctx, client)
	if err != nil {
		return nil, err
	}
	means := posted(ctx)
	byToken, byCode := !in.Body.Token.IsZero(), in.Body.LoginID != "" && !in.Body.Code.IsZero()
	if byToken == (in.Body.LoginID != "" || !in.Body.Code.IsZero()) || !byToken && !byCode {
		return nil, errTokenOrCode
	}
	come, err := a.arrival(ctx, means, in.ClientID, in.mode())
	if err != nil {
		return nil, err
	}
	come.Origin = from
	var result signin.Result
	if byToken {
		result, err = a.SignIn.MagicLink(ctx, in.Body.Token, come)
	} else {
		result, err = a.SignIn.MagicCode(ctx, in.Body.LoginID, in.Body.Code, come)
	}
	if err != nil {
		return a.refusedLink(ctx, means, err)
	}
	return a.arrived(ctx, account.LinkSignIn, means, result)
}

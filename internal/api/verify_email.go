package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
)

type sendVerificationInput struct {
	ClientHeader
	CSRFHeader
	Body *struct {
		Email       string `json:"email,omitempty" maxLength:"320" doc:"One of your addresses; absent: the primary one."`
		RedirectURI string `json:"redirect_uri,omitempty" maxLength:"2048" doc:"Where the link leads once it has verified; on the client's list."`
	} `required:"false"`
}

// VerificationSent tells of a mail that is under way.
type VerificationSent struct {
	Status      string    `json:"status" enum:"sent"`
	ExpiresAt   time.Time `json:"expires_at"`
	ResendAfter int64     `json:"resend_after" example:"60" doc:"Seconds after which another mail can be asked for."`
}

type sendVerificationOutput struct {
	Body VerificationSent
}

// EmailVerified is the answer to a verification, the first and every later one.
type EmailVerified struct {
	Status     string    `json:"status" enum:"verified"`
	Email      string    `json:"email" example:"ada@example.com"`
	VerifiedAt time.Time `json:"verified_at"`
}

// EmailDisowned is the answer to somebody who says that it was not them.
type EmailDisowned struct {
	Status string `json:"status" enum:"disowned"`
}

type verifyInput struct {
	LinkClientHeader
	Body struct {
		Token secret.String `json:"token" minLength:"1" maxLength:"128" doc:"From the link."`
		NotMe bool          `json:"not_me,omitempty" default:"false" doc:"true: whoever reads this mailbox did not ask for it. What was made with the address goes."`
	}
}

func (a *API) mountVerifyEmail() {
	register(a, operation{
		id: "send-email-verification", method: http.MethodPost, path: "/auth/send-email-verification", tag: "You", security: signedIn(),
		status: http.StatusAccepted, summary: "Mail a link that verifies your address",
		description: "For one of your own addresses. The link verifies at once in the browser that asked, which is known again by a cookie, " +
			"and in one where you are signed in; elsewhere it asks first. One mail a minute and five an hour to an address.",
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.sendVerification)
	register(a, operation{
		id: "open-verification", method: http.MethodGet, path: mail.VerifyEmailPath, tag: "You", security: anyone(),
		summary: "Open a verification link",
		description: "Acts for a program that names application/json in Accept, for the browser that asked, and for one in which " +
			"the user is signed in. Everybody else gets a page that asks; looking uses nothing up. A repeat answers the same as " +
			"long as the user has the address. " + pagesForPeople,
		errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusTooManyRequests},
	}, a.openVerification)
	register(a, operation{
		id: "verify-email", method: http.MethodPost, path: mail.VerifyEmailPath, tag: "You", security: anyone(),
		summary: "Verify an address, or disown it",
		description: "A repeat answers the same. With not_me, everything that was made with the address and never proven goes: " +
			"password, sessions, identities, other addresses. Starts no session. As a form it is what the page behind the link " +
			"sends. " + pagesForPeople,
		errors: []int{http.StatusNotFound, http.StatusGone, http.StatusTooManyRequests},
	}, a.verifyEmail)
	verified := a.schemaOf(reflect.TypeFor[EmailVerified]())
	a.describeLink(mail.VerifyEmailPath, verified, backDone)
	posted := a.huma.OpenAPI().Paths[mail.VerifyEmailPath].Post.Responses["200"].Content["application/json"]
	posted.Schema = &huma.Schema{OneOf: []*huma.Schema{verified, a.schemaOf(reflect.TypeFor[EmailDisowned]())}}
}

func (a *API) sendVerification(ctx context.Context, in *sendVerificationInput) (*sendVerificationOutput, error) {
	who, err := a.liveCaller(ctx)
	if err != nil {
		return nil, err
	}
	client, err := a.Clients.Asking(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	wish := account.VerificationRequest{UserID: who.UserID, Client: client, Origin: origin(ctx, client.ID)}
	if in.Body != nil {
		wish.Email, wish.Return.RedirectURI = in.Body.Email, in.Body.RedirectURI
	}
	sent, err := a.Verify.Send(ctx, wish)
	if err != nil {
		return nil, err
	}
	a.bind(ctx, sent.Binding, sent.Expires.Sub(a.Clock()))
	return &sendVerificationOutput{Body: VerificationSent{
		Status: "sent", ExpiresAt: seconds(sent.Expires), ResendAfter: resendAfter,
	}}, nil
}

func (a *API) openVerification(ctx context.Context, in *LinkQuery) (*linkAnswer, error) {
	return a.open(ctx, account.LinkVerify, in, func(means intent, link account.LinkView) (*linkAnswer, error) {
		return a.confirm(ctx, in.Token, means, link.ClientID)
	})
}

func (a *API) verifyEmail(ctx context.Context, in *verifyInput) (*linkAnswer, error) {
	client, err := a.Clients.Named(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	means := posted(ctx)
	act := a.confirm
	if in.Body.NotMe {
		act = a.disown
	}
	answer, err := act(ctx, in.Body.Token, means, client)
	if err != nil {
		return a.refusedLink(ctx, means, err)
	}
	return answer, nil
}

func (a *API) confirm(ctx context.Context, token secret.String, means intent, client watchword.ClientID) (*linkAnswer, error) {
	done, err := a.Verify.Confirm(ctx, token, origin(ctx, client))
	if err != nil {
		return nil, err
	}
	w, r := writerOf(ctx), requestOf(ctx)
	switch {
	case means == intentFetch:
		return answered(func() {
			writeJSON(w, EmailVerified{Status: "verified", Email: done.Email, VerifiedAt: seconds(done.At)})
		}), nil
	case done.Return.RedirectURI != "":
		return answered(func() { a.redirect(w, done.Return, secret.String{}) }), nil
	default:
		return answered(func() { a.LinkPages.Done(w, r, account.LinkVerify) }), nil
	}
}

func (a *API) disown(ctx context.Context, token secret.String, means intent, client watchword.ClientID) (*linkAnswer, error) {
	if err := a.Verify.Deny(ctx, token, origin(ctx, client)); err != nil {
		return nil, err
	}
	w, r := writerOf(ctx), requestOf(ctx)
	if means == intentFetch {
		return answered(func() { writeJSON(w, EmailDisowned{Status: "disowned"}) }), nil
	}
	return answered(func() { a.LinkPages.Disowned(w, r) }), nil
}

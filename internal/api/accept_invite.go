package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
)

type tokenInput struct {
	LinkClientHeader
	ModeHeader
	Body struct {
		Token secret.String `json:"token" minLength:"1" maxLength:"128" doc:"From the link."`
	}
}

func (a *API) mountAcceptInvite() {
	op := operation{
		id: "open-invite", method: http.MethodGet, path: mail.AcceptInvitePath, tag: "Sign in", security: anyone(),
		summary: "Open an invite",
		description: "Acts for a program that names application/json in Accept. Browsers and mail scanners get a page that asks; " +
			"looking uses nothing up. " + pagesForPeople,
		errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusTooManyRequests},
	}
	register(a, op, a.openInvite)
	op.id, op.method, op.summary = "accept-invite", http.MethodPost, "Accept an invite"
	op.description = "Joins the account and starts a session there. A mailed invite makes the user if the address is new, and " +
		"verifies it. One that was handed over proves nothing: where the address has a user, they must be signed in. As a form it " +
		"is what the page behind the link sends. " + pagesForPeople
	register(a, op, a.acceptInvite)
	a.describeLink(mail.AcceptInvitePath, a.startedSchema(), backWithSession)
}

func (a *API) openInvite(ctx context.Context, in *startingLinkQuery) (*linkAnswer, error) {
	return a.open(ctx, account.LinkInvite, &in.LinkQuery, func(means intent, _ account.LinkView) (*linkAnswer, error) {
		return a.join(ctx, in.Token, means, in.ClientID, in.mode())
	})
}

func (a *API) acceptInvite(ctx context.Context, in *tokenInput) (*linkAnswer, error) {
	if _, err := a.Clients.Named(ctx, in.ClientID); err != nil {
		return nil, err
	}
	means := posted(ctx)
	answer, err := a.join(ctx, in.Body.Token, means, in.ClientID, in.mode())
	if err != nil {
		return a.refusedLink(ctx, means, err)
	}
	return answer, nil
}

func (a *API) join(ctx context.Context, token secret.String, means intent, client string, mode watchword.SessionMode) (*linkAnswer, error) {
	come, err := a.arrival(ctx, means, client, mode)
	if err != nil {
		return nil, err
	}
	result, err := a.SignIn.AcceptInvite(ctx, token, come)
	if err != nil {
		return nil, err
	}
	return a.arrived(ctx, account.LinkInvite, means, result)
}

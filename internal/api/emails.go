package api

import (
	"context"
	"net/http"

	"watchword"
)

type emailOutput struct {
	Body Email
}

type addEmailInput struct {
	CSRFHeader
	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"320" example:"ada@example.com"`
	}
}

// EmailPath names the address that an operation is about.
type EmailPath struct {
	EmailID string `path:"id" maxLength:"64" example:"eml_…"`
}

func (p EmailPath) email() watchword.EmailID { return watchword.EmailID(p.EmailID) }

type changeEmailInput struct {
	CSRFHeader
	EmailPath
	Body struct {
		Primary bool `json:"primary" enum:"true" example:"true" doc:"An address stops being primary when another becomes it."`
	}
}

const freshSignIn = "It needs a sign-in no older than 10 minutes (403 fresh_sign_in_required)."

func (a *API) mountEmails() {
	register(a, operation{
		id: "add-email", method: http.MethodPost, path: "/auth/emails", tag: "You", security: signedIn(),
		status: http.StatusCreated, summary: "Add an email address",
		description: "Mails the link that verifies it. Until then the address is a claim: it lets nobody in and blocks nobody, and the " +
			"answer is the same whether or not somebody else has it. At most ten. " + freshSignIn,
		errors: []int{http.StatusConflict, http.StatusTooManyRequests},
	}, a.addEmail)
	register(a, operation{
		id: "make-email-primary", method: http.MethodPatch, path: "/auth/emails/{id}", tag: "You", security: signedIn(),
		summary: "Make an address the primary one",
		description: "It must be verified (409 address_unverified). The old primary address is told. Your sessions are refused a " +
			"refresh with 409 claims_stale, and get the new address by a switch. " + freshSignIn,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.makeEmailPrimary)
	register(a, operation{
		id: "remove-email", method: http.MethodDelete, path: "/auth/emails/{id}", tag: "You", security: signedIn(),
		status: http.StatusNoContent, summary: "Remove an address",
		description: "Never the primary one (409 email_primary), nor the only verified one (409 last_verified_email). Links that are " +
			"under way to it are void. " + freshSignIn,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.removeEmail)
}

func (a *API) addEmail(ctx context.Context, in *addEmailInput) (*emailOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return emailAnswer(a.Emails.Add(ctx, caller, in.Body.Email))
}

func (a *API) makeEmailPrimary(ctx context.Context, in *changeEmailInput) (*emailOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return emailAnswer(a.Emails.MakePrimary(ctx, caller, in.email()))
}

func (a *API) removeEmail(ctx context.Context, in *struct {
	CSRFHeader
	EmailPath
},
) (*struct{}, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Emails.Remove(ctx, caller, in.email())
}

func emailAnswer(e watchword.Email, err error) (*emailOutput, error) {
	if err != nil {
		return nil, err
	}
	return &emailOutput{Body: emailRow(e)}, nil
}

func emailRow(e watchword.Email) Email {
	return Email{ID: string(e.ID), Email: e.Address, Verified: e.Verified(), Primary: e.Primary}
}

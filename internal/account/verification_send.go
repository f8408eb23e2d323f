package account

import (
	"context"
	"errors"
	"io"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Verification proves addresses by mailed links.
type Verification struct {
	Store  *store.Store
	Jobs   job.Queue
	Mails  MailLimits
	Life   time.Duration // of the links
	Random io.Reader
}

// Sent tells of a mail that was queued.
type Sent struct {
	Binding secret.String // for a cookie of the browser that asked
	Expires time.Time
}

// What needs an address, or one that is not the user's.
var (
	ErrNoEmail       = watchword.NewError(watchword.KindConflict, "no_email", "You have no email address here.")
	ErrEmailNotFound = watchword.NewError(watchword.KindNotFound, "email_not_found", "You have no such email address here.")
)

const purposeVerifyEmail = "verify_email"

// Queue queues the mail that verifies an address, in c's transaction. locale is
// for users who have none.
func (v Verification) Queue(ctx context.Context, c *store.Conn, e watchword.Email, client watchword.ClientID, locale string, back Return) (Sent, error) {
	token, binding := NewToken(v.Random), secret.NewToken("", v.Random)
	sent := Sent{Binding: binding, Expires: c.Now().Add(v.Life)}
	err := c.InsertOneTimeToken(ctx, store.OneTimeToken{
		Digest: secret.Digest(token), Purpose: store.TokenVerifyEmail, UserID: e.UserID, EmailID: e.ID, Address: e.Address,
		Reach: store.ReachMailed, ClientID: client, Binding: secret.Digest(binding), Locale: locale, ExpiresAt: sent.Expires,
		RedirectURI: back.RedirectURI, State: back.State, CodeChallenge: back.CodeChallenge,
	})
	if err != nil {
		return Sent{}, err
	}
	return sent, v.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.VerifyEmail, UserID: e.UserID, ClientID: client, Locale: locale, Token: token.Reveal(),
	}, sent.Expires)
}

// notFoundAs turns a missing row into the error that fits the act.
func notFoundAs(err error, as *watchword.Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as.Because(err)
	}
	return err
}

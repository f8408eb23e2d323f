package account

import (
	"context"
	"errors"
	"io"
	"time"

	"watchword"
	"watchword/internal/event"
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
	Client func(watchword.ClientID) (watchword.Client, bool)
	Life   time.Duration // of the links
	Random io.Reader
}

// VerificationRequest is a signed-in user's wish for another verification mail.
type VerificationRequest struct {
	UserID watchword.UserID
	Email  string // empty: the primary address
	Client watchword.Client
	Return Return
	Origin watchword.Origin
}

// Sent tells of a mail that was queued.
type Sent struct {
	Binding secret.String // for a cookie of the browser that asked
	Expires time.Time
}

// The errors of asking for a verification mail, besides rate_limited.
var (
	ErrNoEmail       = watchword.NewError(watchword.KindConflict, "no_email", "You have no email address here.")
	ErrEmailNotFound = watchword.NewError(watchword.KindNotFound, "email_not_found", "You have no such email address here.")
	ErrEmailVerified = watchword.NewError(watchword.KindConflict, "email_already_verified", "This email address is verified already.")
)

const purposeVerifyEmail = "verify_email"

// Send mails a link that verifies one of the user's own addresses.
func (v Verification) Send(ctx context.Context, in VerificationRequest) (Sent, error) {
	if err := in.Return.Check(in.Client); err != nil {
		return Sent{}, err
	}
	e, err := v.choose(ctx, in)
	if err != nil {
		return Sent{}, err
	}
	if e.Verified() {
		return Sent{}, ErrEmailVerified
	}
	if err := v.Mails.Take(ctx, purposeVerifyEmail, e.Address, in.Origin); err != nil {
		return Sent{}, err
	}
	var sent Sent
	err = v.Store.Tx(ctx, func(c *store.Conn) (err error) {
		if sent, err = v.Queue(ctx, c, e, in.Client.ID, "", in.Return); err != nil {
			return err
		}
		return event.Record(ctx, c, in.Origin, watchword.Event{
			Type: watchword.EventVerificationSent, UserID: e.UserID, ClientID: in.Client.ID, Data: map[string]string{"email_id": string(e.ID)},
		})
	})
	if err == nil {
		v.Jobs.Announce()
	}
	return sent, err
}

func (v Verification) choose(ctx context.Context, in VerificationRequest) (watchword.Email, error) {
	wanted := in.Email
	if wanted != "" {
		var err error
		if wanted, err = CanonicalAddress(wanted); err != nil {
			return watchword.Email{}, err
		}
	}
	list, err := v.Store.Read().Emails(ctx, in.UserID)
	if err != nil {
		return watchword.Email{}, err
	}
	for _, e := range list {
		if e.Address == wanted || wanted == "" && e.Primary {
			return e, nil
		}
	}
	if wanted == "" {
		return watchword.Email{}, ErrNoEmail
	}
	return watchword.Email{}, ErrEmailNotFound
}

// Unasked is a verification mail that follows from something else than a wish for
// it. The zero value is none.
type Unasked struct {
	Email   watchword.Email
	Client  watchword.ClientID
	Locale  string  // for users who have none
	Binding Binding // zero: nobody's
	Origin  watchword.Origin
}

// SendUnasked mails a link that verifies an address, unless the mailbox or the
// network has had enough of them: that one was spared leaves no trace in an answer.
// It stands outside the transaction of its cause: that may run more than once, and
// holds the one writer, while a count may have to wait for Redis.
func (v Verification) SendUnasked(ctx context.Context, m Unasked) error {
	if m.Email.ID == "" || v.spares(ctx, m) {
		return nil
	}
	var queued bool
	err := v.Store.Tx(ctx, func(c *store.Conn) error {
		e, err := heldUnproven(ctx, c, m.Email)
		if queued = err == nil && e.ID != ""; !queued {
			return err
		}
		if _, err := v.QueueBound(ctx, c, e, m.Client, m.Locale, Return{}, m.Binding); err != nil {
			return err
		}
		return event.Record(ctx, c, m.Origin, watchword.Event{
			Type: watchword.EventVerificationSent, UserID: e.UserID, ClientID: m.Client, Actor: event.ActorSystem,
			Data: map[string]string{"email_id": string(e.ID)},
		})
	})
	if err == nil && queued {
		v.Jobs.Announce()
	}
	return err
}

// spares says whether the mailbox or the network has had enough. It counts one.
func (v Verification) spares(ctx context.Context, m Unasked) bool {
	return v.Mails.Take(ctx, purposeVerifyEmail, m.Email.Address, m.Origin) != nil
}

// heldUnproven is an address as it is now, with its user's row held; zero: it has
// been proven since, or is gone.
func heldUnproven(ctx context.Context, c *store.Conn, e watchword.Email) (watchword.Email, error) {
	err := c.LockUser(ctx, e.UserID)
	if err == nil {
		e, err = c.Email(ctx, e.ID)
	}
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && e.Verified():
		return watchword.Email{}, nil
	default:
		return e, err
	}
}

// Queue queues the mail that verifies an address, in c's transaction. locale is
// for users who have none.
func (v Verification) Queue(ctx context.Context, c *store.Conn, e watchword.Email, client watchword.ClientID, locale string, back Return) (Sent, error) {
	return v.QueueBound(ctx, c, e, client, locale, back, NewBinding(v.Random))
}

// QueueBound is Queue for a browser that has been given its binding before; the
// zero Binding is nobody's.
func (v Verification) QueueBound(ctx context.Context, c *store.Conn, e watchword.Email, client watchword.ClientID, locale string, back Return, binding Binding) (Sent, error) {
	token := NewToken(v.Random)
	sent := Sent{Binding: binding.Value, Expires: c.Now().Add(v.Life)}
	err := c.InsertOneTimeToken(ctx, store.OneTimeToken{
		Digest: secret.Digest(token), Purpose: store.TokenVerifyEmail, UserID: e.UserID, EmailID: e.ID, Address: e.Address,
		Reach: store.ReachMailed, ClientID: client, Binding: binding.Digest, Locale: locale, ExpiresAt: sent.Expires,
		RedirectURI: back.RedirectURI, State: back.State, CodeChallenge: back.CodeChallenge,
	})
	if err != nil {
		return Sent{}, err
	}
	return sent, v.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.VerifyEmail, UserID: e.UserID, ClientID: client, Locale: locale, Token: token.Reveal(),
	}, sent.Expires)
}

// Binding ties a mailed link to the browser that asked for it: the value goes
// into a cookie, the digest to the token.
type Binding struct {
	Value  secret.String
	Digest []byte
}

// NewBinding makes a binding.
func NewBinding(random io.Reader) Binding {
	value := secret.NewToken("", random)
	return Binding{Value: value, Digest: secret.Digest(value)}
}

// notFoundAs turns a missing row into the error that fits the act.
func notFoundAs(err error, as *watchword.Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as.Because(err)
	}
	return err
}

package account

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// ResetRequest is somebody's wish to choose a new password.
type ResetRequest struct {
	Email  string
	Client watchword.Client
	Return Return
	Locale string // for addresses that nobody has
	Origin watchword.Origin
}

const purposeResetPassword = "reset_password"

// SendReset mails a link with which a new password can be chosen, or, to users
// without a password, how they do sign in, if they can where they ask. It does the
// same for every address, known or not: one look, one token, one job; who has none
// gets no mail, which is found out when the job is done.
func (r Resets) SendReset(ctx context.Context, in ResetRequest) error {
	if !in.Client.Offers(watchword.MethodPassword) {
		return ErrMethodNotOffered
	}
	address, err := CanonicalAddress(in.Email)
	if err != nil {
		return err
	}
	if err := in.Return.Check(in.Client); err != nil {
		return err
	}
	if err := r.Mails.Take(ctx, purposeResetPassword, address, in.Origin); err != nil {
		return err
	}
	err = r.queue(ctx, in, address)
	if errors.Is(err, store.ErrNotFound) {
		err = r.queue(ctx, in, address) // who had the address was deleted this moment: now nobody has it
	}
	if err == nil {
		r.Jobs.Announce()
	}
	return err
}

// queue queues the mail for whoever has the address, if anybody.
func (r Resets) queue(ctx context.Context, in ResetRequest, address string) error {
	cred, err := r.Store.Read().CredentialFor(ctx, address)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	token := NewToken(r.Random)
	message := mail.Message{Template: mail.ResetPassword, ClientID: in.Client.ID, Locale: in.Locale, Token: token.Reveal()}
	if cred.UserID != "" && cred.Hash.IsZero() {
		message.Template = mail.ResetNoPassword
	}
	return r.Store.Tx(ctx, func(c *store.Conn) error {
		// Of the links in a mailbox only the newest works: an older one may have
		// been forwarded, or read over somebody's shoulder.
		if err := c.VoidTokensOf(ctx, store.TokenResetPassword, address, cred.UserID); err != nil {
			return err
		}
		if err := c.EraseDeadMails(ctx, address); err != nil {
			return err
		}
		expires := c.Now().Add(r.Life)
		err := c.InsertOneTimeToken(ctx, store.OneTimeToken{
			Digest: secret.Digest(token), Purpose: store.TokenResetPassword, UserID: cred.UserID, EmailID: cred.EmailID,
			Address: address, Reach: store.ReachMailed, ClientID: in.Client.ID, Locale: in.Locale, RedirectURI: in.Return.RedirectURI,
			ExpiresAt: expires,
		})
		if err != nil {
			return err
		}
		err = event.Record(ctx, c, in.Origin, watchword.Event{
			Type: watchword.EventResetRequested, UserID: cred.UserID, ClientID: in.Client.ID, Actor: event.ActorSystem,
		})
		if err != nil {
			return err
		}
		return r.Jobs.EnqueueMail(ctx, c, message, expires)
	})
}

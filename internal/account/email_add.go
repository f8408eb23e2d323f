package account

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/store"
)

// Add gives the caller one more address and mails the link that verifies it.
// Until then it is a claim: it blocks nobody and lets nobody in. So nothing is
// looked up, and the answer is the same whether or not somebody has it.
//
// Errors: ErrFreshSignIn, ErrEmailUnverified, ErrEmailAdded, ErrTooManyEmails,
// rate_limited.
func (e Emails) Add(ctx context.Context, caller Caller, text string) (watchword.Email, error) {
	address, err := CanonicalAddress(text)
	if err != nil {
		return watchword.Email{}, err
	}
	// What can be refused is, before a mail is counted.
	s, err := caller.Fresh(ctx, e.Store.Read())
	if err != nil {
		return watchword.Email{}, err
	}
	list, err := e.Store.Read().Emails(ctx, caller.UserID)
	if err != nil {
		return watchword.Email{}, err
	}
	if err := mayAdd(s, list, address); err != nil {
		return watchword.Email{}, err
	}
	if err := e.Verification.Mails.Take(ctx, purposeVerifyEmail, address, caller.Origin); err != nil {
		return watchword.Email{}, err
	}
	var added watchword.Email
	err = e.change(ctx, caller, func(c *store.Conn, s store.SessionView, list []watchword.Email) error {
		if err := mayAdd(s, list, address); err != nil {
			return err
		}
		added = watchword.Email{UserID: caller.UserID, Address: address, CreatedAt: c.Now()}
		if added.ID, err = c.InsertEmail(ctx, added); err != nil {
			return err
		}
		if _, err := e.Verification.Queue(ctx, c, added, caller.Origin.ClientID, s.User.Locale, Return{}); err != nil {
			return err
		}
		return caller.record(ctx, c, watchword.Event{
			Type: watchword.EventEmailAdded, Data: map[string]string{"email_id": string(added.ID)},
		})
	})
	if err != nil {
		return watchword.Email{}, err
	}
	e.Jobs.Announce()
	return added, nil
}

func mayAdd(s store.SessionView, list []watchword.Email, address string) error {
	switch {
	case s.User.Email != "" && !s.User.EmailVerified:
		return ErrEmailUnverified // a squatter could otherwise stay when the owner comes
	case slices.ContainsFunc(list, func(e watchword.Email) bool { return e.Address == address }):
		return ErrEmailAdded
	case len(list) >= maxEmails:
		return ErrTooManyEmails
	default:
		return nil
	}
}

package account

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/store"
)

// Emails are the addresses of users, as their owners change them. Each change
// needs a fresh sign-in: whoever has the addresses has the user.
type Emails struct {
	Store        *store.Store
	Jobs         job.Queue
	Verification Verification
}

// maxEmails is how many addresses one user may have.
const maxEmails = 10

// What can be refused about addresses.
var (
	ErrEmailAdded = watchword.NewError(watchword.KindConflict, "email_already_added",
		"You have this email address already.")
	ErrTooManyEmails = watchword.NewError(watchword.KindConflict, "too_many_emails",
		"You have ten email addresses. Remove one before you add another.")
	ErrAddressUnverified = watchword.NewError(watchword.KindConflict, "address_unverified",
		"Verify this email address before you make it the primary one.")
	ErrEmailPrimary = watchword.NewError(watchword.KindConflict, "email_primary",
		"This is your primary email address. Make another one primary first.")
	ErrLastVerified = watchword.NewError(watchword.KindConflict, "last_verified_email",
		"This is your only verified email address.")
)

// change runs act on the addresses of a caller with a fresh sign-in, in a
// transaction in which nobody else changes them.
func (e Emails) change(ctx context.Context, caller Caller, act func(*store.Conn, store.SessionView, []watchword.Email) error) error {
	return e.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.TouchUser(ctx, caller.UserID); err != nil { // which holds the row
			return gone(err)
		}
		s, err := caller.Fresh(ctx, c)
		if err != nil {
			return err
		}
		list, err := c.Emails(ctx, caller.UserID)
		if err != nil {
			return err
		}
		return act(c, s, list)
	})
}

func emailOf(list []watchword.Email, id watchword.EmailID) (watchword.Email, error) {
	i := slices.IndexFunc(list, func(e watchword.Email) bool { return e.ID == id })
	if i < 0 {
		return watchword.Email{}, ErrEmailNotFound
	}
	return list[i], nil
}

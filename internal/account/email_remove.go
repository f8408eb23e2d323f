package account

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/store"
)

// Remove takes an address from the caller, with the links that are under way to
// it. The primary one stays, and so does the only one that is proven.
//
// Errors: ErrFreshSignIn, ErrEmailNotFound, ErrEmailPrimary, ErrLastVerified.
func (e Emails) Remove(ctx context.Context, caller Caller, id watchword.EmailID) error {
	return e.change(ctx, caller, func(c *store.Conn, _ store.SessionView, list []watchword.Email) error {
		chosen, err := emailOf(list, id)
		if err != nil {
			return err
		}
		if chosen.Primary {
			return ErrEmailPrimary
		}
		another := slices.ContainsFunc(list, func(e watchword.Email) bool { return e.ID != id && e.Verified() })
		if chosen.Verified() && !another {
			return ErrLastVerified
		}
		if err := voidLinks(ctx, c, chosen); err != nil {
			return err
		}
		if err := c.DeleteEmail(ctx, caller.UserID, id); err != nil {
			return err
		}
		return caller.record(ctx, c, watchword.Event{
			Type: watchword.EventEmailRemoved, Data: map[string]string{"email_id": string(id)},
		})
	})
}

// voidLinks voids what is under way to an address that its user gives up. Links
// to sign in are known by the address alone: who only claims one must not void
// those of its owner.
func voidLinks(ctx context.Context, c *store.Conn, e watchword.Email) error {
	if e.Exclusive {
		if err := c.VoidAddressTokens(ctx, e.Address); err != nil {
			return err
		}
		if err := c.EraseDeadMails(ctx, e.Address); err != nil {
			return err
		}
	}
	return c.EraseEmailMails(ctx, e.ID) // its own tokens go with it
}

package store

import (
	"context"

	"watchword"
)

// What waits in the queue and must not go out any more loses its payload, and
// with it the live token. The mails are found by the tokens that they carry: erase
// first, then delete whose they are.

// EraseInviteMails erases the waiting mails of an invite.
func (c *Conn) EraseInviteMails(ctx context.Context, id watchword.InviteID) error {
	_, err := c.q.EraseJobsOfInvite(c.bound(ctx), []byte{}, nullMicros(c.now), nullText(id))
	return translate("erase mails of an invite", err)
}

// EraseAccountMails erases the waiting mails of an account's invites.
func (c *Conn) EraseAccountMails(ctx context.Context, id watchword.AccountID) error {
	_, err := c.q.EraseJobsOfAccount(c.bound(ctx), []byte{}, nullMicros(c.now), string(id))
	return translate("erase mails of an account", err)
}

// EraseEmailMails erases the waiting mails whose token is for a user's address.
func (c *Conn) EraseEmailMails(ctx context.Context, id watchword.EmailID) error {
	_, err := c.q.EraseJobsOfEmail(c.bound(ctx), []byte{}, nullMicros(c.now), nullText(id))
	return translate("erase mails of an address", err)
}

// EraseUserMails erases the waiting mails whose token is for a user.
func (c *Conn) EraseUserMails(ctx context.Context, id watchword.UserID) error {
	_, err := c.q.EraseJobsOfUser(c.bound(ctx), []byte{}, nullMicros(c.now), nullText(id))
	return translate("erase mails of a user", err)
}

package account

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// MakePrimary makes a verified address of the caller the one that they are known
// and told by. The old one is told, if it was ever proven to be theirs. Sessions
// find their claims stale.
//
// Errors: ErrFreshSignIn, ErrEmailNotFound, ErrAddressUnverified.
func (e Emails) MakePrimary(ctx context.Context, caller Caller, id watchword.EmailID) (watchword.Email, error) {
	var after watchword.Email
	err := e.change(ctx, caller, func(c *store.Conn, s store.SessionView, list []watchword.Email) error {
		chosen, err := emailOf(list, id)
		if err != nil {
			return err
		}
		if !chosen.Verified() {
			return ErrAddressUnverified
		}
		after = chosen
		after.Primary = true
		if chosen.Primary {
			return nil
		}
		if err := c.MakePrimary(ctx, caller.UserID, id); err != nil {
			return err
		}
		data := map[string]string{"email_id": string(id)}
		old := slices.IndexFunc(list, func(e watchword.Email) bool { return e.Primary })
		if old >= 0 {
			data["previous_email_id"] = string(list[old].ID)
		}
		if err := caller.record(ctx, c, watchword.Event{Type: watchword.EventPrimaryChanged, Data: data}); err != nil {
			return err
		}
		// An address that nobody has proven may be a stranger's.
		if old < 0 || !list[old].Verified() {
			return nil
		}
		return e.Jobs.EnqueueMail(ctx, c, mail.Message{
			Template: mail.EmailChanged, UserID: caller.UserID, To: list[old].Address, ClientID: caller.Origin.ClientID,
			Locale: s.User.Locale, Subject: chosen.Address, IP: caller.Origin.IP, Agent: caller.Origin.UserAgent,
		}, c.Now().Add(mail.NoticeLife))
	})
	if err == nil {
		e.Jobs.Announce()
	}
	return after, err
}

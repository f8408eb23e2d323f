package account

import (
	"context"
	"errors"
	"slices"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// setEmail gives a user whose row is held another primary address, instead of the
// one before, and answers it. The old one is told, if it was proven.
//
// ErrAddressTaken: it is somebody else's, who has proven it or for which nobody
// vouches now.
func (a Administration) setEmail(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, address string, proof EmailProof) (watchword.Email, error) {
	list, err := c.Emails(ctx, user.ID)
	if err != nil {
		return watchword.Email{}, err
	}
	e, err := ownEmail(ctx, c, by, user.ID, list, address)
	if err != nil {
		return e, err
	}
	if err := a.secureEmail(ctx, c, by, &e, proof); err != nil {
		return e, err
	}
	if e.Primary {
		return e, nil
	}
	if err := c.MakePrimary(ctx, user.ID, e.ID); err != nil {
		return e, err
	}
	e.Primary = true
	data := map[string]string{"email_id": string(e.ID)}
	old := slices.IndexFunc(list, func(one watchword.Email) bool { return one.Primary })
	if old < 0 {
		return e, record(ctx, c, by, watchword.EventPrimaryChanged, user.ID, data)
	}
	data["previous_email_id"] = string(list[old].ID)
	if err := record(ctx, c, by, watchword.EventPrimaryChanged, user.ID, data); err != nil {
		return e, err
	}
	return e, a.replaced(ctx, c, by, user, list[old], address)
}

// ownEmail is the address as one of the user's, new or not.
func ownEmail(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.UserID, list []watchword.Email, address string) (watchword.Email, error) {
	if i := slices.IndexFunc(list, func(one watchword.Email) bool { return one.Address == address }); i >= 0 {
		return list[i], nil
	}
	e := watchword.Email{UserID: user, Address: address, CreatedAt: c.Now()}
	var err error
	if e.ID, err = c.InsertEmail(ctx, e); err != nil {
		return e, err
	}
	return e, record(ctx, c, by, watchword.EventEmailAdded, user, map[string]string{"email_id": string(e.ID)})
}

// secureEmail makes an address its user's alone, and proven where somebody vouches
// for it.
func (a Administration) secureEmail(ctx context.Context, c *store.Conn, by watchword.Administrator, e *watchword.Email, proof EmailProof) error {
	if proof == EmailUnproven || e.Verified() {
		if e.Exclusive {
			return nil
		}
		return taken(c.HoldEmail(ctx, e.ID))
	}
	displaced, err := c.VerifyEmail(ctx, *e)
	if err != nil {
		return taken(err)
	}
	for _, one := range displaced {
		// Their password goes, and who signs in by the address is somebody else.
		user, err := c.User(ctx, one.UserID)
		if err != nil {
			return err
		}
		if err := mayTakeOver(c, by, user); err != nil {
			return err
		}
	}
	if err := recordDisplaced(ctx, c, by.Origin, by.Actor, displaced); err != nil {
		return err
	}
	e.VerifiedAt, e.Exclusive = c.Now(), true
	return record(ctx, c, by, watchword.EventEmailVerified, e.UserID, map[string]string{"email_id": string(e.ID)})
}

func taken(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		return ErrAddressTaken.Because(err)
	}
	return err
}

// replaced takes the address away that was primary before, with the links that
// are under way to it.
func (a Administration) replaced(ctx context.Context, c *store.Conn, by watchword.Administrator, user watchword.User, old watchword.Email, address string) error {
	if err := c.EraseEmailMails(ctx, old.ID); err != nil {
		return err
	}
	if err := c.DeleteEmail(ctx, user.ID, old.ID); err != nil {
		return err
	}
	err := record(ctx, c, by, watchword.EventEmailRemoved, user.ID, map[string]string{"email_id": string(old.ID)})
	if err != nil || !old.Verified() {
		return err
	}
	return a.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.EmailChanged, UserID: user.ID, To: old.Address, ClientID: a.Client, Locale: user.Locale, Subject: address,
	}, c.Now().Add(mail.NoticeLife))
}

package account

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Verified is an address that was proven, now or before.
type Verified struct {
	Email  string
	At     time.Time
	Return Return
}

// Confirm verifies the address that a mailed link is for. It wipes nothing: the
// page behind the link has asked whether the user is theirs. A repeat answers the
// same as long as the user holds the address.
//
// Errors: ErrTokenInvalid, ErrTokenExpired, ErrTokenUsed.
func (v Verification) Confirm(ctx context.Context, token secret.String, origin watchword.Origin) (Verified, error) {
	t, err := v.look(ctx, token, origin)
	if err != nil {
		return Verified{}, err
	}
	if !t.UsedAt.IsZero() {
		return v.repeated(ctx, t)
	}
	var done Verified
	err = v.Store.Tx(ctx, func(c *store.Conn) error {
		// Held before it is looked at: a wipe under way would otherwise be half seen.
		if err := c.LockUser(ctx, t.UserID); err != nil {
			return notFoundAs(err, ErrTokenUsed)
		}
		if err := UseToken(ctx, c, t); err != nil {
			return err
		}
		e, err := c.Email(ctx, t.EmailID)
		if err != nil {
			return notFoundAs(err, ErrTokenUsed)
		}
		if !e.Verified() {
			if err := verify(ctx, c, origin, e); err != nil {
				return err
			}
			e.VerifiedAt = c.Now()
		}
		done = v.verified(t, e)
		return c.EraseDeadMails(ctx, e.Address)
	})
	if errors.Is(err, ErrTokenUsed) {
		return v.repeated(ctx, t) // another call with the same link was first
	}
	return done, err
}

// look reads a link and refuses it to another client than the one it is for.
func (v Verification) look(ctx context.Context, token secret.String, origin watchword.Origin) (store.OneTimeToken, error) {
	t, err := LookToken(ctx, v.Store.Read(), token, store.TokenVerifyEmail)
	if err == nil && origin.ClientID != "" && origin.ClientID != t.ClientID {
		err = ErrTokenInvalid
	}
	return t, err
}

func (v Verification) repeated(ctx context.Context, t store.OneTimeToken) (Verified, error) {
	t, err := v.Store.Read().OneTimeToken(ctx, t.Digest)
	if err != nil {
		return Verified{}, notFoundAs(err, ErrTokenUsed)
	}
	e, err := v.Store.Read().Email(ctx, t.EmailID)
	if err != nil {
		return Verified{}, notFoundAs(err, ErrTokenUsed)
	}
	// A voided link was never used: what it asked for was answered with no.
	if t.UsedAt.IsZero() || !e.Verified() {
		return Verified{}, ErrTokenUsed
	}
	return v.verified(t, e), nil
}

func (v Verification) verified(t store.OneTimeToken, e watchword.Email) Verified {
	return Verified{Email: e.Address, At: e.VerifiedAt, Return: returnOf(t, v.Client)}
}

// Deny is the answer of somebody who reads the mailbox and did not ask for the
// mail: a user made with their address is wiped, an address added by somebody
// else is taken away.
//
// Errors: those of Confirm; ErrTokenUsed also where the address was verified.
func (v Verification) Deny(ctx context.Context, token secret.String, origin watchword.Origin) error {
	t, err := v.look(ctx, token, origin)
	if err != nil {
		return err
	}
	return v.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockUser(ctx, t.UserID); err != nil {
			return notFoundAs(err, ErrTokenUsed)
		}
		if err := UseToken(ctx, c, t); err != nil {
			return err
		}
		e, err := c.Email(ctx, t.EmailID)
		if err != nil {
			return notFoundAs(err, ErrTokenUsed)
		}
		switch {
		case e.Verified():
			return ErrTokenUsed
		case e.Exclusive:
			_, err := Wipe(ctx, c, origin, e)
			return err
		}
		// Its tokens go with the address, and by them the mails that wait are found.
		if err := c.VoidEmailTokens(ctx, e.ID); err != nil {
			return err
		}
		if err := c.EraseDeadMailsOf(ctx, e.UserID); err != nil {
			return err
		}
		if err := c.DeleteEmail(ctx, e.UserID, e.ID); err != nil {
			return err
		}
		if err := c.TouchUser(ctx, e.UserID); err != nil {
			return err
		}
		return event.Record(ctx, c, origin, watchword.Event{
			Type: watchword.EventEmailDisowned, UserID: e.UserID, Actor: event.ActorSystem,
			Data: map[string]string{"email_id": string(e.ID)},
		})
	})
}

package account

import (
	"context"
	"io"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Administration is what administrators do with users and accounts. Whoever calls
// has made sure that they are one; here is decided what only some of them may do.
type Administration struct {
	Store   *store.Store
	Jobs    job.Queue
	Mails   MailLimits
	Keyring *secret.Keyring // seals what is shown once
	Hasher  *secret.Hasher
	Policy  secret.Policy
	Client  watchword.ClientID // that mails speak of
	// Issuer is by which issuer a provider keeps its subjects. It is empty where
	// there are several; not ok: no provider is set up under this id.
	Issuer func(provider string) (issuer string, ok bool)
	// Name is what a provider is called, by its id.
	Name func(provider string) string
	// Grace is how long a deleted user can be brought back, where nothing else is said.
	Grace      time.Duration
	ResetLife  time.Duration // of a link to a new password
	InviteLife time.Duration // of a link to the first one
	Random     io.Reader
}

// What administrators are told of what is not there: they may know that.
var (
	ErrNoAccount  = watchword.NewError(watchword.KindNotFound, "account_not_found", "There is no such account.")
	ErrNoInvite   = watchword.NewError(watchword.KindNotFound, "invite_not_found", "There is no such invite.")
	ErrNoIdentity = watchword.NewError(watchword.KindNotFound, "identity_not_found", "The user has no such link to a provider.")
)

// ErrAddressTaken is ErrEmailTaken to whoever is not the one to sign in instead.
var ErrAddressTaken = watchword.NewError(watchword.KindConflict, "email_taken",
	"Another user has this email address. Search for whose it is; who never proved it loses it where you vouch for the address.")

// byAdministrator is an administrator as those acts take them that users do as well.
func byAdministrator(by watchword.Administrator) Caller {
	return Caller{actor: by.Actor, Origin: by.Origin}
}

// byServer is the server itself.
func byServer() Caller { return Caller{actor: event.ActorSystem} }

// User is all that there is of a user.
func (a Administration) User(ctx context.Context, id watchword.UserID) (watchword.UserRecord, error) {
	record, err := a.Store.Read().UserRecord(ctx, id)
	return record, notFound(err)
}

// power is what an act on a user who is an administrator takes.
type power uint8

const (
	ordinary power = iota // what every administrator has
	makes                 // what it takes to make administrators, or to take one over
)

// mayTakeOver refuses what would take a user over or put them out, if they are an
// administrator and by is not one who may.
func mayTakeOver(c *store.Conn, by watchword.Administrator, user watchword.User) error {
	if !user.Administrator {
		return nil
	}
	return by.MayMakeAdministrators(c.Now())
}

// change runs act on a user whose row is held and who is in a wanted state, and
// answers them as they are afterwards.
func (a Administration) change(ctx context.Context, by watchword.Administrator, id watchword.UserID, want watchword.Precondition, needs power,
	act func(*store.Conn, watchword.User) error,
) (after watchword.UserRecord, err error) {
	err = a.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.LockUser(ctx, id); err != nil {
			return notFound(err)
		}
		user, err := c.User(ctx, id)
		if err != nil {
			return err
		}
		if err := want.Holds(user.Revision()); err != nil {
			return err
		}
		if needs == makes {
			if err := mayTakeOver(c, by, user); err != nil {
				return err
			}
		}
		if err := act(c, user); err != nil {
			return err
		}
		after, err = c.UserRecord(ctx, id)
		return err
	})
	if err == nil {
		a.Jobs.Announce()
	}
	return after, err
}

package account

import (
	"context"
	"slices"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// Identities are the providers that users sign in with, as their owners change
// them.
type Identities struct {
	Store *store.Store
	Jobs  job.Queue
	// Offered says whether a method is set up and some client lets people in by it.
	Offered func(watchword.Method) bool
	// Name is what a provider is called, by its id.
	Name func(provider string) string
}

// What can be refused about identities.
var (
	ErrIdentityNotFound = watchword.NewError(watchword.KindNotFound, "identity_not_found",
		"You have no such link to a provider.")
	ErrLastMethod = watchword.NewError(watchword.KindConflict, "last_sign_in_method",
		"This is your only way to sign in. Set up another one first.")
)

// Unlink takes a provider from the caller, who needs a fresh sign-in and keeps
// another way in. They are told by mail at a verified address.
//
// Errors: ErrFreshSignIn, ErrIdentityNotFound, ErrLastMethod.
func (i Identities) Unlink(ctx context.Context, caller Caller, id watchword.IdentityID) error {
	err := i.Store.Tx(ctx, func(c *store.Conn) error {
		// Held first: of two who each unlink the other's last way in one must fail.
		if err := c.TouchUser(ctx, caller.UserID); err != nil {
			return gone(err)
		}
		if _, err := caller.Fresh(ctx, c); err != nil {
			return err
		}
		user, err := c.User(ctx, caller.UserID)
		if err != nil {
			return err
		}
		identity, err := i.spare(ctx, c, user, id)
		if err != nil {
			return err
		}
		if err := c.DeleteIdentity(ctx, caller.UserID, id); err != nil {
			return notFoundAs(err, ErrIdentityNotFound)
		}
		err = caller.record(ctx, c, watchword.Event{Type: watchword.EventIdentityUnlinked, Data: identityData(identity)})
		if err != nil || !user.TakesNotices() {
			return err
		}
		return i.Jobs.EnqueueMail(ctx, c, mail.Message{
			Template: mail.IdentityUnlinked, UserID: user.ID, ClientID: caller.Origin.ClientID, Locale: user.Locale,
			Subject: i.Name(identity.Provider), IP: caller.Origin.IP, Agent: caller.Origin.UserAgent,
		}, c.Now().Add(mail.NoticeLife))
	})
	if err == nil {
		i.Jobs.Announce()
	}
	return err
}

// spare is the identity of a user, if they can sign in without it.
func (i Identities) spare(ctx context.Context, c *store.Conn, user watchword.User, id watchword.IdentityID) (watchword.Identity, error) {
	list, err := c.Identities(ctx, user.ID)
	if err != nil {
		return watchword.Identity{}, err
	}
	at := slices.IndexFunc(list, func(one watchword.Identity) bool { return one.ID == id })
	if at < 0 {
		return watchword.Identity{}, ErrIdentityNotFound
	}
	addresses, err := c.Emails(ctx, user.ID)
	if err != nil {
		return watchword.Identity{}, err
	}
	// A password is of use beside an address that lets its user in; a claim does not.
	byPassword := user.HasPassword && i.Offered(watchword.MethodPassword) &&
		slices.ContainsFunc(addresses, func(e watchword.Email) bool { return e.Exclusive })
	byMail := i.Offered(watchword.MethodMagicLink) && slices.ContainsFunc(addresses, watchword.Email.Verified)
	byProvider := slices.ContainsFunc(list, func(one watchword.Identity) bool {
		return one.ID != id && i.Offered(watchword.Method(one.Provider))
	})
	if !byPassword && !byMail && !byProvider {
		return watchword.Identity{}, ErrLastMethod
	}
	return list[at], nil
}

// Link links a provider's subject to a user, in c's transaction and with the
// user's row held, and answers the link. store.ErrDuplicate: it is linked, to
// this user or another; the transaction can go on.
func Link(ctx context.Context, c *store.Conn, origin watchword.Origin, i watchword.Identity, by watchword.SessionID) (watchword.Identity, error) {
	var err error
	if i.ID, err = c.InsertIdentity(ctx, i); err != nil {
		return i, err
	}
	i.CreatedAt = c.Now()
	if err := c.TouchUser(ctx, i.UserID); err != nil {
		return i, err
	}
	return i, event.Record(ctx, c, origin, watchword.Event{
		Type: watchword.EventIdentityLinked, UserID: i.UserID, SessionID: by, Data: identityData(i),
	})
}

func identityData(i watchword.Identity) map[string]string {
	return map[string]string{"identity_id": string(i.ID), "provider": i.Provider}
}

// TellLinked queues the notice that a provider called name was linked to a user:
// to the primary address if they have proven it, else to e, which they have.
func TellLinked(ctx context.Context, c *store.Conn, jobs job.Queue, origin watchword.Origin, user watchword.User, e watchword.EmailID, name string) error {
	m := mail.Message{
		Template: mail.IdentityLinked, UserID: user.ID, ClientID: origin.ClientID, Locale: user.Locale, Subject: name,
		IP: origin.IP, Agent: origin.UserAgent,
	}
	if !user.TakesNotices() {
		m.EmailID = e
	}
	return jobs.EnqueueMail(ctx, c, m, c.Now().Add(mail.NoticeLife))
}

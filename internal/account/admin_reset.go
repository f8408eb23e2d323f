package account

import (
	"context"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// OldPassword says what becomes of a password whose user is sent a link to a new one.
type OldPassword string

// The two: it is good until there is a new one, or it is gone now.
const (
	OldPasswordKept    OldPassword = "kept"
	OldPasswordCleared OldPassword = "cleared"
)

var errNoMailbox = watchword.NewError(watchword.KindConflict, "no_email",
	"The user has no email address to which a link could be sent.")

// SendReset mails a user a link by which they choose a password, whether or not
// they have one, and answers when it expires. Where the old one is cleared, their
// sessions end as well: the link is their way in then.
//
// Errors: ErrUserNotFound, ErrUserDisabled, no_email, rate_limited, and where it is
// cleared insufficient_scope or fresh_sign_in_required.
func (a Administration) SendReset(ctx context.Context, by watchword.Administrator, id watchword.UserID, old OldPassword) (expires time.Time, err error) {
	seen, err := a.User(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	if _, err := mailbox(seen.User, seen.Emails); err != nil {
		return time.Time{}, err
	}
	if err := a.takeMail(ctx, by, seen.Email); err != nil {
		return time.Time{}, err
	}
	needs := ordinary // the link goes to the stored address
	if old == OldPasswordCleared {
		needs = makes
	}
	_, err = a.change(ctx, by, id, watchword.Precondition{}, needs, func(c *store.Conn, user watchword.User) error {
		list, err := c.Emails(ctx, id)
		if err != nil {
			return err
		}
		e, err := mailbox(user, list)
		if err != nil {
			return err
		}
		data := map[string]string{"password": string(old)}
		if old == OldPasswordCleared {
			ended, err := clearPassword(ctx, c, user)
			if err != nil {
				return err
			}
			data["sessions_ended"] = strconv.FormatInt(ended, 10)
		}
		if expires, err = a.queueReset(ctx, c, e, mail.ResetPassword, a.ResetLife); err != nil {
			return err
		}
		return record(ctx, c, by, watchword.EventResetRequested, id, data)
	})
	return expires, err
}

// mailbox is the address to which a user is sent a link.
func mailbox(user watchword.User, list []watchword.Email) (watchword.Email, error) {
	if user.Status != watchword.UserActive {
		return watchword.Email{}, ErrUserDisabled
	}
	for _, e := range list {
		if e.Primary && e.Exclusive { // a claim may be of a stranger's address
			return e, nil
		}
	}
	return watchword.Email{}, errNoMailbox
}

func clearPassword(ctx context.Context, c *store.Conn, user watchword.User) (ended int64, err error) {
	if err := c.ReplacePassword(ctx, user.ID, secret.Hash{}); err != nil {
		return 0, err
	}
	return endAll(ctx, c, user)
}

// takeMail counts a mail that an administrator has sent to an address: nobody's
// mailbox is filled. How many people are written to is the administrator's business.
func (a Administration) takeMail(ctx context.Context, by watchword.Administrator, address string) error {
	return a.Mails.Limiter.Take(ctx, a.Mails.PerAddress, "administration:"+address, by.Origin)
}

// queueReset queues the mail with a link to a password. Of the links in a mailbox
// only the newest works.
func (a Administration) queueReset(ctx context.Context, c *store.Conn, e watchword.Email, template mail.Template, life time.Duration) (expires time.Time, err error) {
	if err := c.VoidTokensOf(ctx, store.TokenResetPassword, e.Address, e.UserID); err != nil {
		return time.Time{}, err
	}
	if err := c.EraseDeadMails(ctx, e.Address); err != nil {
		return time.Time{}, err
	}
	token := NewToken(a.Random)
	expires = c.Now().Add(life)
	err = c.InsertOneTimeToken(ctx, store.OneTimeToken{
		Digest: secret.Digest(token), Purpose: store.TokenResetPassword, UserID: e.UserID, EmailID: e.ID, Address: e.Address,
		Reach: store.ReachMailed, ClientID: a.Client, ExpiresAt: expires,
	})
	if err != nil {
		return time.Time{}, err
	}
	return expires, a.Jobs.EnqueueMail(ctx, c, mail.Message{Template: template, ClientID: a.Client, Token: token.Reveal()}, expires)
}

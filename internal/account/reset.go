package account

import (
	"context"
	"io"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Resets replaces passwords that were forgotten.
type Resets struct {
	Store   *store.Store
	Jobs    job.Queue
	Mails   MailLimits
	Limiter *limit.Limiter
	Hasher  *secret.Hasher
	Policy  secret.Policy
	Life    time.Duration // of the links
	Random  io.Reader
}

// Reset is a new password from whoever holds a mailed link.
type Reset struct {
	Token    secret.String
	Password secret.String
	Holder   Holder
	Origin   watchword.Origin
}

// The errors that several ways in share.
var (
	ErrUserDisabled = watchword.NewError(watchword.KindForbidden, "user_disabled",
		"This user has been disabled.")
	ErrMethodNotOffered = watchword.NewError(watchword.KindForbidden, "method_not_offered",
		"This client does not offer this way to sign in.")
)

// resetLimit bounds how often passwords are tried on one user's link.
var resetLimit = limit.Rule{Name: "password_reset", Count: 120, Per: 10 * time.Minute}

// Reset gives the user of a mailed link a new password, proves their address,
// and ends every session and every other token of theirs. It starts no session.
// A password that is refused leaves the link as it is. It answers how many
// sessions have ended.
//
// Errors: ErrTokenInvalid, ErrTokenExpired, ErrTokenUsed, ErrUserDisabled,
// password_too_weak, busy.
func (r Resets) Reset(ctx context.Context, in Reset) (ended int64, err error) {
	t, user, err := r.look(ctx, in.Token)
	if err != nil {
		return 0, err
	}
	// One live link must not keep the pool of hashes busy.
	if err := r.Limiter.Take(ctx, resetLimit, string(t.UserID), in.Origin); err != nil {
		return 0, err
	}
	if err := r.Policy.Check(in.Password, t.Address, user.Name); err != nil {
		return 0, err
	}
	hash, err := r.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return 0, err
	}
	var addresses []watchword.Email
	err = r.Store.Tx(ctx, func(c *store.Conn) error {
		if ended, err = r.replace(ctx, c, t, in, hash); err != nil {
			return err
		}
		addresses, err = c.Emails(ctx, t.UserID)
		return err
	})
	if err != nil {
		return 0, err
	}
	r.Jobs.Announce()
	for _, e := range addresses {
		if e.Verified() { // the owner is no guesser; a mere claim is of anybody's address
			r.Limiter.Clear(ctx, "address:"+e.Address)
		}
	}
	return ended, nil
}

// Usable says whether a link can still be used, and for which address.
func (r Resets) Usable(ctx context.Context, token secret.String) (address string, err error) {
	t, _, err := r.look(ctx, token)
	return t.Address, err
}

func (r Resets) look(ctx context.Context, token secret.String) (store.OneTimeToken, watchword.User, error) {
	c := r.Store.Read()
	t, err := LookToken(ctx, c, token, store.TokenResetPassword)
	if err != nil {
		return t, watchword.User{}, err
	}
	if err := Refusal(t, c.Now()); err != nil {
		return t, watchword.User{}, err
	}
	user, err := c.User(ctx, t.UserID)
	switch {
	case err != nil:
		return t, user, notFoundAs(err, ErrTokenInvalid) // it was made for nobody, and never mailed
	case user.Status != watchword.UserActive:
		return t, user, ErrUserDisabled
	default:
		return t, user, nil
	}
}

func (r Resets) replace(ctx context.Context, c *store.Conn, t store.OneTimeToken, in Reset, hash secret.Hash) (ended int64, err error) {
	// The user first and the token after, as everywhere: two who took them the
	// other way round would wait for each other.
	if err := c.LockUser(ctx, t.UserID); err != nil {
		return 0, notFoundAs(err, ErrTokenUsed)
	}
	if err := UseToken(ctx, c, t); err != nil {
		return 0, err
	}
	e, err := c.Email(ctx, t.EmailID)
	if err != nil {
		return 0, notFoundAs(err, ErrTokenUsed)
	}
	if e.Address != t.Address {
		return 0, ErrTokenUsed
	}
	if ended, err = Prove(ctx, c, in.Origin, e, in.Holder); err != nil {
		return 0, err
	}
	if err := c.ResetPassword(ctx, t.UserID, hash); err != nil {
		return 0, notFoundAs(err, ErrUserDisabled)
	}
	more, err := c.RevokeSessions(ctx, t.UserID, "")
	if err != nil {
		return 0, err
	}
	ended += more
	if err := VoidAll(ctx, c, t.UserID, t.Address); err != nil {
		return 0, err
	}
	err = event.Record(ctx, c, in.Origin, watchword.Event{
		Type: watchword.EventPasswordReset, UserID: t.UserID, ClientID: t.ClientID,
		Data: map[string]string{"sessions_ended": strconv.FormatInt(ended, 10)},
	})
	if err != nil {
		return 0, err
	}
	return ended, r.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.PasswordChange, UserID: t.UserID, ClientID: t.ClientID, IP: in.Origin.IP, Agent: in.Origin.UserAgent,
	}, c.Now().Add(mail.NoticeLife))
}

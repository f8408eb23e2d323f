package account

import (
	"context"
	"errors"
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

// Passwords changes passwords in the name of their owners.
type Passwords struct {
	Store   *store.Store
	Hasher  *secret.Hasher
	Policy  secret.Policy
	Limiter *limit.Limiter
	Jobs    job.Queue
}

// PasswordChange is a signed-in user's wish for a new password.
type PasswordChange struct {
	UserID  watchword.UserID
	Session watchword.SessionID // which stays; all others end
	Current secret.String       // needed where there is a password
	New     secret.String
	Origin  watchword.Origin
}

// The errors of a password change, besides password_too_weak and rate_limited.
var (
	ErrCurrentRequired  = watchword.InvalidField("current_password", "required", "Give your current password to change it.")
	ErrCurrentWrong     = watchword.NewError(watchword.KindForbidden, "invalid_credentials", "The current password is not right.")
	errChangedMeanwhile = watchword.NewError(watchword.KindConflict, "password_changed",
		"The password was changed meanwhile. Look again before you change it.")
)

// changeLimit bounds the hashes and the notices that one user can cause.
var changeLimit = limit.Rule{Name: "password_change", Count: 20, Per: time.Hour}

// Change gives the user a new password, ends all their other sessions and tells
// them by mail at a verified address. Wrong guesses at the current one count like wrong sign-ins. It
// answers whom the browser can be marked for anew, as older marks are void.
func (p Passwords) Change(ctx context.Context, change PasswordChange) (watchword.DeviceOwner, error) {
	user, cred, err := p.Store.Read().UserWithCredential(ctx, change.UserID)
	if err != nil {
		return watchword.DeviceOwner{}, gone(err)
	}
	if err := p.change(ctx, user, cred, change); err != nil {
		return watchword.DeviceOwner{}, err
	}
	p.Jobs.Announce()
	return watchword.DeviceOwner{Address: user.Email, UserID: user.ID, PasswordVersion: cred.PasswordVersion + 1}, nil
}

func (p Passwords) change(ctx context.Context, user watchword.User, cred store.Credential, change PasswordChange) error {
	// Everything cheap comes before the hashes: a few users could otherwise keep
	// the pool busy and everybody else out.
	if err := p.Limiter.Take(ctx, changeLimit, string(change.UserID), change.Origin); err != nil {
		return err
	}
	if err := p.Policy.Check(change.New, user.Email, user.Name); err != nil {
		return err
	}
	if err := p.checkCurrent(ctx, cred, change); err != nil {
		return err
	}
	hash, err := p.Hasher.Hash(ctx, change.New)
	if err != nil {
		return err
	}
	return p.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.SetPassword(ctx, cred, hash)
		if errors.Is(err, store.ErrNotFound) {
			return errChangedMeanwhile.Because(err)
		}
		if err != nil {
			return err
		}
		return p.after(ctx, c, user, change)
	})
}

func (p Passwords) checkCurrent(ctx context.Context, cred store.Credential, change PasswordChange) error {
	if cred.Hash.IsZero() {
		return nil
	}
	if change.Current.IsZero() {
		return ErrCurrentRequired
	}
	// A thief of a session would otherwise search for the password here.
	attempt, err := p.Limiter.Begin(ctx, "password-change:"+string(change.UserID), change.Origin)
	if err != nil {
		return err
	}
	defer attempt.Abandoned(ctx)
	verdict, err := p.Hasher.Verify(ctx, cred.Hash, change.Current)
	if err != nil {
		return err
	}
	if !verdict.Matches() {
		attempt.Failed(ctx)
		return p.refused(ctx, change)
	}
	attempt.Succeeded(ctx)
	return nil
}

func (p Passwords) refused(ctx context.Context, change PasswordChange) error {
	err := p.Store.Write(ctx, func(c *store.Conn) error {
		return event.Record(ctx, c, change.Origin, watchword.Event{
			Type: watchword.EventPasswordRefused, UserID: change.UserID, SessionID: change.Session,
		})
	})
	if err != nil {
		return err
	}
	return ErrCurrentWrong
}

func (p Passwords) after(ctx context.Context, c *store.Conn, user watchword.User, change PasswordChange) error {
	// Two hashes have passed since the session was looked at. If its owner signed
	// it out meanwhile, a thief's call in flight must not win.
	s, err := c.Session(ctx, change.Session)
	if err != nil {
		return gone(err)
	}
	if !s.RevokedAt.IsZero() || s.UserID != user.ID {
		return ErrUserGone
	}
	ended, err := c.RevokeSessions(ctx, user.ID, change.Session)
	if err != nil {
		return err
	}
	// Who could read the mailbox a while ago must not undo the change.
	for _, purpose := range []store.TokenPurpose{store.TokenResetPassword, store.TokenAuthorizationCode} {
		if err := c.VoidTokensOf(ctx, purpose, user.Email, user.ID); err != nil {
			return err
		}
	}
	err = event.Record(ctx, c, change.Origin, watchword.Event{
		Type: watchword.EventPasswordChanged, UserID: user.ID, SessionID: change.Session,
		Data: map[string]string{"sessions_ended": strconv.FormatInt(ended, 10)},
	})
	if err != nil || !user.TakesNotices() {
		return err
	}
	return p.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.PasswordChange, UserID: user.ID, ClientID: change.Origin.ClientID, Locale: user.Locale,
		IP: change.Origin.IP, Agent: change.Origin.UserAgent,
	}, c.Now().Add(mail.NoticeLife))
}

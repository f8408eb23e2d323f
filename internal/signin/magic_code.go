package signin

import (
	"context"
	"errors"
	"strings"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
)

const (
	codeTries    = 5  // a code, then it and its link are dead
	wrongPerDay  = 20 // an address, then links only
	codeDay      = 24 * time.Hour
	wrongCode    = "wrong_code" // names in the audit record what is refused then
	loginIDBytes = 256          // at the most
)

// MagicCode signs in whoever read a code out of the mail and asked for it: the
// login id is known to the tab that asked alone, the code to the mailbox. A try
// is counted before the code is looked at, so that many at once are no more than
// five.
//
// Errors: token_invalid (a wrong code too), token_expired, token_used (after five
// wrong ones too), rate_limited, user_disabled.
func (s *Service) MagicCode(ctx context.Context, loginID string, code secret.String, in Arrival) (Result, error) {
	if err := s.takeIP(ctx, s.Limits.SignInPerIP, in.Origin); err != nil {
		return Result{}, err
	}
	if len(loginID) > loginIDBytes {
		return Result{}, account.ErrTokenInvalid
	}
	code = withoutSpaces(code)
	var come arrived
	var refused error
	err := s.tx(ctx, func(c *store.Conn) error {
		refused = nil
		seen, err := c.OneTimeTokenOfLogin(ctx, loginID)
		if err != nil {
			return notFoundAs(err, account.ErrTokenInvalid)
		}
		user, err := hold(ctx, c, seen.Address)
		if err != nil {
			return err
		}
		// Before the try, so that nobody's guesses make the link void as well.
		if err := spent(ctx, c, seen.Address, wrongPerDay); err != nil {
			return err
		}
		t, err := c.TryCode(ctx, loginID, store.TokenMagicLink, codeTries)
		if errors.Is(err, store.ErrNotFound) {
			return s.deadLogin(ctx, c, loginID)
		}
		if err != nil {
			return err
		}
		if refused, err = s.checkCode(ctx, c, t, code, in); err != nil || refused != nil {
			return err // what was counted stays
		}
		if err := c.UseTriedToken(ctx, t.Digest); err != nil {
			return err
		}
		come, err = s.comeIn(ctx, c, t, user, in)
		return err
	})
	err = errors.Join(err, refused)
	if errors.Is(err, limit.ErrLimited) {
		s.Limiter.Refused(wrongCode, in.Origin)
	}
	if err != nil {
		return Result{}, err
	}
	return s.arrive(come)
}

// checkCode says why a code whose try was counted does not let anybody in.
func (s *Service) checkCode(ctx context.Context, c *store.Conn, t store.OneTimeToken, code secret.String, in Arrival) (refused, err error) {
	// Once more: this try is counted now, and so are those that came together with it.
	if err := spent(ctx, c, t.Address, wrongPerDay+1); err != nil {
		return err, nil // not err: what was counted stays
	}
	if in.ClientID != "" && in.ClientID != t.ClientID {
		return account.ErrTokenInvalid, nil
	}
	err = s.Keyring.CheckMAC(secret.PurposeOneTimeCode, t.SecretKeyID, t.CodeMAC, []byte(t.LoginID), []byte(code.Reveal()))
	if err == nil {
		return nil, nil
	}
	return account.ErrTokenInvalid, s.wrongCode(ctx, c, t, in)
}

// withoutSpaces is a code as it is compared: people paste it with what stands
// around it.
func withoutSpaces(code secret.String) secret.String {
	return secret.NewString(strings.Join(strings.Fields(code.Reveal()), ""))
}

// spent refuses where an address has had its wrong codes of a day, until the
// oldest of them are a day old.
func spent(ctx context.Context, c *store.Conn, address string, allowed int64) error {
	wrong, oldest, err := c.WrongCodes(ctx, address, store.TokenMagicLink, c.Now().Add(-codeDay))
	if err == nil && wrong >= allowed {
		return limit.ErrLimited.After(oldest.Add(codeDay).Sub(c.Now()))
	}
	return err
}

// deadLogin is why there is nothing to be tried.
func (s *Service) deadLogin(ctx context.Context, c *store.Conn, loginID string) error {
	t, err := c.OneTimeTokenOfLogin(ctx, loginID)
	if err != nil {
		return notFoundAs(err, account.ErrTokenInvalid)
	}
	if refusal := account.Refusal(t, c.Now()); refusal != nil {
		return refusal
	}
	return account.ErrTokenInvalid
}

// notFoundAs turns a missing row into the error that fits the act.
func notFoundAs(err error, as *watchword.Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as.Because(err)
	}
	return err
}

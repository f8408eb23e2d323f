package signin

import (
	"cmp"
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// ByPassword is a sign-in with an address and a password.
type ByPassword struct {
	Email     string
	Password  secret.String
	AccountID watchword.AccountID
	Client    watchword.Client
	Mode      watchword.SessionMode
	Remember  watchword.Remember
	// Device is the browser's key from an earlier success of the owner with their
	// present password; empty for a stranger.
	Device func(watchword.DeviceOwner) string
	Origin watchword.Origin
}

// The errors of signing in, besides rate_limited, busy and not_a_member.
var (
	// One error for a wrong password and for an unknown address.
	ErrInvalidCredentials = watchword.NewError(watchword.KindUnauthenticated, "invalid_credentials",
		"The email address or the password is not right.")
	ErrEmailUnverified = watchword.NewError(watchword.KindForbidden, "email_unverified",
		"Verify your email address first: we have sent a mail with a link to it. If none comes, sign in again later.")
)

// Those that other ways in share.
var (
	ErrUserDisabled     = account.ErrUserDisabled
	ErrMethodNotOffered = account.ErrMethodNotOffered
)

// failureStep is what the time of a failure is rounded up to under private
// discovery: more than nearly every imported hash takes.
const failureStep = time.Second

// Password signs a user in: one read, one hash in the pool, one transaction. An
// unknown address costs the same. A hash that was imported takes another time,
// so under private discovery failures are answered at whole steps only.
func (s *Service) Password(ctx context.Context, in ByPassword) (Result, error) {
	arrived := s.Clock()
	result, err := s.password(ctx, in)
	if s.Discovery == DiscoveryPrivate && errors.Is(err, ErrInvalidCredentials) {
		// Nothing is held meanwhile: no hash slot, no attempt, no connection.
		s.Pause(ctx, failureStep-s.Clock().Sub(arrived)%failureStep)
	}
	return result, err
}

func (s *Service) password(ctx context.Context, in ByPassword) (Result, error) {
	if !in.Client.Offers(watchword.MethodPassword) {
		return Result{}, ErrMethodNotOffered
	}
	address, err := account.CanonicalAddress(in.Email)
	if err != nil {
		return Result{}, err
	}
	if err := s.takeIP(ctx, s.Limits.SignInPerIP, in.Origin); err != nil {
		return Result{}, err
	}
	cred, err := s.credential(ctx, address)
	if err != nil {
		return Result{}, err
	}
	owner := watchword.DeviceOwner{Address: address, UserID: cred.UserID, PasswordVersion: cred.PasswordVersion}
	attempt, err := s.Limiter.Begin(ctx, counter(in, owner), in.Origin)
	if err != nil {
		return Result{}, err
	}
	defer attempt.Abandoned(ctx)
	verdict, err := s.Hasher.Verify(ctx, cred.Hash, in.Password)
	if err != nil {
		return Result{}, err
	}
	// Under private discovery an address that nobody has proven to read is not yet
	// known: its password is as good as a wrong one, or signing up and then in
	// would tell which addresses were free.
	if !verdict.Matches() || s.Discovery == DiscoveryPrivate && !cred.EmailVerified {
		attempt.Failed(ctx)
		return Result{}, s.failed(ctx, cred.UserID, in, ErrInvalidCredentials)
	}
	if err := s.admit(cred); err != nil {
		return Result{}, s.refused(ctx, address, cred, in, err)
	}
	grant, err := s.start(ctx, in, cred)
	if errors.Is(err, session.ErrNotAMember) {
		return Result{}, s.failed(ctx, cred.UserID, in, err)
	}
	if err != nil {
		return Result{}, err
	}
	attempt.Succeeded(ctx)
	if verdict.NeedsRehash() {
		s.rehash(ctx, cred, in.Password)
	}
	return Result{Grant: grant, Device: owner, Next: s.next(grant.User)}, nil
}

// counter is what wrong passwords are counted by: the address, or the browser
// that has signed in with it before, so that a stranger's guesses do not lock
// the owner out.
func counter(in ByPassword, owner watchword.DeviceOwner) string {
	if device := in.Device(owner); device != "" {
		return "device:" + device + ":" + owner.Address
	}
	return "address:" + owner.Address
}

// credential is what the password is checked against: the zero one, which is
// counted and hashed against too, where nobody has the address.
func (s *Service) credential(ctx context.Context, address string) (store.Credential, error) {
	cred, err := s.Store.Read().CredentialFor(ctx, address)
	if errors.Is(err, store.ErrNotFound) {
		return store.Credential{}, nil
	}
	return cred, err
}

// admit says after a right password whether the user may come in: only then is
// it no news to a stranger.
func (s *Service) admit(cred store.Credential) error {
	switch {
	case cred.Status != watchword.UserActive:
		return ErrUserDisabled
	case s.Verification == VerificationRequired && !cred.EmailVerified:
		return ErrEmailUnverified
	default:
		return nil
	}
}

// refused is failed for whoever has the right password. What they need to come in
// is mailed to them: the mail of the sign-up may be gone by now.
func (s *Service) refused(ctx context.Context, address string, cred store.Credential, in ByPassword, why error) error {
	err := s.failed(ctx, cred.UserID, in, why)
	if !errors.Is(err, ErrEmailUnverified) {
		return err
	}
	return cmp.Or(s.Verify.SendUnasked(ctx, account.Unasked{
		Email:  watchword.Email{ID: cred.EmailID, UserID: cred.UserID, Address: address},
		Client: in.Client.ID, Origin: in.Origin,
	}), err)
}

// failed records that nobody came in, and why, and answers why.
func (s *Service) failed(ctx context.Context, user watchword.UserID, in ByPassword, why error) error {
	reason := ""
	if e, ok := errors.AsType[*watchword.Error](why); ok {
		reason = e.Code
	}
	err := s.Store.Write(ctx, func(c *store.Conn) error {
		return event.Record(ctx, c, in.Origin, watchword.Event{
			Type: watchword.EventSignInFailed, UserID: user, ClientID: in.Client.ID, Actor: event.ActorSystem,
			Data: map[string]string{"method": string(watchword.MethodPassword), "reason": reason},
		})
	})
	if err != nil {
		return err
	}
	return why
}

func (s *Service) start(ctx context.Context, in ByPassword, cred store.Credential) (session.Grant, error) {
	var started session.Started
	err := s.Store.Tx(ctx, func(c *store.Conn) (err error) {
		started, err = s.Sessions.Begin(ctx, c, session.Start{
			Credential: cred, Client: in.Client, Mode: in.Mode, Remember: in.Remember,
			AMR: []watchword.AMR{watchword.AMRPassword}, AccountID: in.AccountID, Origin: in.Origin,
		})
		return err
	})
	if errors.Is(err, session.ErrSessionRevoked) {
		// Between the hash and now the password was reset or the user disabled:
		// what was right a moment ago is wrong now.
		return session.Grant{}, ErrInvalidCredentials.Because(err)
	}
	if err != nil {
		return session.Grant{}, err
	}
	return s.Sessions.Mint(started)
}

// rehash stores an imported password in our own form. That it can wait for the
// next sign-in is why a failure is only logged.
func (s *Service) rehash(ctx context.Context, cred store.Credential, password secret.String) {
	better, err := s.Hasher.Hash(ctx, password)
	if err == nil {
		err = s.Store.Tx(ctx, func(c *store.Conn) error {
			err := c.Rehash(ctx, cred.UserID, cred.Hash, better)
			if errors.Is(err, store.ErrNotFound) {
				return nil // the password was changed meanwhile
			}
			if err != nil {
				return err
			}
			return event.Record(ctx, c, watchword.Origin{}, watchword.Event{
				Type: watchword.EventPasswordRehashed, UserID: cred.UserID, Actor: event.ActorSystem,
			})
		})
	}
	if err != nil {
		s.Log.WarnContext(ctx, "an imported password could not be hashed anew; the next sign-in tries again", "user_id", cred.UserID, "error", err)
	}
}

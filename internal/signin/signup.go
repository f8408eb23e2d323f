package signin

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// SignUp is somebody's wish for an account.
type SignUp struct {
	Email       string
	Password    secret.String
	Name        string
	AccountName string
	InviteToken secret.String
	Locale      string
	Client      watchword.Client
	Mode        watchword.SessionMode
	Origin      watchword.Origin
}

// The errors of signing up, besides email_taken, password_too_weak, rate_limited
// and busy.
var (
	ErrSignUpDisabled = watchword.NewError(watchword.KindForbidden, "signup_disabled",
		"New accounts cannot be made here.")
	ErrInviteRequired = watchword.NewError(watchword.KindForbidden, "invite_required",
		"An invite is needed to make an account here.")
)

// ErrCheckEmail is no failure: under private discovery it is what everybody is
// told who signs up, whether the address is known or not.
var ErrCheckEmail = errors.New("check your email")

// SignUp makes a user with an account and signs them in; the mail that verifies
// the address is queued in the same transaction. Under private discovery it only
// queues the whole of it and answers ErrCheckEmail, alike for every address.
func (s *Service) SignUp(ctx context.Context, in SignUp) (Result, error) {
	address, err := s.checkSignUp(ctx, &in)
	if err != nil {
		return Result{}, err
	}
	invited, err := s.inviteOf(ctx, s.Store.Read(), in.InviteToken, address)
	if err != nil {
		return Result{}, err
	}
	if s.Discovery == DiscoveryOpen {
		// Spares the hash of an address that is taken; the unique index decides.
		_, err := s.Store.Read().UserByAddress(ctx, address)
		if err == nil {
			return Result{}, account.ErrEmailTaken
		}
		if !errors.Is(err, store.ErrNotFound) {
			return Result{}, err
		}
	}
	hash, err := s.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return Result{}, err
	}
	user := account.NewUser{Address: address, Name: in.Name, Locale: in.Locale, AccountName: in.AccountName, Hash: hash}
	binding := account.NewBinding(s.Random)
	if s.Discovery == DiscoveryPrivate && !invited.proves() {
		// An invite that was handed over has let them sign up and is left for when they
		// are signed in: used up here, it would tell that the address was free.
		return Result{Binding: binding.Value}, s.deferSignUp(ctx, user, in, binding)
	}
	started, err := s.createAndStart(ctx, user, in, invited, binding)
	if err != nil {
		return Result{}, err
	}
	s.Jobs.Announce()
	grant, err := s.Sessions.Mint(started)
	if err != nil {
		return Result{}, err
	}
	owner := watchword.DeviceOwner{Address: address, UserID: grant.User.ID, PasswordVersion: store.FirstPasswordVersion}
	return Result{Grant: grant, Device: owner, IsNewUser: true, Next: s.next(grant.User), Binding: binding.Value}, nil
}

// checkSignUp is everything that can be refused before anything is hashed.
func (s *Service) checkSignUp(ctx context.Context, in *SignUp) (address string, err error) {
	if !in.Client.Offers(watchword.MethodPassword) {
		return "", ErrMethodNotOffered
	}
	if address, err = account.CanonicalAddress(in.Email); err != nil {
		return "", err
	}
	if in.Name, err = account.CleanName("name", in.Name); err != nil {
		return "", err
	}
	if in.AccountName, err = account.CleanName("account_name", in.AccountName); err != nil {
		return "", err
	}
	if in.Locale, err = account.CleanLocale(in.Locale); err != nil {
		return "", err
	}
	switch {
	case s.SignUpMode == SignUpClosed:
		return "", ErrSignUpDisabled
	case s.SignUpMode == SignUpInviteOnly && in.InviteToken.IsZero():
		return "", ErrInviteRequired
	}
	// Judging a password costs milliseconds, so it is counted, too; but more
	// generously, or ten weak wishes would lock a person out for an hour.
	wishes := limit.Rule{Name: "sign_up_wish", Count: wishesPerSignUp * s.Limits.SignUpPerIP.Count, Per: s.Limits.SignUpPerIP.Per}
	if err := s.takeIP(ctx, wishes, in.Origin); err != nil {
		return "", err
	}
	if err := s.Policy.Check(in.Password, address, in.Name); err != nil {
		return "", err
	}
	return address, s.takeIP(ctx, s.Limits.SignUpPerIP, in.Origin)
}

const wishesPerSignUp = 6

func (s *Service) createAndStart(ctx context.Context, user account.NewUser, in SignUp, invited invitation, binding account.Binding) (session.Started, error) {
	var started session.Started
	err := s.Store.Tx(ctx, func(c *store.Conn) error {
		made, err := s.create(ctx, c, user, invited, in.Client.ID, binding, in.Origin)
		if err != nil {
			return err
		}
		started, err = s.Sessions.Begin(ctx, c, session.Start{
			Credential: store.Credential{UserID: made.UserID, PasswordVersion: store.FirstPasswordVersion},
			Client:     in.Client, Mode: in.Mode, Remember: watchword.RememberLong,
			AMR: []watchword.AMR{watchword.AMRPassword}, AccountID: invited.invite.Account.ID, Origin: in.Origin,
		})
		return err
	})
	return started, err
}

// create makes the user, lets them into the account that they were invited to,
// and queues the mail that verifies the address, unless the invite has proven it.
func (s *Service) create(ctx context.Context, c *store.Conn, user account.NewUser, invited invitation, client watchword.ClientID, binding account.Binding, origin watchword.Origin) (account.Created, error) {
	if invited.proves() {
		user.VerifiedAt = c.Now()
	}
	if err := invited.hold(ctx, c); err != nil {
		return account.Created{}, err
	}
	made, err := account.Create(ctx, c, s.Random, origin, user)
	if err != nil {
		return made, err
	}
	if err := invited.accept(ctx, c, made.UserID, origin); err != nil {
		return made, err
	}
	if invited.proves() {
		return made, nil
	}
	_, err = s.Verify.QueueBound(ctx, c, watchword.Email{ID: made.EmailID, UserID: made.UserID, Address: user.Address},
		client, user.Locale, account.Return{}, binding)
	return made, err
}

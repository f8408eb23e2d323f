package signin

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
)

// enterNew makes the user of a person whom nobody here knows, by identity or by
// address, and lets them in.
func (s *Service) enterNew(ctx context.Context, c *store.Conn, b comer, invited invitation) (entrance, error) {
	if s.SignUpMode == SignUpClosed || s.SignUpMode == SignUpInviteOnly && invited.token == nil {
		return entrance{}, ErrSignUpDisabled
	}
	u := b.newUser()
	if s.hides(b, invited) {
		if s.SignUpMode == SignUpInviteOnly {
			// It would not be used up, and so let in anybody who has it.
			return entrance{}, ErrSignInRequired
		}
		// A claim is made alike whether or not somebody has the address. An invite that
		// proves nothing has let them in and is left for when they have proven it: used
		// up here, it would tell that the address was free.
		u.Claimed, invited = true, invitation{}
	}
	if b.proven() || invited.proves() {
		u.VerifiedAt = c.Now()
	}
	if err := invited.hold(ctx, c); err != nil {
		return entrance{}, err
	}
	made, err := account.Create(ctx, c, s.Random, b.origin, u)
	if errors.Is(err, account.ErrEmailTaken) {
		return entrance{}, errLookAgain
	}
	if err != nil {
		return entrance{}, err
	}
	in := entrance{isNewUser: true} // and nobody where they are refused: what was made is undone
	if err := s.link(ctx, c, b, made.UserID); err != nil {
		return in, err
	}
	if err := invited.accept(ctx, c, made.UserID, b.origin); err != nil {
		return in, err
	}
	in.verify = s.toVerify(b, made, u)
	user, cred, err := c.UserWithCredential(ctx, made.UserID)
	if err != nil {
		return in, err
	}
	return in, s.welcome(ctx, c, b, &in, user, cred, invited)
}

// newUser is the person as their provider describes them. What does not fit here
// is left out: it is no reason to keep them out.
func (b comer) newUser() account.NewUser {
	u := account.NewUser{Address: b.address, Locale: locale(b.person.Locale)}
	if u.Locale == "" {
		u.Locale = b.flow.Locale
	}
	if name, err := account.CleanName("name", b.person.Name); err == nil {
		u.Name = name
	}
	if picture, err := account.CleanPicture(b.person.Picture); err == nil {
		u.Picture = picture
	}
	return u
}

// identity is the person's, to be linked to a user.
func (b comer) identity(user watchword.UserID) watchword.Identity {
	return watchword.Identity{
		UserID: user, Provider: b.provider.ID, Issuer: b.person.Issuer, Subject: b.person.Subject, Email: b.address,
	}
}

// toVerify is the mail that verifies an address that nothing has proven. Whoever has
// made the user sends it, once that has committed: of two tabs the other must not
// take the mail away. It is alike whether or not somebody has the address.
func (s *Service) toVerify(b comer, made account.Created, u account.NewUser) account.Unasked {
	if u.Address == "" || !u.VerifiedAt.IsZero() {
		return account.Unasked{}
	}
	return account.Unasked{
		Email:  watchword.Email{ID: made.EmailID, UserID: made.UserID, Address: u.Address},
		Client: b.client.ID, Locale: u.Locale, Binding: account.NewBinding(s.Random), Origin: b.origin,
	}
}

// count counts somebody whom nobody here knows by their identity: they are about to
// sign up, or to find out whether an address is somebody's. It is counted alike
// whether or not the address is known.
func (s *Service) count(ctx context.Context, b comer) error {
	_, err := s.Store.Read().IdentityOf(ctx, b.person.Issuer, b.person.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return s.takeIP(ctx, s.Limits.SignUpPerIP, b.origin)
	}
	return err
}

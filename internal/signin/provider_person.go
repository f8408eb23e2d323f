package signin

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// entrance is a way in by a provider whose transaction may still be under way.
type entrance struct {
	user      watchword.UserID // also where they are refused, as far as it is known
	started   session.Started
	code      secret.String // instead of a session
	device    watchword.DeviceOwner
	isNewUser bool
	mailed    bool            // a mail waits for the end of the transaction
	verify    account.Unasked // the mail that follows it, also where an unproven address keeps them out
}

// enter finds out who a provider's person is here and lets them in, in c's
// transaction. Issuer and subject alone say who that is: what else the provider
// tells may change, and changes nothing.
func (s *Service) enter(ctx context.Context, c *store.Conn, b comer) (entrance, error) {
	invited, err := s.invitationOf(ctx, c, b.flow)
	if err != nil {
		return entrance{}, err
	}
	identity, err := c.IdentityOf(ctx, b.person.Issuer, b.person.Subject)
	switch {
	case err == nil:
		return s.enterKnown(ctx, c, b, identity, invited)
	case !errors.Is(err, store.ErrNotFound):
		return entrance{}, err
	case invited.token != nil && invited.token.Address != b.address:
		return entrance{}, ErrInviteMismatch
	}
	owner, err := s.ownerOf(ctx, c, b, invited)
	switch {
	case err != nil:
		return entrance{}, err
	case owner != "":
		return s.enterLinked(ctx, c, b, owner, invited)
	default:
		return s.enterNew(ctx, c, b, invited)
	}
}

// enterKnown lets in the user whom an identity is linked to.
func (s *Service) enterKnown(ctx context.Context, c *store.Conn, b comer, identity watchword.Identity, invited invitation) (entrance, error) {
	in := entrance{user: identity.UserID}
	if err := c.LockUser(ctx, in.user); err != nil {
		return in, goneIsLookAgain(err)
	}
	// A wipe or an unlinking may have been under way before the row was held.
	now, err := c.IdentityOf(ctx, identity.Issuer, identity.Subject)
	if err != nil {
		return in, goneIsLookAgain(err)
	}
	if now.UserID != in.user {
		return in, errLookAgain
	}
	user, cred, err := c.UserWithCredential(ctx, in.user)
	if err != nil {
		return in, err
	}
	if user.Status != watchword.UserActive {
		return in, ErrUserDisabled
	}
	unproven, err := s.unproven(ctx, c, user.ID)
	if err != nil {
		return in, err
	}
	if unproven.ID != "" {
		in.verify = account.Unasked{Email: unproven, Client: b.client.ID, Locale: b.flow.Locale, Origin: b.origin}
		return in, ErrEmailUnverified
	}
	if invited, err = s.inviteOfKnown(ctx, c, b, user.ID, invited); err != nil {
		return in, err
	}
	if err := s.takeUp(ctx, c, b, user.ID, invited); err != nil {
		return in, err
	}
	return in, s.welcome(ctx, c, b, &in, user, cred, invited)
}

// goneIsLookAgain is errLookAgain where what was found is gone by now.
func goneIsLookAgain(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errLookAgain
	}
	return err
}

// unproven is the address that keeps a user out where a verified one is required
// and they have none, as it would with their password; zero: nothing keeps them out.
// Whose provider gave none has nothing to verify.
func (s *Service) unproven(ctx context.Context, c *store.Conn, user watchword.UserID) (watchword.Email, error) {
	if s.Verification != VerificationRequired {
		return watchword.Email{}, nil
	}
	list, err := c.Emails(ctx, user)
	if err != nil || len(list) == 0 || slices.ContainsFunc(list, watchword.Email.Verified) {
		return watchword.Email{}, err
	}
	primary := slices.IndexFunc(list, func(e watchword.Email) bool { return e.Primary })
	return list[max(primary, 0)], nil
}

// ownerOf is who has the address of a person nobody here knows, held; empty:
// nobody. Only proof by the provider links them; else the owner must do so.
func (s *Service) ownerOf(ctx context.Context, c *store.Conn, b comer, invited invitation) (watchword.UserID, error) {
	switch {
	case b.address == "":
		return "", nil
	case b.proven():
		return hold(ctx, c, b.address)
	case s.hides(b, invited):
		return "", nil
	}
	_, err := c.UserByAddress(ctx, b.address)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	}
	// It may be the person themselves, who has signed up this moment in another tab.
	if _, err := c.IdentityOf(ctx, b.person.Issuer, b.person.Subject); !errors.Is(err, store.ErrNotFound) {
		return "", cmp.Or(err, errLookAgain)
	}
	return "", ErrLinkRequired
}

// hides says whether nothing may depend on who has the person's address: under
// private discovery, unless they have shown to read the mailbox.
func (s *Service) hides(b comer, invited invitation) bool {
	return s.Discovery == DiscoveryPrivate && !b.proven() && !invited.proves()
}

// enterLinked links a new identity to the user whose address the provider has
// proven, and lets them in. Where they had never proven it themselves, what was
// put there by whoever made the user goes first; else they are told by mail.
func (s *Service) enterLinked(ctx context.Context, c *store.Conn, b comer, owner watchword.UserID, invited invitation) (entrance, error) {
	in := entrance{user: owner}
	found, err := c.CredentialFor(ctx, b.address)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.UserID != owner {
		return in, errLookAgain // the address has changed hands before the row was held
	}
	if err != nil {
		return in, err
	}
	if found.Status != watchword.UserActive {
		return in, ErrUserDisabled
	}
	e, err := c.Email(ctx, found.EmailID)
	if err != nil {
		return in, err
	}
	if _, err := account.Prove(ctx, c, b.origin, e, b.holder); err != nil {
		return in, err
	}
	if err := s.link(ctx, c, b, owner); err != nil {
		return in, err
	}
	if err := s.takeUp(ctx, c, b, owner, invited); err != nil {
		return in, err
	}
	user, cred, err := c.UserWithCredential(ctx, owner) // a wipe has moved the password's version on
	if err != nil {
		return in, err
	}
	if e.Verified() {
		if err := account.TellLinked(ctx, c, s.Jobs, b.origin, user, e.ID, b.provider.Name); err != nil {
			return in, err
		}
		in.mailed = true
	}
	return in, s.welcome(ctx, c, b, &in, user, cred, invited)
}

// link links the person's identity to a user. Whoever was quicker is found by
// looking again.
func (s *Service) link(ctx context.Context, c *store.Conn, b comer, user watchword.UserID) error {
	_, err := account.Link(ctx, c, b.origin, b.identity(user), "")
	if errors.Is(err, store.ErrDuplicate) {
		return errLookAgain
	}
	return err
}

// welcome starts the session, or makes the code for which the client gets one.
func (s *Service) welcome(ctx context.Context, c *store.Conn, b comer, in *entrance, user watchword.User, cred store.Credential, invited invitation) (err error) {
	amr := []watchword.AMR{watchword.AMRProvider}
	if b.flow.CodeChallenge != "" {
		in.code, err = s.issueCode(ctx, c, store.OneTimeToken{
			Address: user.Email, ClientID: b.client.ID, RedirectURI: b.flow.RedirectURI, CodeChallenge: b.flow.CodeChallenge,
			AMR: amr, AccountID: invited.invite.Account.ID, Scope: b.flow.Scope, Nonce: b.flow.Nonce,
		}, user.ID)
		return err
	}
	if user.TakesNotices() {
		in.device = watchword.DeviceOwner{Address: user.Email, UserID: user.ID, PasswordVersion: cred.PasswordVersion}
	}
	in.started, err = s.Sessions.Begin(ctx, c, session.Start{
		Credential: cred, Client: b.client, Mode: b.mode, Remember: watchword.RememberLong, AMR: amr,
		AccountID: invited.invite.Account.ID, Scope: b.flow.Scope, Origin: b.origin,
	})
	return err
}

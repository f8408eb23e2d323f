package signin

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// The errors of accepting an invite, besides those of tokens.
var (
	ErrSignedInAsOther = watchword.NewError(watchword.KindConflict, "signed_in_as_other_user",
		"This invite is for somebody else than who is signed in here. Sign out first.")
	ErrSignInRequired = watchword.NewError(watchword.KindUnauthenticated, "sign_in_required",
		"Sign in as the user whom this invite is for, then open it again.")
	ErrInviteMismatch = watchword.NewError(watchword.KindConflict, "invite_email_mismatch",
		"This invite is for another email address.")
)

// AcceptInvite lets whoever holds an invite into its account and starts a session
// there. A mailed invite proves the mailbox; one that was handed over proves
// nothing: it makes an unverified user where the address is new, and for an
// address that has a user needs that user signed in. Nothing is used up by a
// refusal.
//
// Errors: token_invalid, token_expired, token_used, invite_revoked,
// signed_in_as_other_user, already_member, sign_in_required, signup_disabled,
// user_disabled.
func (s *Service) AcceptInvite(ctx context.Context, token secret.String, in Arrival) (Result, error) {
	t, seen, err := s.lookInvite(ctx, s.Store.Read(), token)
	if err != nil {
		return Result{}, err
	}
	if in.ClientID != "" && in.ClientID != t.ClientID {
		return Result{}, account.ErrTokenInvalid
	}
	var come arrived
	err = s.tx(ctx, func(c *store.Conn) error {
		user, err := hold(ctx, c, t.Address)
		if err != nil {
			return err
		}
		if err := holdInvite(ctx, c, seen); err != nil {
			return err
		}
		_, invite, err := s.lookInvite(ctx, c, token) // as it is now
		if err != nil {
			return err
		}
		if err := account.UseToken(ctx, c, t); err != nil {
			return err
		}
		come, err = s.joinIn(ctx, c, t, invite, user, in)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return s.arrive(come)
}

// holdInvite holds the account and then the invite, in the order of everybody who
// lets somebody in or out: the last member may be deleting themselves, and the
// account with them.
func holdInvite(ctx context.Context, c *store.Conn, invite watchword.Invite) error {
	if err := c.LockAccount(ctx, invite.Account.ID); err != nil {
		return notFoundAs(err, account.ErrTokenInvalid)
	}
	return notFoundAs(c.LockInvite(ctx, invite.ID), account.ErrTokenInvalid)
}

// lookInvite reads an invite by its token. What became of the invite tells more
// than what became of the token.
func (s *Service) lookInvite(ctx context.Context, c *store.Conn, token secret.String) (store.OneTimeToken, watchword.Invite, error) {
	digest, err := account.TokenDigest(token)
	if err != nil {
		return store.OneTimeToken{}, watchword.Invite{}, err
	}
	return s.lookInviteDigest(ctx, c, digest)
}

// lookInviteDigest is lookInvite for whoever has kept the token's digest alone.
func (s *Service) lookInviteDigest(ctx context.Context, c *store.Conn, digest []byte) (store.OneTimeToken, watchword.Invite, error) {
	t, err := account.LookDigest(ctx, c, digest, store.TokenInvite)
	if err != nil {
		return t, watchword.Invite{}, err
	}
	invite, err := c.Invite(ctx, t.InviteID)
	if errors.Is(err, store.ErrNotFound) {
		return t, invite, account.ErrTokenInvalid.Because(err)
	}
	if err != nil {
		return t, invite, err
	}
	return t, invite, account.InviteRefusal(t, invite, c.Now())
}

// joinIn lets the holder of an invite in, in c's transaction. user is who has its
// address, held; empty: nobody.
func (s *Service) joinIn(ctx context.Context, c *store.Conn, t store.OneTimeToken, invite watchword.Invite, user watchword.UserID, in Arrival) (arrived, error) {
	come := arrived{token: t}
	come.token.AccountID = invite.Account.ID
	err := s.mayAccept(ctx, c, t, user, in.Holder)
	if err != nil {
		return come, err
	}
	if user == "" {
		if user, err = s.invited(ctx, c, t, invite, in); err != nil {
			return come, err
		}
		come.isNewUser = true
	}
	cred, err := s.proven(ctx, c, user, t, in)
	if err != nil {
		return come, err
	}
	if err := join(ctx, c, invite, user, in.Origin); err != nil {
		return come, err
	}
	return come, s.admitArrived(ctx, c, &come, cred, in)
}

// mayAccept says whether the holder of an invite for this user's address may use
// it in a browser in which that holder is signed in.
func (s *Service) mayAccept(ctx context.Context, c *store.Conn, t store.OneTimeToken, user watchword.UserID, holder account.Holder) error {
	if holder.UserID != "" && holder.UserID != user {
		return ErrSignedInAsOther
	}
	if t.Reach == store.ReachMailed {
		return nil
	}
	if user == "" {
		// Under private discovery it must not tell that nobody has the address.
		if s.Discovery == DiscoveryPrivate {
			return ErrSignInRequired
		}
		return nil
	}
	// A link that went through many hands is no proof, and a session that has
	// ended this moment is none either: it would begin another after the reset or
	// the wipe that was to end all.
	same, err := holder.Is(ctx, c, user)
	switch {
	case err != nil:
		return err
	case !same:
		return ErrSignInRequired
	default:
		return holder.Weak // nil where the session authenticates the call
	}
}

// invited makes the user of an invite.
func (s *Service) invited(ctx context.Context, c *store.Conn, t store.OneTimeToken, invite watchword.Invite, in Arrival) (watchword.UserID, error) {
	if s.SignUpMode == SignUpClosed {
		return "", ErrSignUpDisabled
	}
	u := account.NewUser{Address: t.Address, Locale: t.Locale}
	if t.Reach == store.ReachMailed {
		u.VerifiedAt = c.Now()
	}
	made, err := s.makeInvited(ctx, c, t, u, invite.Account.ID, in.Origin)
	if errors.Is(err, account.ErrEmailTaken) {
		return "", errLookAgain
	}
	return made.UserID, err
}

// makeInvited gives those whose mailbox is not proven an account of their own
// besides: whoever proves it later must not find themselves in a stranger's alone.
func (s *Service) makeInvited(ctx context.Context, c *store.Conn, t store.OneTimeToken, u account.NewUser, of watchword.AccountID, origin watchword.Origin) (account.Created, error) {
	if t.Reach == store.ReachMailed {
		return account.CreateMember(ctx, c, origin, u, of)
	}
	return account.Create(ctx, c, s.Random, origin, u)
}

// join consumes the invite and makes the membership. Of many who accept at once
// exactly one gets in, be it by other tokens of the same invite.
func join(ctx context.Context, c *store.Conn, invite watchword.Invite, user watchword.UserID, origin watchword.Origin) error {
	err := c.AcceptInvite(ctx, invite.ID, user)
	if errors.Is(err, store.ErrNotFound) {
		return account.ErrTokenUsed.Because(err)
	}
	if err != nil {
		return err
	}
	_, err = c.Membership(ctx, user, invite.Account.ID)
	if err == nil {
		return account.ErrAlreadyMember
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	err = c.InsertMembership(ctx, invite.Account.ID, user, invite.Role)
	if errors.Is(err, store.ErrDuplicate) {
		return account.ErrAlreadyMember.Because(err)
	}
	if err != nil {
		return err
	}
	if err := c.VoidInviteTokens(ctx, invite.ID); err != nil {
		return err
	}
	if err := c.EraseDeadMails(ctx, invite.Address); err != nil {
		return err
	}
	data := map[string]string{"invite_id": string(invite.ID), "role": string(invite.Role)}
	for _, typ := range []watchword.EventType{watchword.EventInviteAccepted, watchword.EventMemberJoined} {
		err := event.Record(ctx, c, origin, watchword.Event{Type: typ, UserID: user, AccountID: invite.Account.ID, Data: data})
		if err != nil {
			return err
		}
	}
	return nil
}

package signin

import (
	"context"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// invitation is the invite that a sign-up brings along; the zero one is none.
type invitation struct {
	token  *store.OneTimeToken
	invite watchword.Invite
}

// inviteOf reads the invite that a sign-up for the address names; none is no
// error. ErrInviteMismatch: it is for another address.
func (s *Service) inviteOf(ctx context.Context, c *store.Conn, token secret.String, address string) (invitation, error) {
	if token.IsZero() {
		return invitation{}, nil
	}
	t, invite, err := s.lookInvite(ctx, c, token)
	if err != nil {
		return invitation{}, err
	}
	if t.Address != address {
		return invitation{}, ErrInviteMismatch
	}
	return invitation{token: &t, invite: invite}, nil
}

// proves says whether the invite came by mail, so that whoever has it reads the
// mailbox.
func (i invitation) proves() bool { return i.token != nil && i.token.Reach == store.ReachMailed }

// hold holds the account and the invite, before anything else that others may wait for.
func (i invitation) hold(ctx context.Context, c *store.Conn) error {
	if i.token == nil {
		return nil
	}
	return holdInvite(ctx, c, i.invite)
}

// accept consumes the invite for a user who has just been made.
func (i invitation) accept(ctx context.Context, c *store.Conn, user watchword.UserID, origin watchword.Origin) error {
	if i.token == nil {
		return nil
	}
	if err := account.UseToken(ctx, c, *i.token); err != nil {
		return err
	}
	return join(ctx, c, i.invite, user, origin)
}

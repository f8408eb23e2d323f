package signin

import (
	"context"
	"errors"
	"slices"

	"watchword"
	"watchword/internal/store"
)

// invitationOf is the invite that rides along with somebody's way to a provider,
// as it is now.
func (s *Service) invitationOf(ctx context.Context, c *store.Conn, flow store.ProviderFlow) (invitation, error) {
	if len(flow.InviteDigest) == 0 {
		return invitation{}, nil
	}
	t, invite, err := s.lookInviteDigest(ctx, c, flow.InviteDigest)
	if err != nil {
		return invitation{}, err
	}
	return invitation{token: &t, invite: invite}, nil
}

// inviteOfKnown is the invite that a user who is known by their identity, and
// whose row is held, may accept: for an address that they have verified, or for
// the one that the provider names if nobody else has it. ErrInviteMismatch: it is
// for somebody else.
func (s *Service) inviteOfKnown(ctx context.Context, c *store.Conn, b comer, user watchword.UserID, invited invitation) (invitation, error) {
	if invited.token == nil {
		return invited, nil
	}
	address := invited.token.Address
	list, err := c.Emails(ctx, user)
	if err != nil {
		return invited, err
	}
	if slices.ContainsFunc(list, func(e watchword.Email) bool { return e.Verified() && e.Address == address }) {
		return invited, nil
	}
	if b.address != address {
		return invited, ErrInviteMismatch
	}
	if s.hides(b, invited) {
		return invitation{}, nil // who else has the address is not for them to know
	}
	owner, err := c.UserByAddress(ctx, address)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return invited, nil
	case err == nil && owner != user:
		return invited, ErrInviteMismatch
	default:
		return invited, err
	}
}

// takeUp accepts the invite for a user whose row is held.
func (s *Service) takeUp(ctx context.Context, c *store.Conn, b comer, user watchword.UserID, invited invitation) error {
	if err := invited.hold(ctx, c); err != nil {
		return err
	}
	return invited.accept(ctx, c, user, b.origin)
}

package account

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// SetRole gives a member another role. Nobody grants or touches a role above
// their own, and the last owner stays one.
func (a Accounts) SetRole(ctx context.Context, caller Caller, id watchword.AccountID, member watchword.MembershipID, role watchword.Role) (watchword.Member, error) {
	var after watchword.Member
	err := inAccount(ctx, a.Store, caller, id, watchword.RoleAdmin, func(c *store.Conn, me watchword.Membership) error {
		target, err := c.Member(ctx, id, member)
		if err != nil {
			return notFoundAs(err, ErrMemberNotFound)
		}
		if !me.Role.AtLeast(target.Role) || !me.Role.AtLeast(role) {
			return ErrInsufficientRole
		}
		after, err = changeRole(ctx, c, caller, id, target, role)
		return err
	})
	return after, err
}

// changeRole gives a member of an account whose row is held another role.
func changeRole(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, target watchword.Member, role watchword.Role) (watchword.Member, error) {
	after := target
	after.Role = role
	if target.Role == role {
		return after, nil
	}
	if err := keepOwner(ctx, c, id, target.ID, target.Role); err != nil {
		return after, err
	}
	if err := c.SetMemberRole(ctx, id, target.ID, role); err != nil {
		return after, err
	}
	after.RoleChanges++
	err := caller.record(ctx, c, watchword.Event{
		Type: watchword.EventMemberRoleChanged, UserID: target.User.ID, AccountID: id,
		Data: map[string]string{"member_id": string(target.ID), "role": string(role), "previous_role": string(target.Role)},
	})
	if err != nil {
		return after, err
	}
	return after, withdrawInvites(ctx, c, caller, id, target.User.ID, role)
}

// Remove takes a member out of an account; whoever takes themselves out leaves.
func (a Accounts) Remove(ctx context.Context, caller Caller, id watchword.AccountID, member watchword.MembershipID) error {
	return inAccount(ctx, a.Store, caller, id, watchword.RoleMember, func(c *store.Conn, me watchword.Membership) error {
		target, err := c.Member(ctx, id, member)
		if err != nil {
			return notFoundAs(err, ErrMemberNotFound)
		}
		leaving := target.User.ID == caller.UserID
		if !leaving && (!me.Role.AtLeast(watchword.RoleAdmin) || !me.Role.AtLeast(target.Role)) {
			return ErrInsufficientRole
		}
		return takeOut(ctx, c, caller, id, target)
	})
}

// takeOut takes a member out of an account whose row is held.
func takeOut(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, target watchword.Member) error {
	if err := keepOwner(ctx, c, id, target.ID, target.Role); err != nil {
		return err
	}
	return removeMember(ctx, c, caller, id, target)
}

// removeMember is takeOut where the account has been seen to.
func removeMember(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, target watchword.Member) error {
	if err := c.DeleteMembership(ctx, id, target.ID); err != nil {
		return err
	}
	typ := watchword.EventMemberRemoved
	if target.User.ID == caller.UserID {
		typ = watchword.EventMemberLeft
	}
	err := caller.record(ctx, c, watchword.Event{
		Type: typ, UserID: target.User.ID, AccountID: id,
		Data: map[string]string{"member_id": string(target.ID), "role": string(target.Role)},
	})
	if err != nil {
		return err
	}
	return withdrawInvites(ctx, c, caller, id, target.User.ID, noRole)
}

// noRole is that of somebody who is no member any more.
const noRole watchword.Role = ""

// keepOwner refuses to take the role away from an account's last owner: of those who
// can come in, for one who is disabled or to be deleted looks after nothing. The
// account's row is held: of two owners who go at once the second finds no other.
func keepOwner(ctx context.Context, c *store.Conn, id watchword.AccountID, member watchword.MembershipID, role watchword.Role) error {
	if role != watchword.RoleOwner {
		return nil
	}
	_, err := c.OtherOwner(ctx, id, member)
	return notFoundAs(err, ErrLastOwner)
}

// putOut takes back what a user has offered in any account, and ends all by which
// they are in or could come in. An invite to another address of theirs would be the
// way back, and up.
func putOut(ctx context.Context, c *store.Conn, by Caller, user watchword.User) (ended int64, err error) {
	err = inEachAccount(ctx, c, user.ID, func(m watchword.Membership) error {
		return withdrawInvites(ctx, c, by, m.Account.ID, user.ID, noRole)
	})
	if err != nil {
		return 0, err
	}
	return endAll(ctx, c, user)
}

// withdrawInvites takes back what a user has offered in an account and may offer
// no longer with the role that is left to them. One that they had kept would be
// the way back in, or up.
func withdrawInvites(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, user watchword.UserID, left watchword.Role) error {
	var offered watchword.Role
	switch left {
	case watchword.RoleOwner:
		return nil
	case watchword.RoleAdmin:
		offered = watchword.RoleOwner
	default:
		offered = store.AnyRole
	}
	withdrawn, err := c.RevokeInvitesBy(ctx, id, user, offered)
	if err != nil {
		return err
	}
	for _, invite := range withdrawn {
		if err := c.EraseInviteMails(ctx, invite); err != nil {
			return err
		}
		err := caller.record(ctx, c, watchword.Event{
			Type: watchword.EventInviteRevoked, AccountID: id,
			Data: map[string]string{"invite_id": string(invite), "reason": "inviter_may_not_any_more"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

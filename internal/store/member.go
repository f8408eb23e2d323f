package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Member is a membership of the account. ErrNotFound: it has no such one.
func (c *Conn) Member(ctx context.Context, account watchword.AccountID, id watchword.MembershipID) (watchword.Member, error) {
	row, err := c.q.GetMember(c.bound(ctx), string(id), string(account))
	if err != nil {
		return watchword.Member{}, translate("read member", err)
	}
	return member(sqlgen.ListMembersRow(row)), nil
}

// Members lists the members of an account, newest first.
func (c *Conn) Members(ctx context.Context, account watchword.AccountID, page watchword.Page) ([]watchword.Member, error) {
	rows, err := c.lists.ListMembers(c.bound(ctx), string(account), before(page), limit(page))
	if err != nil {
		return nil, translate("list members", err)
	}
	list := make([]watchword.Member, len(rows))
	for i, row := range rows {
		list[i] = member(row)
	}
	return list, nil
}

// MemberByAddress is the member whose primary address this is; ErrNotFound where
// the list of members shows it nowhere.
func (c *Conn) MemberByAddress(ctx context.Context, account watchword.AccountID, address string) (watchword.MembershipID, error) {
	id, err := c.q.FindMemberByAddress(c.bound(ctx), address, string(account))
	return watchword.MembershipID(id), translate("find member by address", err)
}

// OtherOwner is an owner of the account besides the one named who can come in;
// ErrNotFound where there is none.
func (c *Conn) OtherOwner(ctx context.Context, account watchword.AccountID, besides watchword.MembershipID) (watchword.MembershipID, error) {
	id, err := c.q.FindOtherOwner(c.bound(ctx), string(account), string(besides))
	return watchword.MembershipID(id), translate("find other owner", err)
}

// OtherMember is a member of the account besides the one named; ErrNotFound where
// there is none.
func (c *Conn) OtherMember(ctx context.Context, account watchword.AccountID, besides watchword.MembershipID) (watchword.MembershipID, error) {
	id, err := c.q.FindOtherMember(c.bound(ctx), string(account), string(besides))
	return watchword.MembershipID(id), translate("find other member", err)
}

// Heir is the member who is to own the account when the one named goes: who can come
// in before others, of them an admin, then who has been in it the longest.
// ErrNotFound: nobody else is in it.
func (c *Conn) Heir(ctx context.Context, account watchword.AccountID, besides watchword.MembershipID) (watchword.Member, error) {
	row, err := c.q.FindHeir(c.bound(ctx), string(account), string(besides))
	return watchword.Member{
		ID: watchword.MembershipID(row.ID), User: watchword.User{ID: watchword.UserID(row.UserID)}, Role: watchword.Role(row.Role),
		RoleChanges: row.RoleChanges,
	}, translate("find an heir", err)
}

// SetMemberRole gives a member of the account another role.
func (c *Conn) SetMemberRole(ctx context.Context, account watchword.AccountID, id watchword.MembershipID, role watchword.Role) error {
	n, err := c.q.SetMemberRole(c.bound(ctx), string(role), string(id), string(account))
	return affected("set member's role", n, err)
}

// DeleteMembership takes a member out of the account.
func (c *Conn) DeleteMembership(ctx context.Context, account watchword.AccountID, id watchword.MembershipID) error {
	n, err := c.q.DeleteMembership(c.bound(ctx), string(id), string(account))
	return affected("delete membership", n, err)
}

func member(row sqlgen.ListMembersRow) watchword.Member {
	return watchword.Member{
		ID: watchword.MembershipID(row.ID), Role: watchword.Role(row.Role), RoleChanges: row.RoleChanges, JoinedAt: at(row.JoinedAt),
		User: watchword.User{ID: watchword.UserID(row.UserID), Name: row.Name, Email: row.Address},
	}
}

package main

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/account"
)

type accountsMembersCommand struct {
	listFlags
	ID watchword.AccountID `arg:"" name:"ACCOUNT_ID" help:"Of which account: acc_…"`
}

// Help has the examples.
func (*accountsMembersCommand) Help() string {
	return `Example:

    watchword admin accounts members acc_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// shownMember is a member in JSON.
type shownMember struct {
	ID       watchword.MembershipID `json:"id"`
	UserID   watchword.UserID       `json:"user_id"`
	Email    *string                `json:"email"`
	Name     string                 `json:"name"`
	Role     watchword.Role         `json:"role"`
	JoinedAt *time.Time             `json:"joined_at"`
}

func shownMemberOf(m watchword.Member) shownMember {
	return shownMember{m.ID, m.User.ID, orNull(m.User.Email), m.User.Name, m.Role, moment(m.JoinedAt)}
}

// Run lists.
func (c *accountsMembersCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return listing[watchword.Member]{
			head: []string{"ID", "USER", "EMAIL", "NAME", "ROLE", "JOINED"},
			row: func(m watchword.Member) []string {
				return []string{string(m.ID), string(m.User.ID), or(m.User.Email, nothing), m.User.Name, string(m.Role), when(m.JoinedAt, "")}
			},
			json: func(m watchword.Member) any { return shownMemberOf(m) },
			page: func(page watchword.Page) ([]watchword.Member, string, error) {
				return a.administration.Members(ctx, c.ID, page)
			},
		}.print(a.tool, c.Limit)
	})
}

type accountsAddMemberCommand struct {
	ID   watchword.AccountID `arg:"" name:"ACCOUNT_ID" help:"Into which account: acc_…"`
	User string              `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	Role watchword.Role      `enum:"owner,admin,member" default:"member" placeholder:"ROLE" help:"owner, admin or member (member)."`
}

// Help has the examples.
func (*accountsAddMemberCommand) Help() string {
	return `Example:

    watchword admin accounts add-member acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 ada@example.com --role admin`
}

// Run adds.
func (c *accountsAddMemberCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		user, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		made, err := a.administration.AddMember(ctx, a.by, c.ID, account.NewMember{UserID: user, Role: c.Role})
		if err != nil {
			return err
		}
		return a.say(shownMemberOf(made), "%s is %s of account %s now (%s).", nameOf(made.User), made.Role, c.ID, made.ID)
	})
}

type accountsSetRoleCommand struct {
	ID     watchword.AccountID    `arg:"" name:"ACCOUNT_ID" help:"In which account: acc_…"`
	Member watchword.MembershipID `arg:"" name:"MEMBER_ID" help:"Who, as accounts members shows it: mem_…"`
	Role   watchword.Role         `arg:"" enum:"owner,admin,member" name:"ROLE" help:"owner, admin or member."`
}

// Help has the examples.
func (*accountsSetRoleCommand) Help() string {
	return `An account keeps an owner, always.

Example:

    watchword admin accounts set-role acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 mem_0cq0a9h2m3k4e5r6t7y8w9x0z1 owner`
}

// Run gives the role.
func (c *accountsSetRoleCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		after, err := a.administration.SetMemberRole(ctx, a.by, c.ID, c.Member, watchword.Precondition{}, c.Role)
		if err != nil {
			return err
		}
		return a.say(shownMemberOf(after), "%s is %s of account %s now.", nameOf(after.User), after.Role, c.ID)
	})
}

type accountsRemoveMemberCommand struct {
	ID     watchword.AccountID    `arg:"" name:"ACCOUNT_ID" help:"Out of which account: acc_…"`
	Member watchword.MembershipID `arg:"" name:"MEMBER_ID" help:"Who, as accounts members shows it: mem_…"`
}

// Help has the examples.
func (*accountsRemoveMemberCommand) Help() string {
	return `Example:

    watchword admin accounts remove-member acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 mem_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run removes.
func (c *accountsRemoveMemberCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		if err := a.administration.RemoveMember(ctx, a.by, c.ID, c.Member, watchword.Precondition{}); err != nil {
			return err
		}
		return a.say(map[string]any{"id": c.Member, "state": "removed"}, "Member %s is out of account %s.", c.Member, c.ID)
	})
}

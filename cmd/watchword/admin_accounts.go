package main

import (
	"context"
	"time"

	"watchword"
)

type accountsCommand struct {
	List         accountsListCommand         `cmd:"" help:"List accounts, or search for them by name, slug or id."`
	Rename       accountsRenameCommand       `cmd:"" help:"Give an account another name."`
	Delete       accountsDeleteCommand       `cmd:"" help:"Delete an account. Its users stay."`
	Members      accountsMembersCommand      `cmd:"" help:"List who is in an account."`
	AddMember    accountsAddMemberCommand    `cmd:"" help:"Let a user into an account without asking them."`
	SetRole      accountsSetRoleCommand      `cmd:"" help:"Give a member another role."`
	RemoveMember accountsRemoveMemberCommand `cmd:"" help:"Take a member out of an account."`
}

type accountsListCommand struct {
	listFlags
	Query string `arg:"" optional:"" help:"An id, or the beginning of a slug or of a name."`
}

// Help has the examples.
func (*accountsListCommand) Help() string {
	return `Examples:

    watchword admin accounts list
    watchword admin accounts list engines --json`
}

// shownAccount is an account in JSON.
type shownAccount struct {
	ID        watchword.AccountID `json:"id"`
	Name      string              `json:"name"`
	Slug      string              `json:"slug"`
	CreatedAt *time.Time          `json:"created_at"`
}

func shownAccountOf(one watchword.Account) shownAccount {
	return shownAccount{one.ID, one.Name, one.Slug, moment(one.CreatedAt)}
}

// Run lists.
func (c *accountsListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return listing[watchword.Account]{
			head: []string{"ID", "NAME", "SLUG", "CREATED"},
			row: func(one watchword.Account) []string {
				return []string{string(one.ID), one.Name, one.Slug, when(one.CreatedAt, "")}
			},
			json: func(one watchword.Account) any { return shownAccountOf(one) },
			page: func(page watchword.Page) ([]watchword.Account, string, error) {
				return a.administration.Accounts(ctx, c.Query, page)
			},
		}.print(a.tool, c.Limit)
	})
}

type accountsRenameCommand struct {
	ID   watchword.AccountID `arg:"" name:"ACCOUNT_ID" help:"Which: acc_…"`
	Name string              `arg:"" name:"NAME" help:"Its new name; the slug stays."`
}

// Help has the examples.
func (*accountsRenameCommand) Help() string {
	return `Example:

    watchword admin accounts rename acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 "Analytical Engines"`
}

// Run renames.
func (c *accountsRenameCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		after, err := a.administration.RenameAccount(ctx, a.by, c.ID, watchword.Precondition{}, &c.Name)
		if err != nil {
			return err
		}
		return a.say(shownAccountOf(after), "Account %s is now called %s.", after.ID, printable(after.Name))
	})
}

type accountsDeleteCommand struct {
	confirmation
	ID watchword.AccountID `arg:"" name:"ACCOUNT_ID" help:"Which: acc_…"`
}

// Help has the examples.
func (*accountsDeleteCommand) Help() string {
	return `Its memberships, invites and places on waitlists go with it.

Example:

    watchword admin accounts delete acc_0cq0a9h2m3k4e5r6t7y8w9x0z1 --yes`
}

// Run deletes.
func (c *accountsDeleteCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		one, err := a.administration.Account(ctx, c.ID)
		if err != nil {
			return err
		}
		if err := c.given(a.tool, "Account %s (%s) will be deleted.", one.ID, printable(one.Name)); err != nil {
			return err
		}
		if err := a.administration.DeleteAccount(ctx, a.by, c.ID, watchword.Precondition{}); err != nil {
			return err
		}
		return a.say(map[string]any{"id": one.ID, "state": "deleted"}, "Account %s is deleted.", one.ID)
	})
}

package main

import (
	"context"

	"watchword"
	"watchword/internal/account"
)

type usersLinkCommand struct {
	User     string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	Provider string `arg:"" name:"PROVIDER" help:"At which provider of the settings: its id."`
	Subject  string `arg:"" name:"SUBJECT" help:"What the user is known by there; seldom an address."`
	Issuer   string `placeholder:"URL" help:"By whom the subject is known, where the provider has several issuers."`
	Email    string `placeholder:"EMAIL" help:"An address to be shown with it. It proves nothing."`
}

// Help has the examples.
func (*usersLinkCommand) Help() string {
	return `Whoever is the subject there signs in as this user, who is told by mail.

Examples:

    watchword admin users link ada@example.com google 112233445566778899
    watchword admin users link ada@example.com microsoft AAAAAAAAAAAA --issuer https://login.microsoftonline.com/0a1b2c3d-0000-0000-0000-000000000000/v2.0`
}

// Run links.
func (c *usersLinkCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		made, err := a.administration.AddIdentity(ctx, a.by, id, account.NewIdentity{
			Provider: c.Provider, Subject: c.Subject, Issuer: c.Issuer, Email: c.Email,
		})
		if err != nil {
			return err
		}
		return a.say(shownIdentityOf(made), "%s is linked: %s at %s.", made.ID, printable(made.Subject), printable(made.Issuer))
	})
}

type usersUnlinkCommand struct {
	User     string               `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	Identity watchword.IdentityID `arg:"" name:"IDENTITY_ID" help:"Which link, as \"users show\" names it: idn_…"`
}

// Help has the examples.
func (*usersUnlinkCommand) Help() string {
	return `Also their last way in. Sessions that it started go on, and the user is told by mail.

Example:

    watchword admin users unlink ada@example.com idn_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run unlinks.
func (c *usersUnlinkCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		if err := a.administration.RemoveIdentity(ctx, a.by, id, watchword.Precondition{}, c.Identity); err != nil {
			return err
		}
		return a.say(map[string]any{"user_id": id, "identity_id": c.Identity}, "%s is unlinked.", c.Identity)
	})
}

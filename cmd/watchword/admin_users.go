package main

import (
	"context"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
)

type usersCommand struct {
	List           usersListCommand           `cmd:"" help:"List users, or search for them by address, name or id."`
	Show           usersShowCommand           `cmd:"" help:"Show all that there is of a user."`
	Create         usersCreateCommand         `cmd:"" help:"Make a user, with an account of their own."`
	Update         usersUpdateCommand         `cmd:"" help:"Change a user's name, address or password."`
	Disable        usersDisableCommand        `cmd:"" help:"Keep a user out and end their sessions at once."`
	Enable         usersEnableCommand         `cmd:"" help:"Let a user in again, one who was to be deleted as well."`
	Delete         usersDeleteCommand         `cmd:"" help:"Delete a user, after a grace in which they can be brought back."`
	RevokeSessions usersRevokeSessionsCommand `cmd:"" help:"End every session of a user."`
	SendReset      usersSendResetCommand      `cmd:"" name:"send-password-reset" help:"Mail a user a link by which they choose a password."`
	Link           usersLinkCommand           `cmd:"" help:"Link a provider to a user."`
	Unlink         usersUnlinkCommand         `cmd:"" help:"Unlink a provider from a user."`

	GrantAdmin  grantAdminCommand  `cmd:"" help:"Make a user an administrator."`
	RevokeAdmin revokeAdminCommand `cmd:"" help:"Make an administrator a user like others."`
}

type grantAdminCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
}

// Help has the examples.
func (*grantAdminCommand) Help() string {
	return `Examples:

    watchword admin users grant-admin ada@example.com
    watchword admin users grant-admin usr_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run grants.
func (c *grantAdminCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		done, err := account.Administrators{Store: s}.Grant(ctx, c.User, t.actor)
		if err != nil {
			return err
		}
		if !done.User.EmailVerified && done.Changed {
			t.note("Nobody has proven to own this user's address: make sure that it was the right person who signed up. Whoever proves it takes the user over, as an administrator.")
		}
		return t.sayAdministrator(done, "is an administrator now", "is an administrator already")
	})
}

type revokeAdminCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
}

// Help has the examples.
func (*revokeAdminCommand) Help() string {
	return `Example:

    watchword admin users revoke-admin ada@example.com`
}

// Run revokes.
func (c *revokeAdminCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		done, err := account.Administrators{Store: s}.Revoke(ctx, c.User, t.actor)
		if err != nil {
			return err
		}
		return t.sayAdministrator(done, "is no administrator any more", "is no administrator")
	})
}

func (t tool) sayAdministrator(done account.AdministratorChange, changed, unchanged string) error {
	what := changed
	if !done.Changed {
		what = unchanged
	}
	return t.say(struct {
		UserID        watchword.UserID `json:"user_id"`
		Email         string           `json:"email"`
		Administrator bool             `json:"administrator"`
		Changed       bool             `json:"changed"`
	}{done.User.ID, done.User.Email, done.User.Administrator, done.Changed},
		"%s (%s) %s.", printable(done.User.Email), done.User.ID, what)
}

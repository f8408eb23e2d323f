package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watchword"
	"watchword/internal/account"
)

type usersCreateCommand struct {
	Email        string `arg:"" help:"Their address."`
	Verified     bool   `help:"You vouch for the address. Otherwise whoever proves it by a mailed link takes the user over."`
	Name         string `placeholder:"TEXT" help:"What they are called."`
	Locale       string `placeholder:"TAG" help:"In which language they are written to: en, de."`
	AccountName  string `placeholder:"TEXT" help:"Of the account that they own (their name, else that of their mailbox)."`
	Invite       bool   `help:"Mail them a link by which they choose a password."`
	PasswordFile source `placeholder:"FILE" help:"Their password is the first line of it; - reads the standard input."`
}

// Help has the examples.
func (*usersCreateCommand) Help() string {
	return `Examples:

    watchword admin users create ada@example.com --name "Ada Lovelace" --invite
    watchword admin users create ada@example.com --verified --password-file - < password.txt`
}

// Run makes a user.
func (c *usersCreateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		password, err := c.PasswordFile.password(std)
		if err != nil {
			return err
		}
		in := account.AdminNewUser{
			Email: c.Email, Proof: account.EmailUnproven, Password: password, AccountName: c.AccountName, Welcome: account.WelcomeNone,
			Profile: account.ProfileChange{Name: &c.Name, Locale: &c.Locale},
		}
		if c.Verified {
			in.Proof = account.EmailVouched
		}
		if c.Invite {
			in.Welcome = account.WelcomeMail
		}
		made, err := a.administration.CreateUser(ctx, a.by, in)
		if err != nil {
			return err
		}
		return a.showUser(made)
	})
}

type usersUpdateCommand struct {
	User         string  `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	Email        *string `placeholder:"EMAIL" help:"Their new address, instead of the present one; that is told if it was verified."`
	Verified     bool    `help:"You vouch for the address."`
	Name         *string `placeholder:"TEXT" help:"What they are called."`
	Locale       *string `placeholder:"TAG" help:"In which language they are written to."`
	PasswordFile source  `placeholder:"FILE" help:"The new password is the first line of it; - reads the standard input. Their sessions end."`
}

// Help has the examples.
func (*usersUpdateCommand) Help() string {
	return `What is not named stays as it is.

Examples:

    watchword admin users update ada@example.com --name "Ada King"
    watchword admin users update ada@example.com --email ada@example.org --verified
    watchword admin users update ada@example.com --password-file - < password.txt`
}

// Run changes a user.
func (c *usersUpdateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		change := account.UserChange{Profile: account.ProfileChange{Name: c.Name, Locale: c.Locale}, Email: c.Email}
		if c.Verified {
			change.Proof = account.EmailVouched
		}
		if change.Password, err = c.PasswordFile.password(std); err != nil {
			return err
		}
		after, err := a.administration.UpdateUser(ctx, a.by, id, watchword.Precondition{}, change)
		if err != nil {
			return err
		}
		return a.showUser(after)
	})
}

type usersDisableCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
}

// Help has the examples.
func (*usersDisableCommand) Help() string {
	return `Every session of theirs ends on every server, links that are under way are void, and invites that they made are taken back.

Example:

    watchword admin users disable ada@example.com`
}

// Run disables.
func (c *usersDisableCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return a.onUser(ctx, c.User, a.administration.Disable, "is disabled")
	})
}

type usersEnableCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
}

// Help has the examples.
func (*usersEnableCommand) Help() string {
	return `Example:

    watchword admin users enable ada@example.com`
}

// Run enables.
func (c *usersEnableCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return a.onUser(ctx, c.User, a.administration.Enable, "is active")
	})
}

// onUser does something to a user and says what they are now.
func (a administrator) onUser(ctx context.Context, whom string,
	act func(context.Context, watchword.Administrator, watchword.UserID) (watchword.UserRecord, error), now string,
) error {
	id, err := a.user(ctx, whom)
	if err != nil {
		return err
	}
	after, err := act(ctx, a.by, id)
	if err != nil {
		return err
	}
	return a.say(shownUserOf(after), "%s %s.", nameOf(after.User), now)
}

// nameOf is a user in a sentence.
func nameOf(u watchword.User) string {
	if u.Email == "" {
		return string(u.ID)
	}
	return printable(u.Email) + " (" + string(u.ID) + ")"
}

type usersDeleteCommand struct {
	confirmation
	User  string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	Grace *span  `xor:"when" placeholder:"7d" help:"How long they can be brought back, at most 365d (as the settings say: 7d; who is to be deleted already goes when it was said)."`
	Now   bool   `xor:"when" help:"At once and for good."`
	Force bool   `help:"Also the last owner of an account with others: the admin, else the member, who has been in it the longest becomes its owner."`
}

// Help has the examples.
func (*usersDeleteCommand) Help() string {
	return `They are disabled and their sessions end at once. After the grace they go for good, with the accounts that nobody else is in; until then "users enable" brings them back.

Examples:

    watchword admin users delete ada@example.com
    watchword admin users delete ada@example.com --grace 30d
    watchword admin users delete ada@example.com --now --yes`
}

const maxGrace = 365 * 24 * time.Hour

// Run deletes.
func (c *usersDeleteCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		user, err := a.administration.User(ctx, id)
		if err != nil {
			return err
		}
		grace, err := c.grace()
		if err != nil {
			return err
		}
		if grace != nil && *grace == 0 || grace == nil && a.administration.Grace == 0 {
			if err := c.given(a.tool, "%s will be deleted at once and for good.", nameOf(user.User)); err != nil {
				return err
			}
		}
		owner := account.LastOwnerStays
		if c.Force {
			owner = account.LastOwnerReplaced
		}
		if err := a.administration.DeleteUser(ctx, a.by, id, watchword.Precondition{}, grace, owner); err != nil {
			return err
		}
		return a.sayDeleted(ctx, user.User)
	})
}

// grace is the one that is given; nil: none.
func (c *usersDeleteCommand) grace() (*time.Duration, error) {
	switch {
	case c.Now:
		return new(time.Duration), nil
	case c.Grace != nil && time.Duration(*c.Grace) > maxGrace:
		return nil, fmt.Errorf("--grace: at most 365d")
	default:
		return (*time.Duration)(c.Grace), nil
	}
}

func (a administrator) sayDeleted(ctx context.Context, user watchword.User) error {
	out := struct {
		ID       watchword.UserID `json:"id"`
		DeleteAt *time.Time       `json:"delete_at"` // null: they are gone
	}{ID: user.ID}
	after, err := a.administration.User(ctx, user.ID)
	if errors.Is(err, account.ErrUserNotFound) {
		return a.say(out, "%s is deleted.", nameOf(user))
	}
	if err != nil {
		return err
	}
	out.DeleteAt = moment(after.DeleteAt)
	return a.say(out, "%s is disabled and will be deleted at %s; until then \"users enable\" brings them back.",
		nameOf(user), when(after.DeleteAt, ""))
}

type usersRevokeSessionsCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Whose."`
}

// Help has the examples.
func (*usersRevokeSessionsCommand) Help() string {
	return `Example:

    watchword admin users revoke-sessions ada@example.com`
}

// Run ends the sessions.
func (c *usersRevokeSessionsCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		ended, err := a.administration.RevokeSessions(ctx, a.by, id)
		if err != nil {
			return err
		}
		return a.say(map[string]any{"user_id": id, "sessions_revoked": ended}, "%d sessions ended.", ended)
	})
}

type usersSendResetCommand struct {
	User          string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
	ClearPassword bool   `help:"The present password is good no more, and every session ends."`
}

// Help has the examples.
func (*usersSendResetCommand) Help() string {
	return `The link goes to their stored address. A running server mails it within a second.

Examples:

    watchword admin users send-password-reset ada@example.com
    watchword admin users send-password-reset ada@example.com --clear-password`
}

// Run has the mail sent.
func (c *usersSendResetCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		old := account.OldPasswordKept
		if c.ClearPassword {
			old = account.OldPasswordCleared
		}
		expires, err := a.administration.SendReset(ctx, a.by, id, old)
		if err != nil {
			return err
		}
		return a.say(map[string]any{"user_id": id, "expires_at": expires}, "A link is mailed that is good until %s.", when(expires, ""))
	})
}

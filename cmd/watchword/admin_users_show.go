package main

import (
	"context"
	"strings"
	"time"

	"watchword"
)

type usersListCommand struct {
	listFlags
	Query  string `arg:"" optional:"" help:"An id, or the beginning of an address or of a name."`
	Status string `enum:",active,disabled" default:"" placeholder:"STATUS" help:"Only those that are active, or disabled (all)."`
}

// Help has the examples.
func (*usersListCommand) Help() string {
	return `Newest first. With a query those come that it finds: first by address, then by name.

Examples:

    watchword admin users list
    watchword admin users list ada@
    watchword admin users list --status disabled --limit 0 --json | jq -r '.[].email'`
}

// shownUser is a user in JSON.
type shownUser struct {
	ID            watchword.UserID     `json:"id"`
	Email         *string              `json:"email"`
	EmailVerified bool                 `json:"email_verified"`
	Name          string               `json:"name"`
	Locale        string               `json:"locale"`
	Status        watchword.UserStatus `json:"status"`
	Administrator bool                 `json:"administrator"`
	HasPassword   bool                 `json:"has_password"`
	CreatedAt     *time.Time           `json:"created_at"`
	LastSignInAt  *time.Time           `json:"last_sign_in_at"`
	DeleteAt      *time.Time           `json:"delete_at"`
	Emails        []shownEmail         `json:"emails"`
	Identities    []shownIdentity      `json:"identities"`
	Accounts      []shownMembership    `json:"accounts"`
}

type shownEmail struct {
	ID       watchword.EmailID `json:"id"`
	Email    string            `json:"email"`
	Verified bool              `json:"verified"`
	Primary  bool              `json:"primary"`
}

type shownIdentity struct {
	ID       watchword.IdentityID `json:"id"`
	Provider string               `json:"provider"`
	Issuer   string               `json:"issuer"`
	Subject  string               `json:"subject"`
	Email    *string              `json:"email"`
}

func shownIdentityOf(i watchword.Identity) shownIdentity {
	return shownIdentity{i.ID, i.Provider, i.Issuer, i.Subject, orNull(i.Email)}
}

type shownMembership struct {
	ID       watchword.AccountID `json:"id"`
	Name     string              `json:"name"`
	Slug     string              `json:"slug"`
	Role     watchword.Role      `json:"role"`
	JoinedAt *time.Time          `json:"joined_at"`
}

func shownUserOf(u watchword.UserRecord) shownUser {
	out := shownUser{
		ID: u.ID, Email: orNull(u.Email), EmailVerified: u.EmailVerified, Name: u.Name, Locale: u.Locale, Status: u.Status,
		Administrator: u.Administrator, HasPassword: u.HasPassword,
		CreatedAt: moment(u.CreatedAt), LastSignInAt: moment(u.LastSignInAt), DeleteAt: moment(u.DeleteAt),
		Emails: []shownEmail{}, Identities: []shownIdentity{}, Accounts: []shownMembership{},
	}
	for _, e := range u.Emails {
		out.Emails = append(out.Emails, shownEmail{e.ID, e.Address, e.Verified(), e.Primary})
	}
	for _, i := range u.Identities {
		out.Identities = append(out.Identities, shownIdentityOf(i))
	}
	for _, m := range u.Memberships {
		out.Accounts = append(out.Accounts, shownMembership{m.Account.ID, m.Account.Name, m.Account.Slug, m.Role, moment(m.JoinedAt)})
	}
	return out
}

// Run lists.
func (c *usersListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		filter := watchword.UserFilter{Text: c.Query, Status: watchword.UserStatus(c.Status)}
		return listing[watchword.UserRecord]{
			head: []string{"ID", "EMAIL", "NAME", "STATUS", "CREATED", "LAST SIGN-IN"},
			row: func(u watchword.UserRecord) []string {
				return []string{
					string(u.ID), addressOf(u.User), u.Name, stateOfUser(u.User), when(u.CreatedAt, ""), when(u.LastSignInAt, "never"),
				}
			},
			json: func(u watchword.UserRecord) any { return shownUserOf(u) },
			page: func(page watchword.Page) ([]watchword.UserRecord, string, error) {
				return a.administration.Users(ctx, filter, page)
			},
		}.print(a.tool, c.Limit)
	})
}

// addressOf marks an address that nobody has proven to read.
func addressOf(u watchword.User) string {
	switch {
	case u.Email == "":
		return nothing
	case u.EmailVerified:
		return u.Email
	default:
		return u.Email + " (unverified)"
	}
}

// stateOfUser is all that sets a user apart.
func stateOfUser(u watchword.User) string {
	words := []string{string(u.Status)}
	if u.Administrator {
		words = append(words, "administrator")
	}
	if !u.DeleteAt.IsZero() {
		words = append(words, "to be deleted")
	}
	return strings.Join(words, ", ")
}

type usersShowCommand struct {
	User string `arg:"" name:"EMAIL|USER_ID" help:"Who."`
}

// Help has the examples.
func (*usersShowCommand) Help() string {
	return `Examples:

    watchword admin users show ada@example.com
    watchword admin users show usr_0cq0a9h2m3k4e5r6t7y8w9x0z1 --json`
}

// Run shows.
func (c *usersShowCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		id, err := a.user(ctx, c.User)
		if err != nil {
			return err
		}
		u, err := a.administration.User(ctx, id)
		if err != nil {
			return err
		}
		return a.showUser(u)
	})
}

// showUser prints a user with all that belongs to them.
func (t tool) showUser(u watchword.UserRecord) error {
	rows := [][]string{
		{"id", string(u.ID)},
		{"email", addressOf(u.User)},
		{"name", or(u.Name, nothing)},
		{"status", stateOfUser(u.User)},
		{"password", map[bool]string{true: "yes", false: "none"}[u.HasPassword]},
		{"locale", or(u.Locale, nothing)},
		{"created", when(u.CreatedAt, "")},
		{"last sign-in", when(u.LastSignInAt, "never")},
	}
	if !u.DeleteAt.IsZero() {
		rows = append(rows, []string{"to be deleted", when(u.DeleteAt, "")})
	}
	for _, e := range u.Emails {
		if e.Primary {
			continue
		}
		state := "unverified"
		if e.Verified() {
			state = "verified"
		}
		rows = append(rows, []string{"other address", e.Address + " (" + state + ")"})
	}
	for _, m := range u.Memberships {
		rows = append(rows, []string{"account", string(m.Account.ID) + " " + m.Account.Name + " (" + string(m.Role) + ")"})
	}
	for _, i := range u.Identities {
		rows = append(rows, []string{"identity", string(i.ID) + " " + i.Provider + ", " + i.Subject + " at " + i.Issuer})
	}
	return t.show(shownUserOf(u), rows)
}

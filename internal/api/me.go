package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// Me is everything about the caller.
type Me struct {
	User        MeUser          `json:"user"`
	Emails      []Email         `json:"emails"`
	Accounts    []Account       `json:"accounts"`
	Account     *AccountRef     `json:"account" doc:"The account of the session; null where there is none."`
	Identities  []Identity      `json:"identities"`
	Waitlist    []WaitlistPlace `json:"waitlist" doc:"Where you stand on waitlists in the account of the session."`
	HasPassword bool            `json:"has_password"`
	Session     MeSession       `json:"session"`
}

// MeUser is a user with what only they see of themselves.
type MeUser struct {
	User
	Metadata Object `json:"metadata" doc:"The user's own JSON object."`
}

// Email is an address of a user.
type Email struct {
	ID       string `json:"id" example:"eml_…"`
	Email    string `json:"email" example:"ada@example.com"`
	Verified bool   `json:"verified"`
	Primary  bool   `json:"primary"`
}

// Account is an account that the caller is a member of.
type Account struct {
	ID       string    `json:"id" example:"acc_…"`
	Name     string    `json:"name" example:"Ada Lovelace"`
	Slug     string    `json:"slug" example:"ada-lovelace"`
	Role     string    `json:"role" enum:"owner,admin,member"`
	JoinedAt time.Time `json:"joined_at"`
}

// Identity is the caller at a provider.
type Identity struct {
	ID        string    `json:"id" example:"idn_…"`
	Provider  string    `json:"provider" example:"google"`
	Issuer    string    `json:"issuer" example:"https://accounts.google.com"`
	Email     *string   `json:"email" example:"ada@example.com"`
	CreatedAt time.Time `json:"created_at"`
}

// MeSession is the session that asks.
type MeSession struct {
	ID        string    `json:"id" example:"ses_…"`
	AMR       []string  `json:"amr" example:"pwd"`
	AuthTime  time.Time `json:"auth_time"`
	ExpiresAt time.Time `json:"expires_at"`
}

type meOutput struct {
	Body Me
}

func (a *API) mountMe() {
	register(a, operation{
		id: "me", method: http.MethodGet, path: "/auth/me", tag: "You", security: signedIn(),
		summary: "Who you are", description: "Read from live rows: what the tokens say may be older.",
	}, a.me)
}

func (a *API) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	who, err := a.caller(ctx)
	if err != nil {
		return nil, err
	}
	me, err := a.Sessions.Me(ctx, who)
	if err != nil {
		return nil, err
	}
	return &meOutput{Body: meOf(me)}, nil
}

func meOf(me watchword.Profile) Me {
	out := Me{
		User:   MeUser{User: userOf(me.User), Metadata: Object(me.User.Metadata)},
		Emails: make([]Email, len(me.Emails)), Accounts: make([]Account, len(me.Memberships)),
		Identities: make([]Identity, len(me.Identities)), Waitlist: placesOf(me.Waitlist), HasPassword: me.User.HasPassword,
		Session: MeSession{
			ID: string(me.Session.ID), AMR: textsOf(me.Session.AMR),
			AuthTime: seconds(me.Session.AuthTime), ExpiresAt: seconds(me.Session.ExpiresAt),
		},
	}
	for i, e := range me.Emails {
		out.Emails[i] = emailRow(e)
	}
	for i, m := range me.Memberships {
		out.Accounts[i] = accountRow(m)
		if m.Account.ID == me.Session.Claims.AccountID {
			out.Account = accountOf(m.Account, m.Role)
		}
	}
	for i, id := range me.Identities {
		out.Identities[i] = identityOf(id)
	}
	return out
}

func accountRow(m watchword.Membership) Account {
	return Account{
		ID: string(m.Account.ID), Name: m.Account.Name, Slug: m.Account.Slug, Role: string(m.Role), JoinedAt: seconds(m.JoinedAt),
	}
}

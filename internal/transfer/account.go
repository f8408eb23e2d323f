package transfer

import (
	"context"

	"watchword"
	"watchword/internal/store"
)

// accountLine is an account. Who is in it are lines of their own.
type accountLine struct {
	Type      Type                `json:"type"`
	ID        watchword.AccountID `json:"id"`
	Name      string              `json:"name"`
	Slug      string              `json:"slug"`
	CreatedAt moment              `json:"created_at"`
	UpdatedAt moment              `json:"updated_at"`
}

func accountLineOf(a watchword.Account) record {
	return &accountLine{
		Type: TypeAccount, ID: a.ID, Name: a.Name, Slug: a.Slug, CreatedAt: moment{a.CreatedAt}, UpdatedAt: moment{a.UpdatedAt},
	}
}

func (l *accountLine) id() string { return string(l.ID) }

func (l *accountLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	f.text("name", l.Name, maxText)
	f.text("slug", l.Slug, maxIndexed)
	f.must(l.Slug != "", "slug", "required", "There must be a slug.")
	f.times(timeField{"created_at", l.CreatedAt}, timeField{"updated_at", l.UpdatedAt})
}

func (l *accountLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportAccount(ctx, watchword.Account{ID: l.ID, Name: l.Name, Slug: l.Slug, CreatedAt: l.CreatedAt.at, UpdatedAt: l.UpdatedAt.at})
}

func (l *accountLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	a, err := c.Account(ctx, l.ID)
	return accountLineOf(a), err
}

func (l *accountLine) rival(ctx context.Context, c *store.Conn) error {
	_, err := c.AccountBySlug(ctx, l.Slug)
	return free("slug", err)
}

func (l *accountLine) needs() []need    { return nil }
func (l *accountLine) brings() []string { return []string{accountKey(l.ID), "slug " + l.Slug} }

// membershipLine is a user in an account.
type membershipLine struct {
	Type      Type                   `json:"type"`
	ID        watchword.MembershipID `json:"id"`
	AccountID watchword.AccountID    `json:"account_id"`
	UserID    watchword.UserID       `json:"user_id"`
	Role      watchword.Role         `json:"role"`
	JoinedAt  moment                 `json:"joined_at"`
}

func membershipLineOf(m watchword.Membership) record {
	return &membershipLine{
		Type: TypeMembership, ID: m.ID, AccountID: m.Account.ID, UserID: m.UserID, Role: m.Role, JoinedAt: moment{m.JoinedAt},
	}
}

func (l *membershipLine) id() string { return string(l.ID) }

func (l *membershipLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	raw, err = watchword.IDToBytes(l.AccountID)
	f.identifier("account_id", raw, err)
	raw, err = watchword.IDToBytes(l.UserID)
	f.identifier("user_id", raw, err)
	f.role(l.Role)
	f.times(timeField{"joined_at", l.JoinedAt})
}

func (l *membershipLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportMembership(ctx, watchword.Membership{
		ID: l.ID, UserID: l.UserID, Account: watchword.Account{ID: l.AccountID}, Role: l.Role, JoinedAt: l.JoinedAt.at,
	})
}

func (l *membershipLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	m, err := c.MembershipRow(ctx, l.ID)
	return membershipLineOf(m), err
}

func (l *membershipLine) rival(ctx context.Context, c *store.Conn) error {
	_, err := c.Membership(ctx, l.UserID, l.AccountID)
	return free("user_id", err)
}

func (l *membershipLine) needs() []need {
	return []need{needsAccount("account_id", l.AccountID), needsUser("user_id", l.UserID)}
}

func (l *membershipLine) brings() []string { return []string{memberKey(l.UserID, l.AccountID)} }

// inviteLine is an invite, without the token that accepts it.
type inviteLine struct {
	Type          Type                `json:"type"`
	ID            watchword.InviteID  `json:"id"`
	AccountID     watchword.AccountID `json:"account_id"`
	Address       string              `json:"address"`
	Role          watchword.Role      `json:"role"`
	Deliver       watchword.Delivery  `json:"deliver"`
	InvitedBy     watchword.UserID    `json:"invited_by"`
	ClientID      watchword.ClientID  `json:"client_id"`
	Locale        string              `json:"locale"`
	RedirectURI   string              `json:"redirect_uri"`
	State         string              `json:"state"`
	CodeChallenge string              `json:"code_challenge"`
	CreatedAt     moment              `json:"created_at"`
	ExpiresAt     moment              `json:"expires_at"`
	AcceptedAt    moment              `json:"accepted_at,omitzero"`
	AcceptedBy    watchword.UserID    `json:"accepted_by,omitzero"`
	RevokedAt     moment              `json:"revoked_at,omitzero"`
}

func inviteLineOf(i watchword.Invite) record {
	return &inviteLine{
		Type: TypeInvite, ID: i.ID, AccountID: i.Account.ID, Address: i.Address, Role: i.Role, Deliver: i.Delivery, InvitedBy: i.InvitedBy,
		ClientID: i.ClientID, Locale: i.Locale, RedirectURI: i.RedirectURI, State: i.State, CodeChallenge: i.CodeChallenge,
		CreatedAt: moment{i.CreatedAt}, ExpiresAt: moment{i.ExpiresAt}, AcceptedAt: moment{i.AcceptedAt}, AcceptedBy: i.AcceptedBy,
		RevokedAt: moment{i.RevokedAt},
	}
}

func (l *inviteLine) id() string { return string(l.ID) }

func (l *inviteLine) check(f *faults) {
	raw, err := watchword.IDToBytes(l.ID)
	f.identifier("id", raw, err)
	raw, err = watchword.IDToBytes(l.AccountID)
	f.identifier("account_id", raw, err)
	f.address("address", l.Address)
	f.role(l.Role)
	f.must(l.Deliver == watchword.DeliverMail || l.Deliver == watchword.DeliverLink, "deliver", "not_allowed", "This must be mail or link.")
	f.texts(maxText, "invited_by", string(l.InvitedBy), "client_id", string(l.ClientID), "locale", l.Locale, "redirect_uri", l.RedirectURI,
		"state", l.State, "code_challenge", l.CodeChallenge, "accepted_by", string(l.AcceptedBy))
	f.times(timeField{"created_at", l.CreatedAt}, timeField{"expires_at", l.ExpiresAt})
}

func (l *inviteLine) insert(ctx context.Context, c *store.Conn) error {
	return c.ImportInvite(ctx, watchword.Invite{
		ID: l.ID, Account: watchword.Account{ID: l.AccountID}, Address: l.Address, Role: l.Role, Delivery: l.Deliver, InvitedBy: l.InvitedBy,
		ClientID: l.ClientID, Locale: l.Locale, RedirectURI: l.RedirectURI, State: l.State, CodeChallenge: l.CodeChallenge,
		CreatedAt: l.CreatedAt.at, ExpiresAt: l.ExpiresAt.at, AcceptedAt: l.AcceptedAt.at, AcceptedBy: l.AcceptedBy, RevokedAt: l.RevokedAt.at,
	})
}

func (l *inviteLine) stored(ctx context.Context, c *store.Conn) (record, error) {
	i, err := c.InviteRow(ctx, l.ID)
	return inviteLineOf(i), err
}

func (l *inviteLine) rival(context.Context, *store.Conn) error { return nil }
func (l *inviteLine) needs() []need                            { return []need{needsAccount("account_id", l.AccountID)} }
func (l *inviteLine) brings() []string                         { return nil }

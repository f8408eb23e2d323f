package store

import (
	"context"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// Each of these brings a row in as it is. ErrDuplicate: a row that is here has its
// id or something else that only one can have; the transaction can go on.
// ErrNotFound: what it refers to is not here; on Postgres that ends the transaction.

// ImportUser brings in a user.
func (c *Conn) ImportUser(ctx context.Context, u UserRow) error {
	n, err := c.q.ImportUser(c.bound(ctx), sqlgen.ImportUserParams{
		ID: string(u.ID), Status: string(u.Status), Name: u.Name, NameKey: NameKey(u.Name), Picture: u.Picture, Locale: u.Locale,
		Metadata: u.Metadata, AdminMetadata: u.AdminMetadata, Administrator: u.Administrator, PasswordHash: u.PasswordHash.Reveal(),
		PasswordVersion: u.PasswordVersion, LastAccountID: string(u.LastAccountID), CreatedAt: micros(u.CreatedAt), UpdatedAt: micros(u.UpdatedAt),
		LastSignInAt: nullMicros(u.LastSignInAt), DeleteAt: nullMicros(u.DeleteAt),
	})
	return inserted("import user", n, err)
}

// ImportEmail brings in an address.
func (c *Conn) ImportEmail(ctx context.Context, e watchword.Email) error {
	n, err := c.q.ImportEmail(c.bound(ctx), sqlgen.ImportEmailParams{
		ID: string(e.ID), UserID: string(e.UserID), Address: e.Address, IsPrimary: e.Primary, Exclusive: e.Exclusive,
		VerifiedAt: nullMicros(e.VerifiedAt), CreatedAt: micros(e.CreatedAt),
	})
	return inserted("import email", n, err)
}

// ImportIdentity brings in an identity.
func (c *Conn) ImportIdentity(ctx context.Context, i watchword.Identity) error {
	n, err := c.q.ImportIdentity(c.bound(ctx), sqlgen.ImportIdentityParams{
		ID: string(i.ID), UserID: string(i.UserID), Provider: i.Provider, Issuer: i.Issuer, Subject: i.Subject, Email: i.Email,
		CreatedAt: micros(i.CreatedAt),
	})
	return inserted("import identity", n, err)
}

// ImportAccount brings in an account.
func (c *Conn) ImportAccount(ctx context.Context, a watchword.Account) error {
	n, err := c.q.ImportAccount(c.bound(ctx), sqlgen.ImportAccountParams{
		ID: string(a.ID), Name: a.Name, NameKey: NameKey(a.Name), Slug: a.Slug, CreatedAt: micros(a.CreatedAt), UpdatedAt: micros(a.UpdatedAt),
	})
	return inserted("import account", n, err)
}

// ImportMembership brings in a membership.
func (c *Conn) ImportMembership(ctx context.Context, m watchword.Membership) error {
	n, err := c.q.ImportMembership(c.bound(ctx), sqlgen.ImportMembershipParams{
		ID: string(m.ID), AccountID: string(m.Account.ID), UserID: string(m.UserID), Role: string(m.Role), JoinedAt: micros(m.JoinedAt),
	})
	return inserted("import membership", n, err)
}

// ImportInvite brings in an invite. Nobody holds a token of it.
func (c *Conn) ImportInvite(ctx context.Context, i watchword.Invite) error {
	n, err := c.q.ImportInvite(c.bound(ctx), sqlgen.ImportInviteParams{
		ID: string(i.ID), AccountID: string(i.Account.ID), Address: i.Address, Role: string(i.Role), Deliver: string(i.Delivery),
		InvitedBy: string(i.InvitedBy), ClientID: string(i.ClientID), Locale: i.Locale, RedirectUri: i.RedirectURI, State: i.State,
		CodeChallenge: i.CodeChallenge, CreatedAt: micros(i.CreatedAt), ExpiresAt: micros(i.ExpiresAt),
		AcceptedAt: nullMicros(i.AcceptedAt), AcceptedBy: string(i.AcceptedBy), RevokedAt: nullMicros(i.RevokedAt),
	})
	return inserted("import invite", n, err)
}

// ImportFeature brings in a feature.
func (c *Conn) ImportFeature(ctx context.Context, f watchword.Feature) error {
	n, err := c.q.ImportFeature(c.bound(ctx), sqlgen.ImportFeatureParams{
		Name: string(f.Name), ID: string(f.ID), Title: f.Title, Description: f.Description, AddClaim: f.AddClaim,
		ClosedAt: nullMicros(f.ClosedAt), CreatedAt: micros(f.CreatedAt), UpdatedAt: micros(f.UpdatedAt),
	})
	return inserted("import feature", n, err)
}

// ImportWaitlistEntry brings in a waitlist entry.
func (c *Conn) ImportWaitlistEntry(ctx context.Context, e watchword.WaitlistEntry) error {
	n, err := c.q.ImportWaitlistEntry(c.bound(ctx), sqlgen.ImportWaitlistEntryParams{
		ID: string(e.ID), Feature: string(e.Feature), AccountID: string(e.AccountID), UserID: string(e.User.ID), Status: string(e.Status),
		JoinedAt: micros(e.JoinedAt), ApprovedAt: nullMicros(e.ApprovedAt),
	})
	return inserted("import waitlist entry", n, err)
}

// ImportClient brings in a client with its secrets, or nothing of it.
func (c *Conn) ImportClient(ctx context.Context, cl ClientRow) error {
	l := cl.Lifetimes
	n, err := c.q.ImportClient(c.bound(ctx), sqlgen.ImportClientParams{
		ID: string(cl.ID), Name: cl.Name, Type: string(cl.Type), Audience: cl.Audience,
		RedirectUris: joinWords(cl.RedirectURIs), Origins: joinWords(cl.Origins), Methods: joinWords(cl.Methods),
		AccessToken: l.AccessToken.Microseconds(), RefreshIdle: l.RefreshIdle.Microseconds(),
		RefreshAbsolute: l.RefreshAbsolute.Microseconds(), RefreshShort: l.RefreshShort.Microseconds(),
		CreatedAt: micros(cl.CreatedAt), UpdatedAt: micros(cl.UpdatedAt),
	})
	if err := inserted("import client", n, err); err != nil {
		return err
	}
	for _, s := range cl.Secrets {
		n, err := c.q.ImportClientSecret(c.bound(ctx), sqlgen.ImportClientSecretParams{
			Digest: s.Digest, ClientID: string(cl.ID), CreatedAt: micros(s.CreatedAt), ExpiresAt: nullMicros(s.ExpiresAt),
		})
		if err != nil {
			return translate("import client secret", err)
		}
		if n == 0 { // another client has it: this one is not brought in by half
			if err := c.DeleteClient(ctx, cl.ID); err != nil {
				return err
			}
			return ErrDuplicate
		}
	}
	return nil
}

package account

import (
	"context"
	"io"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Invites ask people to join an account.
type Invites struct {
	Store  *store.Store
	Jobs   job.Queue
	Mails  MailLimits
	Links  mail.Links
	Life   time.Duration
	Random io.Reader
}

// What can be refused about invites, besides what can be in an account.
var (
	ErrInviteNotFound = watchword.NewError(watchword.KindNotFound, "invite_not_found",
		"This account has no such invite.")
	ErrInviteNotPending = watchword.NewError(watchword.KindConflict, "invite_not_pending",
		"This invite was accepted or taken back before.")
	ErrAlreadyMember = watchword.NewError(watchword.KindConflict, "already_member",
		"Whoever has this email address is a member already.")
)

// inviteLimit bounds the invites of one account: mail to strangers in its name.
var inviteLimit = limit.Rule{Name: "invite_create", Count: 100, Per: 24 * time.Hour}

// List is a page of an account's invites, newest first, and the cursor of the
// next.
func (i Invites) List(ctx context.Context, caller Caller, id watchword.AccountID, page watchword.Page) (list []watchword.Invite, next string, err error) {
	if _, err := membership(ctx, i.Store.Read(), caller, id, watchword.RoleAdmin); err != nil {
		return nil, "", err
	}
	return i.Store.Read().Invites(ctx, watchword.InviteFilter{AccountID: id}, page)
}

// take counts an invite, and where it is mailed the mail. The caller may invite:
// strangers must not use up what an account may do.
func (i Invites) take(ctx context.Context, caller Caller, invite watchword.Invite) error {
	if err := i.Mails.Limiter.Take(ctx, inviteLimit, string(invite.Account.ID), caller.Origin); err != nil {
		return err
	}
	if invite.Delivery == watchword.DeliverLink {
		return nil
	}
	return i.takeMail(ctx, caller, invite)
}

func (i Invites) takeMail(ctx context.Context, caller Caller, invite watchword.Invite) error {
	// Over all accounts: somebody with many of them could fill a mailbox.
	perAddress := i.Mails.PerAddress
	perAddress.Name, perAddress.Count = perAddress.Name+"_invites", 2*perAddress.Count
	if err := i.Mails.Limiter.Take(ctx, perAddress, invite.Address, caller.Origin); err != nil {
		return err
	}
	return i.Mails.Take(ctx, "invite:"+string(invite.Account.ID), invite.Address, caller.Origin)
}

// mayInvite refuses callers whose role does not reach as far as the one that they
// offer, and those who have not proven an address of their own: nobody knows who
// they are.
func mayInvite(ctx context.Context, c *store.Conn, caller Caller, id watchword.AccountID, offered watchword.Role) (watchword.User, error) {
	me, err := membership(ctx, c, caller, id, watchword.RoleAdmin)
	if err != nil {
		return watchword.User{}, err
	}
	if !me.Role.AtLeast(offered) {
		return watchword.User{}, ErrInsufficientRole
	}
	user, err := c.User(ctx, caller.UserID)
	switch {
	case err != nil:
		return user, gone(err)
	case user.Status != watchword.UserActive: // disabled this moment, and their invites are taken back
		return user, ErrUserGone
	case user.Email == "":
		return user, ErrNoEmail
	case !user.EmailVerified:
		return user, ErrEmailUnverified
	default:
		return user, nil
	}
}

// issue makes the token of an invite, and where it is mailed queues the mail.
func (i Invites) issue(ctx context.Context, c *store.Conn, invite watchword.Invite, reach store.Reach) (secret.String, error) {
	token := NewToken(i.Random)
	err := c.InsertOneTimeToken(ctx, store.OneTimeToken{
		Digest: secret.Digest(token), Purpose: store.TokenInvite, InviteID: invite.ID, Address: invite.Address, Reach: reach,
		ClientID: invite.ClientID, Newcomers: store.NewcomersCreated, Locale: invite.Locale, RedirectURI: invite.RedirectURI,
		State: invite.State, CodeChallenge: invite.CodeChallenge, ExpiresAt: invite.ExpiresAt,
	})
	if err != nil || reach == store.ReachHandedOver {
		return token, err
	}
	return token, i.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.Invite, ClientID: invite.ClientID, Locale: invite.Locale, Token: token.Reveal(),
	}, invite.ExpiresAt)
}

// findInvite reads an invite of an account for somebody whose role is me.
func findInvite(ctx context.Context, c *store.Conn, me watchword.Role, account watchword.AccountID, id watchword.InviteID) (watchword.Invite, error) {
	invite, err := c.Invite(ctx, id)
	if err != nil {
		return invite, notFoundAs(err, ErrInviteNotFound)
	}
	if invite.Account.ID != account {
		return invite, ErrInviteNotFound
	}
	if !me.AtLeast(invite.Role) {
		return invite, ErrInsufficientRole
	}
	return invite, nil
}

package account

import (
	"cmp"
	"context"
	"errors"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// NewInvite is a caller's wish to have somebody in an account.
type NewInvite struct {
	Account  watchword.AccountID
	Email    string
	Role     watchword.Role
	Delivery watchword.Delivery
	Locale   string // empty: the caller's own
	Client   watchword.Client
	Return   Return
}

// Create makes an invite and mails it, or answers the link to be handed over by
// other means, which nobody sees again. There may be several for one address. It
// does and answers the same whether or not somebody has the address; only a
// member's primary address is refused, for the caller sees it in the list anyway.
//
// Errors: ErrAccountNotFound, ErrInsufficientRole, ErrEmailUnverified, ErrNoEmail,
// ErrAlreadyMember, ErrRedirectNotAllowed, rate_limited.
func (i Invites) Create(ctx context.Context, caller Caller, in NewInvite) (watchword.Invite, secret.String, error) {
	invite, err := in.invite(caller)
	if err != nil {
		return watchword.Invite{}, secret.String{}, err
	}
	if _, err := mayInvite(ctx, i.Store.Read(), caller, in.Account, in.Role); err != nil {
		return watchword.Invite{}, secret.String{}, err
	}
	if err := i.take(ctx, caller, invite); err != nil {
		return watchword.Invite{}, secret.String{}, err
	}
	var link secret.String
	err = inAccount(ctx, i.Store, caller, in.Account, watchword.RoleAdmin, func(c *store.Conn, _ watchword.Membership) error {
		invite, link, err = i.insert(ctx, c, caller, invite)
		return err
	})
	if err != nil {
		return watchword.Invite{}, secret.String{}, err
	}
	i.Jobs.Announce()
	return invite, link, nil
}

// invite is the row that is wished for, as far as the wish says it.
func (in NewInvite) invite(caller Caller) (watchword.Invite, error) {
	address, err := CanonicalAddress(in.Email)
	if err != nil {
		return watchword.Invite{}, err
	}
	locale, err := CleanLocale(in.Locale)
	if err != nil {
		return watchword.Invite{}, err
	}
	if err := in.Return.Check(in.Client); err != nil {
		return watchword.Invite{}, err
	}
	return watchword.Invite{
		Account: watchword.Account{ID: in.Account}, Address: address, Role: in.Role, Delivery: in.Delivery, InvitedBy: caller.UserID,
		ClientID: in.Client.ID, Locale: locale, RedirectURI: in.Return.RedirectURI, State: in.Return.State, CodeChallenge: in.Return.CodeChallenge,
	}, nil
}

// insert writes the invite and its token, with the account's row held.
func (i Invites) insert(ctx context.Context, c *store.Conn, caller Caller, invite watchword.Invite) (watchword.Invite, secret.String, error) {
	// Once more: the caller may have lost their role meanwhile.
	user, err := mayInvite(ctx, c, caller, invite.Account.ID, invite.Role)
	if err != nil {
		return invite, secret.String{}, err
	}
	if _, err := c.MemberByAddress(ctx, invite.Account.ID, invite.Address); err == nil {
		return invite, secret.String{}, ErrAlreadyMember
	} else if !errors.Is(err, store.ErrNotFound) {
		return invite, secret.String{}, err
	}
	invite.Locale = cmp.Or(invite.Locale, user.Locale)
	invite.CreatedAt, invite.ExpiresAt = c.Now(), c.Now().Add(i.Life)
	if invite.ID, err = c.InsertInvite(ctx, invite); err != nil {
		return invite, secret.String{}, err
	}
	var link secret.String
	switch invite.Delivery {
	case watchword.DeliverLink:
		token, err := i.issue(ctx, c, invite, store.ReachHandedOver)
		if err != nil {
			return invite, link, err
		}
		link = secret.NewString(i.Links.AcceptInvite(token))
	default:
		if _, err := i.issue(ctx, c, invite, store.ReachMailed); err != nil {
			return invite, link, err
		}
	}
	return invite, link, caller.record(ctx, c, watchword.Event{
		Type: watchword.EventInviteCreated, AccountID: invite.Account.ID,
		Data: map[string]string{"invite_id": string(invite.ID), "role": string(invite.Role), "deliver": string(invite.Delivery)},
	})
}

package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Sender hands a letter to the mail system. id is the same at every try, so that
// a letter that was sent twice can be recognised.
type Sender interface {
	Send(ctx context.Context, letter mail.Rendered, id string) error
}

// Mailer does the mail jobs.
type Mailer struct {
	Store     *store.Store
	Keyring   *secret.Keyring
	Templates *mail.Templates
	Links     mail.Links
	Client    func(watchword.ClientID) (watchword.Client, bool)
	Senders   []Sender // all of them get every letter
}

// Deliver does one mail job. What nobody wants any more is done without a letter:
// whoever queued it did not look, so that queuing takes the same work for all.
func (m Mailer) Deliver(ctx context.Context, j store.Job) error {
	var message mail.Message
	if err := job.Decode(m.Keyring, j, &message); err != nil {
		return job.Permanent(err)
	}
	letter, err := m.letter(ctx, message)
	if errors.Is(err, errUnwanted) {
		return nil
	}
	if err != nil {
		return err
	}
	rendered, err := m.Templates.Render(letter)
	if err != nil {
		return job.Permanent(fmt.Errorf("render %s: %w", message.Template, err))
	}
	for _, s := range m.Senders {
		if err := s.Send(ctx, rendered, string(j.ID)); err != nil {
			if errors.Is(err, mail.ErrRefused) {
				return job.Permanent(err)
			}
			return err
		}
	}
	return nil
}

// errUnwanted says that there is nobody to write to, or nothing left to say.
var errUnwanted = errors.New("nobody wants this mail")

// letter is what a message says, with what is true now.
func (m Mailer) letter(ctx context.Context, message mail.Message) (mail.Letter, error) {
	c := m.Store.Read()
	letter := mail.Letter{
		Template: message.Template, Locale: message.Locale, Code: message.Code, Address: message.Subject,
		IP: message.IP, UserAgent: message.Agent, At: c.Now(), Link: m.Links.PublicURL,
	}
	if client, ok := m.Client(message.ClientID); ok {
		letter.ClientName = client.Name
	}
	if message.Token != "" {
		return m.withToken(ctx, c, letter, message)
	}
	return m.toUser(ctx, c, letter, message)
}

// withToken is a letter with a link, for whoever reads the token's address.
func (m Mailer) withToken(ctx context.Context, c *store.Conn, letter mail.Letter, message mail.Message) (mail.Letter, error) {
	token := secret.NewString(message.Token)
	t, err := c.OneTimeToken(ctx, secret.Digest(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && !t.Live(c.Now()) {
		return letter, errUnwanted
	}
	if err != nil {
		return letter, err
	}
	letter.To, letter.Expires = t.Address, t.ExpiresAt.Sub(c.Now()).Round(time.Minute)
	if letter, err = addressee(ctx, c, letter, t.UserID); err != nil {
		return letter, err
	}
	switch t.Purpose {
	case store.TokenVerifyEmail:
		letter.Link = m.Links.VerifyEmail(token)
		return letter, nil
	case store.TokenMagicLink:
		if t.UserID == "" && t.Newcomers == store.NewcomersRefused {
			return letter, errUnwanted
		}
		letter.Link = m.Links.MagicLink(token)
		return letter, nil
	case store.TokenResetPassword:
		return m.reset(ctx, c, letter, t, token)
	case store.TokenInvite:
		letter.Link = m.Links.AcceptInvite(token)
		return invited(ctx, c, letter, t)
	case store.TokenAuthorizationCode: // goes to the client's page, never by mail
	}
	return letter, errUnwanted
}

// reset leads to a new password, or tells somebody who has none how they sign in.
func (m Mailer) reset(ctx context.Context, c *store.Conn, letter mail.Letter, t store.OneTimeToken, token secret.String) (mail.Letter, error) {
	if t.UserID == "" {
		return letter, errUnwanted
	}
	if letter.Template == mail.ResetPassword {
		// A page that was taken off the client's list since gets no live token.
		if client, ok := m.Client(t.ClientID); !ok || !client.AllowsRedirect(t.RedirectURI) {
			t.RedirectURI = ""
		}
		letter.Link = m.Links.ResetPassword(token, t.RedirectURI)
		return letter, nil
	}
	var err error
	letter.Expires = 0
	letter.Methods, err = methods(ctx, c, t.UserID)
	return letter, err
}

// invited adds who invites whom to what, as it is now.
func invited(ctx context.Context, c *store.Conn, letter mail.Letter, t store.OneTimeToken) (mail.Letter, error) {
	invite, err := c.Invite(ctx, t.InviteID)
	if errors.Is(err, store.ErrNotFound) {
		return letter, errUnwanted
	}
	if err != nil {
		return letter, err
	}
	if invite.Status(c.Now()) != watchword.InvitePending {
		return letter, errUnwanted
	}
	letter.Account, letter.Inviter, letter.Role = invite.Account.Name, invite.InviterName, string(invite.Role)
	return letter, nil
}

// toUser is a notice to a user, at an address that they have proven: an unproven
// one may be a stranger's.
func (m Mailer) toUser(ctx context.Context, c *store.Conn, letter mail.Letter, message mail.Message) (mail.Letter, error) {
	list, err := c.Emails(ctx, message.UserID)
	if err != nil {
		return letter, err
	}
	letter.To = message.To
	for _, e := range list {
		if letter.To == "" && e.Verified() && (e.ID == message.EmailID || message.EmailID == "" && e.Primary) {
			letter.To = e.Address
		}
	}
	// Somebody who signed up with an address and never proved it is told there that
	// they did: it is the only way to them, and says nothing of anybody else.
	if letter.To == "" && message.Template == mail.AccountExists {
		for _, e := range list {
			if e.Primary && e.Exclusive {
				letter.To = e.Address
			}
		}
	}
	if letter.To == "" {
		return letter, errUnwanted
	}
	return addressee(ctx, c, letter, message.UserID)
}

// addressee adds the name and the language of a user; an empty id is nobody.
func addressee(ctx context.Context, c *store.Conn, letter mail.Letter, id watchword.UserID) (mail.Letter, error) {
	if id == "" {
		return letter, nil
	}
	user, err := c.User(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return letter, errUnwanted
	}
	if err != nil {
		return letter, err
	}
	letter.Name = user.Name
	if user.Locale != "" {
		letter.Locale = user.Locale
	}
	return letter, nil
}

// methods are the ways in which a user without a password does sign in.
func methods(ctx context.Context, c *store.Conn, id watchword.UserID) ([]string, error) {
	list := []string{string(watchword.MethodMagicLink)}
	providers, err := c.Providers(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range providers {
		list = append(list, strings.ToLower(p))
	}
	return list, nil
}

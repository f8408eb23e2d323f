package delivery

import (
	"context"
	"errors"
	"fmt"
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
	// Provider is what a provider is called; not ok: none is set up under this id.
	Provider func(id string) (name string, ok bool)
	Senders  []Sender // all of them get every letter
}

// Deliver does one mail job. What nobody wants any more is done without a letter:
// whoever queued it did not look, so that queuing takes the same work for all.
func (m Mailer) Deliver(ctx context.Context, j store.Job) error {
	var message mail.Message
	if err := job.Decode(m.Keyring, j, &message); err != nil {
		return job.Permanent(err)
	}
	letter, err := m.letter(ctx, message, j.CreatedAt)
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

// letter is what a message says, with what is true now; at is when it was queued,
// which is when what it tells of was done.
func (m Mailer) letter(ctx context.Context, message mail.Message, at time.Time) (mail.Letter, error) {
	c := m.Store.Read()
	letter := mail.Letter{
		Template: message.Template, Locale: message.Locale, Code: message.Code, Address: message.Subject,
		IP: message.IP, UserAgent: message.Agent, At: at, Link: m.Links.PublicURL,
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
	client, known := m.Client(t.ClientID)
	if letter.Template == mail.ResetNoPassword {
		var err error
		if letter.Methods, err = m.methods(ctx, c, client, t); err != nil {
			return letter, err
		}
		if len(letter.Methods) > 0 {
			letter.Expires = 0
			return letter, nil
		}
		letter.Template = mail.ResetPassword // or they could never come in
	}
	// A page that was taken off the client's list since gets no live token.
	if !known || !client.AllowsRedirect(t.RedirectURI) {
		t.RedirectURI = ""
	}
	letter.Link = m.Links.ResetPassword(token, t.RedirectURI)
	return letter, nil
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

// methods are the ways in which the user of a token does sign in without a
// password, of those that the client offers.
func (m Mailer) methods(ctx context.Context, c *store.Conn, client watchword.Client, t store.OneTimeToken) ([]string, error) {
	var list []string
	if client.Offers(watchword.MethodMagicLink) {
		list = append(list, string(watchword.MethodMagicLink))
	}
	e, err := c.Email(ctx, t.EmailID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errUnwanted
	}
	if err != nil || !e.Verified() {
		return list, err // whoever made the user need not be who reads the mailbox: their provider is no way in
	}
	providers, err := c.Providers(ctx, t.UserID)
	for _, id := range providers {
		if name, ok := m.Provider(id); ok && client.Offers(watchword.Method(id)) {
			list = append(list, name)
		}
	}
	return list, err
}

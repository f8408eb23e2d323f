package account_test

import (
	"crypto/rand"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/store"
)

func (w *world) accounts() account.Accounts {
	return account.Accounts{Store: w.store, Limiter: w.passwords.Limiter, Random: rand.Reader}
}

const inviteLife = 7 * 24 * time.Hour

func (w *world) mailLimits() account.MailLimits {
	return account.MailLimits{
		Limiter:    w.passwords.Limiter,
		PerAddress: limit.Rule{Name: "mail_per_address", Count: 5, Per: time.Hour}, PerIP: limit.Rule{Name: "mail_per_ip", Count: 20, Per: time.Hour},
	}
}

func (w *world) invites() account.Invites {
	return account.Invites{
		Store: w.store, Jobs: w.passwords.Jobs, Mails: w.mailLimits(), Links: mail.Links{PublicURL: "https://auth.example.com"},
		Life: inviteLife, Random: rand.Reader,
	}
}

func (w *world) emails() account.Emails {
	return account.Emails{
		Store: w.store, Jobs: w.passwords.Jobs,
		Verification: account.Verification{Store: w.store, Jobs: w.passwords.Jobs, Mails: w.mailLimits(), Client: knows(web()), Life: 24 * time.Hour, Random: rand.Reader},
	}
}

// person is a user who has just signed in, and the account that was made with
// them.
type person struct {
	account.Caller
	own watchword.AccountID
}

// person makes a user with a verified address (their name in front of
// @example.com) who signs in.
func (w *world) person(name string) person {
	w.Helper()
	made, err := w.create(account.NewUser{Address: name + "@example.com", Name: name, Locale: "en", VerifiedAt: w.clock.Now()}, "")
	w.ok(err)
	return person{w.signsIn(made.UserID), made.Account.ID}
}

// signsIn gives a user a session that is fresh now.
func (w *world) signsIn(user watchword.UserID) account.Caller {
	w.Helper()
	now := w.clock.Now()
	row := watchword.Session{
		ID: watchword.NewID[watchword.SessionID](now, rand.Reader), UserID: user, ClientID: "web", Generation: 1, Nonce: []byte("0123456789abcdef"),
		AuthTime: now, IdleExpiresAt: now.Add(24 * time.Hour), ExpiresAt: now.Add(24 * time.Hour),
	}
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.InsertSession(w.Context(), &row, store.ClientUnauthenticated) }))
	return account.Caller{
		UserID: user, Session: row.ID,
		Origin: watchword.Origin{IP: "192.0.2.1", UserAgent: "Test/1.0", RequestID: "req", ClientID: "web"},
	}
}

// joins makes a person a member of an account.
func (w *world) joins(p person, id watchword.AccountID, role watchword.Role) watchword.MembershipID {
	w.Helper()
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.InsertMembership(w.Context(), id, p.UserID, role) }))
	return w.membership(p, id).ID
}

// membership is a person's in an account; zero where they are not in it.
func (w *world) membership(p person, id watchword.AccountID) watchword.Membership {
	w.Helper()
	m, err := w.store.Read().Membership(w.Context(), p.UserID, id)
	if watchword.KindOf(err) == watchword.KindNotFound {
		return watchword.Membership{}
	}
	w.ok(err)
	return m
}

// owners counts an account's owners.
func (w *world) owners(id watchword.AccountID) (n int) {
	w.Helper()
	list, err := w.store.Read().Members(w.Context(), id, watchword.Page{Limit: 99})
	w.ok(err)
	for _, m := range list {
		if m.Role == watchword.RoleOwner {
			n++
		}
	}
	return n
}

// wish is somebody's to invite by mail.
func wish(id watchword.AccountID, address string, role watchword.Role) account.NewInvite {
	return account.NewInvite{
		Account: id, Email: address, Role: role, Delivery: watchword.DeliverMail,
		Client: watchword.Client{ID: "web", RedirectURIs: []string{"https://app.example.com/callback"}},
	}
}

func (w *world) invite(p person, in account.NewInvite) watchword.Invite {
	w.Helper()
	invite, _, err := w.invites().Create(w.Context(), p.Caller, in)
	w.ok(err)
	return invite
}

func (w *world) status(id watchword.InviteID) watchword.InviteStatus {
	w.Helper()
	invite, err := w.store.Read().Invite(w.Context(), id)
	w.ok(err)
	return invite.Status(w.clock.Now())
}

// waiting are the jobs that wait, by their ids.
func (w *world) waiting() map[watchword.MessageID]mail.Message {
	w.Helper()
	jobs, err := w.store.Read().WaitingJobs(w.Context(), "", 99)
	w.ok(err)
	all := map[watchword.MessageID]mail.Message{}
	for _, j := range jobs {
		var m mail.Message
		w.ok(job.Decode(w.passwords.Jobs.Keyring, j, &m))
		all[j.ID] = m
	}
	return all
}

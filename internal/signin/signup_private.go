package signin

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// deferred is a sign-up that was answered before anybody looked whether its
// address is known: the payload of a job.
type deferred struct {
	Address     string             `json:"address"`
	Name        string             `json:"name"`
	Locale      string             `json:"locale"`
	AccountName string             `json:"account_name"`
	Hash        string             `json:"hash"`
	ClientID    watchword.ClientID `json:"client_id"`
	IP          string             `json:"ip"`
	UserAgent   string             `json:"user_agent"`
	RequestID   string             `json:"request_id"`
	Binding     []byte             `json:"binding"` // digest of a cookie that the browser has got
}

// signUpLife is how long a deferred sign-up is kept trying.
const signUpLife = 24 * time.Hour

// deferSignUp writes the same one row for every address, so that neither the
// answer nor its time tells whether the address is known.
func (s *Service) deferSignUp(ctx context.Context, u account.NewUser, in SignUp, binding account.Binding) error {
	err := s.Store.Tx(ctx, func(c *store.Conn) error {
		return s.Jobs.Enqueue(ctx, c, job.KindSignUp, deferred{
			Address: u.Address, Name: u.Name, Locale: u.Locale, AccountName: u.AccountName, Hash: u.Hash.Reveal(),
			ClientID: in.Client.ID, IP: in.Origin.IP, UserAgent: in.Origin.UserAgent, RequestID: in.Origin.RequestID,
			Binding: binding.Digest,
		}, c.Now().Add(signUpLife))
	})
	if err != nil {
		return err
	}
	s.Jobs.Announce()
	return ErrCheckEmail
}

// FinishSignUp does a deferred sign-up: the user is made and sent the mail that
// verifies the address, or, where the address has an owner, they are told.
func (s *Service) FinishSignUp(ctx context.Context, j store.Job) error {
	var d deferred
	if err := job.Decode(s.Keyring, j, &d); err != nil {
		return job.Permanent(err)
	}
	origin := watchword.Origin{IP: d.IP, UserAgent: d.UserAgent, RequestID: d.RequestID, ClientID: d.ClientID}
	err := s.Store.Tx(ctx, func(c *store.Conn) error {
		// Marked in the same transaction, so that a crash repeats nothing.
		if err := c.FinishJob(ctx, j.ID); err != nil {
			return err
		}
		_, err := s.create(ctx, c, account.NewUser{
			Address: d.Address, Name: d.Name, Locale: d.Locale, AccountName: d.AccountName, Hash: secret.StoredHash(d.Hash),
		}, invitation{}, d.ClientID, account.Binding{Digest: d.Binding}, origin)
		return err
	})
	if errors.Is(err, account.ErrEmailTaken) {
		err = s.tellOwner(ctx, j, d)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil // done before
	}
	if err == nil {
		s.Jobs.Announce()
	}
	return err
}

// errOwnerGone has the job tried again: the address has become free.
var errOwnerGone = errors.New("whoever held the address has just left")

func (s *Service) tellOwner(ctx context.Context, j store.Job, d deferred) error {
	// Strangers must not fill somebody's mailbox; nobody learns that a mail was spared.
	spared := s.Limiter.Take(ctx, s.Limits.NoticePerAddress, d.Address, watchword.Origin{IP: d.IP}) != nil
	return s.Store.Tx(ctx, func(c *store.Conn) error {
		if err := c.FinishJob(ctx, j.ID); err != nil {
			return err
		}
		owner, err := c.UserByAddress(ctx, d.Address)
		if errors.Is(err, store.ErrNotFound) {
			return errOwnerGone
		}
		if err != nil {
			return err
		}
		if err := s.voidUnproven(ctx, c, owner, d.Address); err != nil || spared {
			return err
		}
		return s.Jobs.EnqueueMail(ctx, c, mail.Message{
			Template: mail.AccountExists, UserID: owner, ClientID: d.ClientID, Locale: d.Locale,
		}, c.Now().Add(signUpLife))
	})
}

// voidUnproven takes the verification links of a user who has never proven the
// address: whoever signs up now would take them for their own, and confirm the
// password of whoever came first. What is left to them proves the mailbox and
// wipes.
func (s *Service) voidUnproven(ctx context.Context, c *store.Conn, owner watchword.UserID, address string) error {
	cred, err := c.CredentialFor(ctx, address)
	if err != nil || cred.EmailVerified {
		return err
	}
	if err := c.VoidTokensOf(ctx, store.TokenVerifyEmail, address, owner); err != nil {
		return err
	}
	return c.EraseDeadMails(ctx, address)
}

package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Newcomers says whether a user is made for an address that nobody has.
type Newcomers = store.Newcomers

// The two.
const (
	NewcomersCreated = store.NewcomersCreated
	NewcomersRefused = store.NewcomersRefused
)

// MagicLinkRequest is somebody's wish to sign in through their mailbox.
type MagicLinkRequest struct {
	Email     string
	Newcomers Newcomers
	Client    watchword.Client
	Return    account.Return
	Locale    string // for newcomers
	Origin    watchword.Origin
}

// LinkSent tells of a mail with a link and a code.
type LinkSent struct {
	LoginID string        // names it for the code; no secret
	Binding secret.String // for a cookie of the browser that asked
	Life    time.Duration
}

const purposeMagicLink = "magic_link"

// SendMagicLink mails a link and a code with which whoever reads the mailbox
// signs in. It does the same for every address, known or not: one look, one
// token, one job. Who has no account and may not get one gets no mail, which is
// found out when the job is done.
func (s *Service) SendMagicLink(ctx context.Context, in MagicLinkRequest) (LinkSent, error) {
	if !in.Client.Offers(watchword.MethodMagicLink) {
		return LinkSent{}, ErrMethodNotOffered
	}
	address, err := account.CanonicalAddress(in.Email)
	if err != nil {
		return LinkSent{}, err
	}
	if err := in.Return.Check(in.Client); err != nil {
		return LinkSent{}, err
	}
	if err := s.Mails.Take(ctx, purposeMagicLink, address, in.Origin); err != nil {
		return LinkSent{}, err
	}
	if s.SignUpMode != SignUpOpen {
		in.Newcomers = store.NewcomersRefused
	}
	sent, err := s.sendMagicLink(ctx, in, address)
	if errors.Is(err, store.ErrNotFound) {
		sent, err = s.sendMagicLink(ctx, in, address) // who had the address was deleted this moment: now nobody has it
	}
	if err != nil {
		return LinkSent{}, err
	}
	s.Jobs.Announce()
	return sent, nil
}

// sendMagicLink queues the mail for whoever has the address, if anybody.
func (s *Service) sendMagicLink(ctx context.Context, in MagicLinkRequest, address string) (LinkSent, error) {
	user, err := s.Store.Read().UserByAddress(ctx, address)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return LinkSent{}, err
	}
	sent := LinkSent{LoginID: secret.NewToken("lgn_", s.Random).Reveal(), Life: s.MagicLinkLife}
	binding := account.NewBinding(s.Random)
	sent.Binding = binding.Value
	return sent, s.Store.Tx(ctx, func(c *store.Conn) error {
		return s.queueMagicLink(ctx, c, in, store.OneTimeToken{
			LoginID: sent.LoginID, UserID: user, Address: address, Binding: binding.Digest,
		})
	})
}

func (s *Service) queueMagicLink(ctx context.Context, c *store.Conn, in MagicLinkRequest, t store.OneTimeToken) error {
	token, code := account.NewToken(s.Random), sixDigits(s.Random)
	keyID := s.Keyring.CurrentID()
	mac, err := s.Keyring.MAC(secret.PurposeOneTimeCode, keyID, []byte(t.LoginID), []byte(code))
	if err != nil {
		return fmt.Errorf("key the code: %w", err)
	}
	t.Digest, t.Purpose, t.Reach = secret.Digest(token), store.TokenMagicLink, store.ReachMailed
	t.CodeMAC, t.SecretKeyID, t.ExpiresAt = mac, keyID, c.Now().Add(s.MagicLinkLife)
	t.ClientID, t.Newcomers, t.Locale = in.Client.ID, in.Newcomers, in.Locale
	t.RedirectURI, t.State, t.CodeChallenge = in.Return.RedirectURI, in.Return.State, in.Return.CodeChallenge
	if err := c.InsertOneTimeToken(ctx, t); err != nil {
		return err
	}
	err = event.Record(ctx, c, in.Origin, watchword.Event{
		Type: watchword.EventMagicLinkRequested, UserID: t.UserID, ClientID: in.Client.ID, Actor: event.ActorSystem,
	})
	if err != nil {
		return err
	}
	return s.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.MagicLink, ClientID: in.Client.ID, Locale: in.Locale, Token: token.Reveal(), Code: code,
	}, t.ExpiresAt)
}

const codes = 1_000_000

// sixDigits draws a code, each as likely as any other.
func sixDigits(random io.Reader) string {
	n, err := rand.Int(random, big.NewInt(codes))
	if err != nil {
		panic("the random source failed") // crypto/rand ends the process itself
	}
	return fmt.Sprintf("%06d", n)
}

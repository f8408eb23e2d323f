package session

import (
	"context"
	"errors"
	"io"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/token"
)

// Start says how a session begins.
type Start struct {
	Credential store.Credential // whose guard must still hold
	Client     watchword.Client
	Mode       watchword.SessionMode
	Remember   watchword.Remember
	AMR        []watchword.AMR
	AccountID  watchword.AccountID // asked for; empty: the last used, else the oldest
	Scope      string              // granted
	Nonce      string              // the client's own, for the first ID token
	Origin     watchword.Origin
	// From is the session whose proof this one goes on with, if it has none of its
	// own: it is then no fresher, and ends no later.
	From watchword.Session
}

// Begin writes a session in c's transaction, guarded against a reset, a wipe or
// a disable since the credential was read: ErrSessionRevoked then. Mint makes
// its tokens once the transaction has committed.
func (s *Service) Begin(ctx context.Context, c *store.Conn, start Start) (Started, error) {
	last, err := c.BeginSession(ctx, start.Credential)
	if errors.Is(err, store.ErrNotFound) {
		return Started{}, ErrSessionRevoked.Because(err)
	}
	if err != nil {
		return Started{}, err
	}
	user, err := c.User(ctx, start.Credential.UserID)
	if err != nil {
		return Started{}, err
	}
	member, err := chooseMembership(ctx, c, user.ID, start.AccountID, last)
	if err != nil {
		return Started{}, err
	}
	if member.Account.ID != last { // else a round trip for nothing
		if err := c.SetLastAccount(ctx, user.ID, member.Account.ID); err != nil {
			return Started{}, err
		}
	}
	row := s.newSession(c.Now(), start, user, member)
	needs := store.ClientUnauthenticated
	if start.Client.Type == watchword.ClientConfidential {
		needs = store.ClientAuthenticated
	}
	if err := c.InsertSession(ctx, &row, needs); err != nil {
		return Started{}, err
	}
	err = event.Record(ctx, c, start.Origin, watchword.Event{
		Type: watchword.EventSessionStarted, UserID: user.ID, AccountID: member.Account.ID, SessionID: row.ID,
		ClientID: start.Client.ID, Data: map[string]string{"amr": joinAMR(row.AMR)},
	})
	if err != nil {
		return Started{}, err
	}
	return Started{
		view:   store.SessionView{Session: row, NeedsClient: needs, User: user, Account: member.Account, Role: member.Role},
		client: start.Client, nonce: start.Nonce,
	}, nil
}

// Started is a session whose transaction may still be under way.
type Started struct {
	view   store.SessionView
	client watchword.Client
	nonce  string
}

// Mint makes the first tokens of a session, once its transaction has committed.
func (s *Service) Mint(started Started) (Grant, error) {
	return s.grant(started.view, started.client, started.nonce)
}

func (s *Service) newSession(now time.Time, start Start, user watchword.User, member watchword.Membership) watchword.Session {
	life := start.Client.Lifetimes
	end := now.Add(life.RefreshAbsolute)
	if start.Remember == watchword.RememberShort {
		end = now.Add(life.RefreshShort)
	}
	authTime := now
	if start.From.ID != "" {
		authTime, start.AMR, start.Remember = start.From.AuthTime, start.From.AMR, start.From.Remember
		end = earlier(end, start.From.ExpiresAt)
	}
	return watchword.Session{
		ID: watchword.NewID[watchword.SessionID](now, s.Random), UserID: user.ID, ClientID: start.Client.ID,
		Mode: start.Mode, Remember: start.Remember, AMR: start.AMR, AuthTime: authTime, Scope: start.Scope,
		Claims: watchword.Claims{
			AccountID: member.Account.ID, Role: member.Role, Email: user.Email, EmailVerified: user.EmailVerified,
		},
		Generation: 1, ClaimsSince: 1, SecretKeyID: s.Keyring.CurrentID(), Nonce: s.nonce(),
		CreatedAt: now, RotatedAt: now, IdleLife: life.RefreshIdle, IdleExpiresAt: earlier(now.Add(life.RefreshIdle), end), ExpiresAt: end,
		IP: start.Origin.IP, UserAgent: start.Origin.UserAgent,
	}
}

func (s *Service) nonce() []byte {
	nonce := make([]byte, token.NonceBytes)
	if _, err := io.ReadFull(s.Random, nonce); err != nil {
		panic("the random source failed") // crypto/rand ends the process itself
	}
	return nonce
}

// chooseMembership is the account in whose context a session stands: the one
// asked for (ErrNotAMember where it cannot be), else the last used, else the
// oldest, else none.
func chooseMembership(ctx context.Context, c *store.Conn, user watchword.UserID, asked, last watchword.AccountID) (watchword.Membership, error) {
	if asked != "" {
		m, err := c.Membership(ctx, user, asked)
		if errors.Is(err, store.ErrNotFound) {
			return m, ErrNotAMember
		}
		return m, err
	}
	m, err := c.DefaultMembership(ctx, user, last)
	if errors.Is(err, store.ErrNotFound) {
		return watchword.Membership{}, nil
	}
	return m, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func joinAMR(list []watchword.AMR) string {
	text := ""
	for i, m := range list {
		if i > 0 {
			text += " "
		}
		text += string(m)
	}
	return text
}

// SessionID is the session that was started.
func (s Started) SessionID() watchword.SessionID { return s.view.ID }

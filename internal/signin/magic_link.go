package signin

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
)

// Back says how whoever opens a link goes on.
type Back string

// The two: with the session in the answer, or led back to the client's page, with
// a code instead of the session where the link was asked for with a challenge.
const (
	BackHere     Back = "here"
	BackToClient Back = "to_client"
)

// Arrival is what a sign-in by link or code says besides its secret.
type Arrival struct {
	Back     Back
	ClientID watchword.ClientID // that the caller names; empty: whoever asked for the link
	Mode     watchword.SessionMode
	Holder   account.Holder // whose live session the same browser holds
	Origin   watchword.Origin
}

// MagicLink signs in whoever holds a mailed link: it proves the mailbox, makes
// the user where the link may, and starts the session, in one transaction. Of
// many uses at once exactly one succeeds.
//
// Errors: token_invalid, token_expired, token_used, user_disabled.
func (s *Service) MagicLink(ctx context.Context, token secret.String, in Arrival) (Result, error) {
	t, err := s.look(ctx, token, store.TokenMagicLink, in)
	if err != nil {
		return Result{}, err
	}
	var come arrived
	err = s.tx(ctx, func(c *store.Conn) error {
		user, err := hold(ctx, c, t.Address)
		if err != nil {
			return err
		}
		if err := account.UseToken(ctx, c, t); err != nil {
			return err
		}
		come, err = s.comeIn(ctx, c, t, user, in)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return s.arrive(come)
}

// look reads a token and refuses it to another client than the one it is for.
func (s *Service) look(ctx context.Context, token secret.String, purpose store.TokenPurpose, in Arrival) (store.OneTimeToken, error) {
	t, err := account.LookToken(ctx, s.Store.Read(), token, purpose)
	if err != nil {
		return t, err
	}
	if in.ClientID != "" && in.ClientID != t.ClientID {
		return t, account.ErrTokenInvalid
	}
	return t, account.Refusal(t, s.Store.Read().Now())
}

// arrived is a way in whose transaction may still be under way.
type arrived struct {
	started   session.Started
	code      secret.String // instead of a session, where the link asked for one
	token     store.OneTimeToken
	version   int64 // of the password, to which the browser's mark is bound
	isNewUser bool
	setUp     Next
}

// hold finds who has the address, if anybody, and holds their row until the
// transaction ends. Whoever acts on a user takes the row first, then an invite,
// then tokens: two who took them the other way round would wait for each other.
func hold(ctx context.Context, c *store.Conn, address string) (watchword.UserID, error) {
	user, err := c.UserByAddress(ctx, address)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	err = c.LockUser(ctx, user)
	if errors.Is(err, store.ErrNotFound) {
		return "", errLookAgain
	}
	return user, err
}

// comeIn lets the reader of a token's mailbox in, in c's transaction. user is who
// has the address, held; empty: nobody.
func (s *Service) comeIn(ctx context.Context, c *store.Conn, t store.OneTimeToken, user watchword.UserID, in Arrival) (arrived, error) {
	come := arrived{token: t}
	if t.UserID != "" && t.UserID != user {
		return come, account.ErrTokenUsed // the address has changed hands since, or its user has given it up
	}
	if user == "" {
		var err error
		if user, err = s.newcomer(ctx, c, t, in); err != nil {
			return come, err
		}
		come.isNewUser = true
	}
	cred, err := s.proven(ctx, c, user, t, in)
	if err != nil {
		return come, err
	}
	if err := c.EraseDeadMails(ctx, t.Address); err != nil {
		return come, err
	}
	return come, s.admitArrived(ctx, c, &come, cred, in)
}

// newcomer makes a user for a mailbox that has just been proven.
func (s *Service) newcomer(ctx context.Context, c *store.Conn, t store.OneTimeToken, in Arrival) (watchword.UserID, error) {
	if t.Newcomers != store.NewcomersCreated {
		return "", account.ErrTokenInvalid // the user it was for is gone
	}
	made, err := account.Create(ctx, c, s.Random, in.Origin, account.NewUser{
		Address: t.Address, VerifiedAt: c.Now(), Locale: t.Locale,
	})
	if errors.Is(err, account.ErrEmailTaken) {
		return "", errLookAgain
	}
	return made.UserID, err
}

// errLookAgain has a transaction run anew: on Postgres the address can change
// hands after it has looked and before it holds the user or makes one.
var errLookAgain = errors.New("the address has changed hands this moment")

// clientMissing has a transaction run anew once its client has been looked for,
// which must not be done while it holds a connection.
type clientMissing struct{ id watchword.ClientID }

func (*clientMissing) Error() string { return "the client is not known here" }

// tx is Store.Tx that looks again where somebody else was quicker, or where a client
// has been made on another node.
func (s *Service) tx(ctx context.Context, act func(*store.Conn) error) error {
	err := s.Store.Tx(ctx, act)
	for attempt := 1; attempt < 3; attempt++ {
		if missing, ok := errors.AsType[*clientMissing](err); ok {
			_, found, err := s.Lookup(ctx, missing.id)
			if err != nil {
				return err
			}
			if !found {
				return account.ErrTokenInvalid // it was removed since
			}
		} else if !errors.Is(err, errLookAgain) {
			return err
		}
		err = s.Store.Tx(ctx, act)
	}
	return err
}

// proven proves the address to the user, whose row is held, and reads what guards
// the start of the session.
func (s *Service) proven(ctx context.Context, c *store.Conn, user watchword.UserID, t store.OneTimeToken, in Arrival) (store.Credential, error) {
	found, err := c.CredentialFor(ctx, t.Address)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.UserID != user {
		return found, errLookAgain // or what was allowed to one user would let in as another
	}
	if err != nil {
		return found, err
	}
	if found.Status != watchword.UserActive {
		return found, ErrUserDisabled
	}
	e, err := c.Email(ctx, found.EmailID)
	if err != nil {
		return found, err
	}
	if t.Reach == store.ReachMailed {
		if _, err := account.Prove(ctx, c, in.Origin, e, in.Holder); err != nil {
			return found, err
		}
	}
	return c.CredentialFor(ctx, t.Address) // a wipe has moved the password's version on
}

// admitArrived starts the session, or makes the code for which the client's own
// page gets one.
func (s *Service) admitArrived(ctx context.Context, c *store.Conn, come *arrived, cred store.Credential, in Arrival) error {
	t := come.token
	client, ok := s.Client(t.ClientID)
	if !ok {
		return &clientMissing{t.ClientID}
	}
	if t.RedirectURI != "" && !client.AllowsRedirect(t.RedirectURI) {
		// Taken off the list since: nobody is led there, with a code or without.
		t.RedirectURI, t.CodeChallenge = "", ""
		come.token = t
	}
	come.version = cred.PasswordVersion
	if cred.Hash.IsZero() && t.Purpose == store.TokenInvite {
		come.setUp = NextSetPassword
	}
	// Where the link has proven nothing, what let the user in is the session that
	// they hold. What comes of it is neither fresher nor longer, so it is no code
	// either: that begins a session anew.
	onlyHeld := t.Reach == store.ReachHandedOver && !come.isNewUser
	if t.CodeChallenge != "" && in.Back == BackToClient && !onlyHeld {
		var err error
		t.AMR = []watchword.AMR{watchword.AMROneTime}
		come.code, err = s.issueCode(ctx, c, t, cred.UserID)
		return err
	}
	start := session.Start{
		Credential: cred, Client: client, Mode: in.Mode, Remember: watchword.RememberLong,
		AMR: []watchword.AMR{watchword.AMROneTime}, AccountID: t.AccountID, Origin: in.Origin,
	}
	if onlyHeld {
		held, err := c.Session(ctx, in.Holder.SessionID)
		if err != nil {
			return err
		}
		start.From = held.Session
	}
	var err error
	come.started, err = s.Sessions.Begin(ctx, c, start)
	if err != nil {
		return err
	}
	return c.SetTokenSession(ctx, t.Digest, come.started.SessionID())
}

// arrive makes the tokens, once the transaction has committed.
func (s *Service) arrive(come arrived) (Result, error) {
	s.Jobs.Announce()
	result := Result{
		IsNewUser: come.isNewUser, Next: come.setUp, Code: come.code,
		Return: account.Return{RedirectURI: come.token.RedirectURI, State: come.token.State, CodeChallenge: come.token.CodeChallenge},
	}
	if !come.code.IsZero() {
		return result, nil
	}
	grant, err := s.Sessions.Mint(come.started)
	if err != nil {
		return Result{}, err
	}
	result.Grant = grant
	result.Device = watchword.DeviceOwner{Address: come.token.Address, UserID: grant.User.ID, PasswordVersion: come.version}
	if result.Next == "" {
		result.Next = s.next(grant.User)
	}
	return result, nil
}

// wrongCode records that a code was tried and was not right.
func (s *Service) wrongCode(ctx context.Context, c *store.Conn, t store.OneTimeToken, in Arrival) error {
	return event.Record(ctx, c, in.Origin, watchword.Event{
		Type: watchword.EventSignInFailed, UserID: t.UserID, ClientID: t.ClientID, Actor: event.ActorSystem,
		Data: map[string]string{"method": "code", "reason": account.ErrTokenInvalid.Code},
	})
}

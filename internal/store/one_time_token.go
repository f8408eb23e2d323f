package store

import (
	"context"
	"database/sql"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// TokenPurpose says what a one-time token is good for. Purposes never mix.
type TokenPurpose string

// The purposes.
const (
	TokenVerifyEmail       TokenPurpose = "verify_email"
	TokenMagicLink         TokenPurpose = "magic_link"
	TokenResetPassword     TokenPurpose = "reset_password"
	TokenInvite            TokenPurpose = "invite"
	TokenAuthorizationCode TokenPurpose = "authorization_code"
)

// Reach says how a token got to whoever holds it.
type Reach string

// The two: by mail, which proves the mailbox, or handed over by other means.
const (
	ReachMailed     Reach = "mailed"
	ReachHandedOver Reach = "handed_over"
)

// Newcomers says whether a token may make a user for an address that nobody has.
type Newcomers string

// The two.
const (
	NewcomersCreated Newcomers = "created"
	NewcomersRefused Newcomers = "refused"
)

// OneTimeToken is the row of a token: its digest, never itself.
type OneTimeToken struct {
	Digest        []byte
	Purpose       TokenPurpose
	LoginID       string // names the token for its code; empty: it has none
	UserID        watchword.UserID
	EmailID       watchword.EmailID
	InviteID      watchword.InviteID
	Address       string // that it proves if it was mailed
	Reach         Reach
	ClientID      watchword.ClientID
	Binding       []byte // digest of the cookie of the browser that asked; nil: none
	CodeMAC       []byte
	SecretKeyID   string // of the server secret that keys CodeMAC
	Tries         int64  // wrong codes
	Newcomers     Newcomers
	Locale        string
	RedirectURI   string
	State         string
	CodeChallenge string
	AMR           []watchword.AMR     // of an authorization code
	AccountID     watchword.AccountID // of an authorization code
	Scope         string              // of an authorization code
	Nonce         string              // of an authorization code: for the ID token
	SessionID     watchword.SessionID // that was started by it
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedAt        time.Time
	VoidedAt      time.Time
}

// Live says whether the token can still be used.
func (t OneTimeToken) Live(now time.Time) bool {
	return t.UsedAt.IsZero() && t.VoidedAt.IsZero() && now.Before(t.ExpiresAt)
}

// InsertOneTimeToken records a token. Its Tries, SessionID and times but
// ExpiresAt are not read.
func (c *Conn) InsertOneTimeToken(ctx context.Context, t OneTimeToken) error {
	err := c.q.InsertOneTimeToken(c.bound(ctx), sqlgen.InsertOneTimeTokenParams{
		Digest: t.Digest, Purpose: string(t.Purpose), LoginID: nullText(t.LoginID), UserID: nullText(t.UserID),
		EmailID: nullText(t.EmailID), InviteID: nullText(t.InviteID), Address: t.Address, Mailed: t.Reach == ReachMailed,
		ClientID: string(t.ClientID), Binding: t.Binding, CodeMac: t.CodeMAC, KeyID: t.SecretKeyID,
		CreateUser: t.Newcomers == NewcomersCreated, Locale: t.Locale, RedirectUri: t.RedirectURI, State: t.State,
		CodeChallenge: t.CodeChallenge, Amr: joinWords(t.AMR), AccountID: string(t.AccountID), Scope: t.Scope, Nonce: t.Nonce,
		Now: micros(c.now), ExpiresAt: micros(t.ExpiresAt),
	})
	return translate("insert one-time token", err)
}

// OneTimeToken reads a token, live or not.
func (c *Conn) OneTimeToken(ctx context.Context, digest []byte) (OneTimeToken, error) {
	row, err := c.q.GetOneTimeToken(c.bound(ctx), digest)
	return oneTimeToken(row), translate("read one-time token", err)
}

// OneTimeTokenOfLogin reads a token by its login id, live or not.
func (c *Conn) OneTimeTokenOfLogin(ctx context.Context, loginID string) (OneTimeToken, error) {
	row, err := c.q.GetOneTimeTokenByLogin(c.bound(ctx), nullText(loginID))
	return oneTimeToken(row), translate("read one-time token by login", err)
}

// UseOneTimeToken consumes a live token: of many who use it at once exactly one
// succeeds. ErrNotFound: there is no such token, or not any more.
func (c *Conn) UseOneTimeToken(ctx context.Context, digest []byte, purpose TokenPurpose) (OneTimeToken, error) {
	row, err := c.q.UseOneTimeToken(c.bound(ctx), nullMicros(c.now), digest, string(purpose))
	return oneTimeToken(row), translate("use one-time token", err)
}

// TryCode counts a try of a live token's code and answers the token, whose code
// is then to be compared. The last of maxTries voids it. ErrNotFound: there is no
// such token, or not any more.
func (c *Conn) TryCode(ctx context.Context, loginID string, purpose TokenPurpose, maxTries int64) (OneTimeToken, error) {
	row, err := c.q.TryCode(c.bound(ctx), sqlgen.TryCodeParams{
		LoginID: nullText(loginID), Purpose: string(purpose), MaxTries: maxTries, Now: micros(c.now),
	})
	return oneTimeToken(row), translate("try code", err)
}

// UseTriedToken consumes the token whose code has just been tried and was right,
// in the transaction of TryCode.
func (c *Conn) UseTriedToken(ctx context.Context, digest []byte) error {
	n, err := c.q.UseTriedToken(c.bound(ctx), nullMicros(c.now), digest)
	return affected("use tried token", n, err)
}

// WrongCodes is how often wrong codes were tried for an address with tokens made
// since a time, and when the oldest of these was made.
func (c *Conn) WrongCodes(ctx context.Context, address string, purpose TokenPurpose, since time.Time) (n int64, oldest time.Time, err error) {
	row, err := c.q.CountWrongCodes(c.bound(ctx), address, string(purpose), micros(since))
	return row.Tries, at(row.Oldest), translate("count wrong codes", err)
}

// SetTokenSession remembers which session a token has started.
func (c *Conn) SetTokenSession(ctx context.Context, digest []byte, session watchword.SessionID) error {
	return translate("set token's session", c.q.SetTokenSession(c.bound(ctx), string(session), digest))
}

// VoidTokens voids what is outstanding of a user, invites excepted: they are for
// whoever reads the mailbox, and say nothing of a user.
func (c *Conn) VoidTokens(ctx context.Context, user watchword.UserID) error {
	_, err := c.q.VoidUserTokens(c.bound(ctx), nullMicros(c.now), nullText(user))
	return translate("void user's tokens", err)
}

// VoidTokensOf voids what is outstanding of one purpose for an address, and for
// the user if there is one.
func (c *Conn) VoidTokensOf(ctx context.Context, purpose TokenPurpose, address string, user watchword.UserID) error {
	_, err := c.q.VoidTokensOfPurpose(c.bound(ctx), sqlgen.VoidTokensOfPurposeParams{
		Now: nullMicros(c.now), Address: address, UserID: nullText(user), Purpose: string(purpose),
	})
	return translate("void tokens of a purpose", err)
}

// VoidAddressTokens voids what is outstanding for an address, invites excepted.
func (c *Conn) VoidAddressTokens(ctx context.Context, address string) error {
	_, err := c.q.VoidAddressTokens(c.bound(ctx), nullMicros(c.now), address)
	return translate("void address's tokens", err)
}

// VoidEmailTokens voids what is outstanding for a user's address.
func (c *Conn) VoidEmailTokens(ctx context.Context, email watchword.EmailID) error {
	_, err := c.q.VoidEmailTokens(c.bound(ctx), nullMicros(c.now), nullText(email))
	return translate("void email's tokens", err)
}

// VoidInviteTokens voids what is outstanding of an invite.
func (c *Conn) VoidInviteTokens(ctx context.Context, invite watchword.InviteID) error {
	_, err := c.q.VoidInviteTokens(c.bound(ctx), nullMicros(c.now), nullText(invite))
	return translate("void invite's tokens", err)
}

// EraseDeadMails takes mails out of the queue whose token for the address has
// been used or voided: nobody can want them any more.
func (c *Conn) EraseDeadMails(ctx context.Context, address string) error {
	_, err := c.q.EraseJobsOfDeadTokens(c.bound(ctx), []byte{}, nullMicros(c.now), address)
	return translate("erase mails of dead tokens", err)
}

// EraseDeadMailsOf is EraseDeadMails for all tokens of a user, whatever address
// they were for.
func (c *Conn) EraseDeadMailsOf(ctx context.Context, user watchword.UserID) error {
	_, err := c.q.EraseJobsOfDeadUserTokens(c.bound(ctx), []byte{}, nullMicros(c.now), nullText(user))
	return translate("erase mails of a user's dead tokens", err)
}

func oneTimeToken(row sqlgen.OneTimeToken) OneTimeToken {
	t := OneTimeToken{
		Digest: row.Digest, Purpose: TokenPurpose(row.Purpose), LoginID: row.LoginID.String,
		UserID: fromNull[watchword.UserID](row.UserID), EmailID: fromNull[watchword.EmailID](row.EmailID),
		InviteID: fromNull[watchword.InviteID](row.InviteID), Address: row.Address, Reach: ReachHandedOver,
		ClientID: watchword.ClientID(row.ClientID), Binding: row.Binding, CodeMAC: row.CodeMac, SecretKeyID: row.KeyID,
		Tries: row.Tries, Newcomers: NewcomersRefused, Locale: row.Locale, RedirectURI: row.RedirectUri, State: row.State,
		CodeChallenge: row.CodeChallenge, AMR: splitWords[watchword.AMR](row.Amr), AccountID: watchword.AccountID(row.AccountID),
		Scope: row.Scope, Nonce: row.Nonce, SessionID: watchword.SessionID(row.SessionID), CreatedAt: at(row.CreatedAt), ExpiresAt: at(row.ExpiresAt),
		UsedAt: atNull(row.UsedAt), VoidedAt: atNull(row.VoidedAt),
	}
	if row.Mailed {
		t.Reach = ReachMailed
	}
	if row.CreateUser {
		t.Newcomers = NewcomersCreated
	}
	return t
}

func fromNull[T ~string](s sql.NullString) T { return T(s.String) }

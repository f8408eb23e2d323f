package store

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// FlowPurpose says what somebody goes to a provider for.
type FlowPurpose string

// The purposes.
const (
	FlowSignIn FlowPurpose = "sign_in"
	FlowLink   FlowPurpose = "link" // to link the provider to a user who is signed in
)

// ProviderFlow is a browser's way to a provider and back.
type ProviderFlow struct {
	StateDigest   []byte // of the state that the provider gives back
	Provider      string
	Purpose       FlowPurpose
	Binding       []byte              // digest of the cookie of the browser that began
	SecretKeyID   string              // of the server secret that nonce and verifier are computed under
	UserID        watchword.UserID    // to be linked to
	SessionID     watchword.SessionID // in which linking was asked for
	ClientID      watchword.ClientID
	RedirectURI   string
	State         string // the client's own
	CodeChallenge string // empty: the answer is a session, not a code
	Scope         string
	Nonce         string // the client's own
	InviteDigest  []byte // of the token of an invite; nil: none
	Locale        string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedAt        time.Time
}

// InsertProviderFlow records that somebody goes to a provider. Of f's times only
// ExpiresAt is read.
func (c *Conn) InsertProviderFlow(ctx context.Context, f ProviderFlow) error {
	err := c.q.InsertProviderFlow(c.bound(ctx), sqlgen.InsertProviderFlowParams{
		StateDigest: f.StateDigest, Provider: f.Provider, Purpose: string(f.Purpose), Binding: f.Binding, KeyID: f.SecretKeyID,
		UserID: nullText(f.UserID), SessionID: string(f.SessionID), ClientID: string(f.ClientID), RedirectUri: f.RedirectURI,
		State: f.State, CodeChallenge: f.CodeChallenge, Scope: f.Scope, Nonce: f.Nonce, InviteDigest: f.InviteDigest,
		Locale: f.Locale, Now: micros(c.now), ExpiresAt: micros(f.ExpiresAt),
	})
	return translate("insert provider flow", err)
}

// ProviderFlow reads a flow, live or not.
func (c *Conn) ProviderFlow(ctx context.Context, stateDigest []byte) (ProviderFlow, error) {
	row, err := c.q.GetProviderFlow(c.bound(ctx), stateDigest)
	if err != nil {
		return ProviderFlow{}, translate("read provider flow", err)
	}
	return ProviderFlow{
		StateDigest: row.StateDigest, Provider: row.Provider, Purpose: FlowPurpose(row.Purpose), Binding: row.Binding,
		SecretKeyID: row.KeyID, UserID: fromNull[watchword.UserID](row.UserID), SessionID: watchword.SessionID(row.SessionID),
		ClientID: watchword.ClientID(row.ClientID), RedirectURI: row.RedirectUri, State: row.State, CodeChallenge: row.CodeChallenge,
		Scope: row.Scope, Nonce: row.Nonce, InviteDigest: row.InviteDigest, Locale: row.Locale,
		CreatedAt: at(row.CreatedAt), ExpiresAt: at(row.ExpiresAt), UsedAt: atNull(row.UsedAt),
	}, nil
}

// UseProviderFlow consumes a live flow: of many who come back with one state at
// once exactly one goes on. ErrNotFound: it was used, or has expired.
func (c *Conn) UseProviderFlow(ctx context.Context, stateDigest []byte) error {
	n, err := c.q.UseProviderFlow(c.bound(ctx), nullMicros(c.now), stateDigest)
	return affected("use provider flow", n, err)
}

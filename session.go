package watchword

import "time"

// SessionMode says how a session's tokens travel. It is fixed at the session's
// start; a later call may narrow it and never widen it.
type SessionMode string

// The session modes: tokens in the body and as cookies, in the body alone, or
// as cookies alone.
const (
	SessionBoth   SessionMode = "both"
	SessionToken  SessionMode = "token"
	SessionCookie SessionMode = "cookie"
)

// Narrowed is the mode of an answer in a session of mode m to a call that asks
// for the mode asked. What m does not carry, no call can get.
func (m SessionMode) Narrowed(asked SessionMode) SessionMode {
	if m == SessionBoth && asked != "" {
		return asked
	}
	return m
}

// Body says whether answers carry the tokens.
func (m SessionMode) Body() bool { return m != SessionCookie }

// Cookies says whether answers set cookies.
func (m SessionMode) Cookies() bool { return m != SessionToken }

// Remember says whether a session outlives the browser.
type Remember string

// The two: the long ends and persistent cookies, or the short end and session cookies.
const (
	RememberLong  Remember = "long"
	RememberShort Remember = "short"
)

// AMR is a value of the amr claim (RFC 8176).
type AMR string

// The methods by which a session can have been started.
const (
	AMRPassword AMR = "pwd"
	AMROneTime  AMR = "otp" // a link or a code out of a mail
	AMRProvider AMR = "fed" // signed in at another server, by whatever it asks for
)

// Claims is what an access token says about its user, besides who: fixed when
// the claims are made, kept by every refresh.
type Claims struct {
	AccountID     AccountID // empty where there is none
	Role          Role
	Email         string
	EmailVerified bool
}

// Session is a signed-in browser or device.
type Session struct {
	ID       SessionID
	UserID   UserID
	ClientID ClientID
	Mode     SessionMode
	Remember Remember
	AMR      []AMR
	AuthTime time.Time
	Scope    string
	Claims   Claims
	// Features are those that access tokens name: made with the claims, by the store.
	Features   []FeatureName
	Generation int64 // of its refresh token, counted from 1
	// ClaimsSince is the generation at which the claims were last made: the
	// grace of a refresh token never crosses it.
	ClaimsSince   int64
	SecretKeyID   string // of the server secret that seals the present refresh token
	Nonce         []byte
	CreatedAt     time.Time
	RotatedAt     time.Time
	IdleLife      time.Duration // that each refresh grants
	IdleExpiresAt time.Time
	ExpiresAt     time.Time
	RevokedAt     time.Time // zero while live
	IP            string
	UserAgent     string
}

// RefreshExpiresAt is the nearer of the two ends.
func (s Session) RefreshExpiresAt() time.Time {
	if s.IdleExpiresAt.Before(s.ExpiresAt) {
		return s.IdleExpiresAt
	}
	return s.ExpiresAt
}

package mail

import (
	"time"

	"watchword"
)

// Template names a sort of message.
type Template string

// The messages.
const (
	VerifyEmail      Template = "verify_email"      // confirm that an address is yours
	MagicLink        Template = "magic_link"        // sign in by link or code
	ResetPassword    Template = "reset_password"    // choose a new password
	ResetNoPassword  Template = "reset_no_password" // you have none: how you do sign in
	Welcome          Template = "welcome"           // an administrator made you a user: choose a password
	Invite           Template = "invite"            // join an account
	AccountExists    Template = "account_exists"    // somebody signed up with your address
	RefreshReused    Template = "refresh_reused"    // an old token was replayed: a session was ended
	PasswordChange   Template = "password_change"   // your password was changed
	EmailChanged     Template = "email_changed"     // your primary address is another now
	IdentityLinked   Template = "identity_linked"   // a provider was linked to you
	IdentityUnlinked Template = "identity_unlinked" // a provider was taken from you
	WaitlistApproved Template = "waitlist_approved" // what you waited for is yours
)

// NoticeLife is how long a notice of what concerns somebody's safety is worth
// sending.
const NoticeLife = 3 * 24 * time.Hour

// Message is the payload of a mail job. It names whom it is for and never holds
// an address that was submitted: the stored one is looked up when it is sent.
type Message struct {
	Template Template `json:"template"`
	// Whom it is for: where there is a token, whoever its address belongs to; else
	// the named address of the user, else the primary one, if it is verified.
	UserID   watchword.UserID   `json:"user_id,omitempty"`
	To       string             `json:"to,omitempty"` // a stored, proven address that its user may have removed by then
	EmailID  watchword.EmailID  `json:"email_id,omitempty"`
	ClientID watchword.ClientID `json:"client_id,omitempty"`
	Locale   string             `json:"locale,omitempty"`  // where the user has none
	Token    string             `json:"token,omitempty"`   // live: why job payloads are sealed
	Code     string             `json:"code,omitempty"`    // live as well
	Subject  string             `json:"subject,omitempty"` // what a notice speaks of: an address, a provider, a feature
	IP       string             `json:"ip,omitempty"`      // where the cause of a notice came from
	Agent    string             `json:"user_agent,omitempty"`
}

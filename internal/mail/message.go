package mail

import "watchword"

// Template names a sort of message.
type Template string

// The messages.
const (
	VerifyEmail     Template = "verify_email"      // confirm that an address is yours
	MagicLink       Template = "magic_link"        // sign in by link or code
	ResetPassword   Template = "reset_password"    // set a new password
	ResetNoPassword Template = "reset_no_password" // a reset was asked for, and there is no password
	Invite          Template = "invite"            // somebody invites you to an account
	AccountExists   Template = "account_exists"    // somebody signed up with your address
	RefreshReused   Template = "refresh_reused"    // an old token was replayed: a session was ended
	PasswordChange  Template = "password_change"   // your password was changed
	EmailChanged    Template = "email_changed"     // to the old address: there is a new primary one
	IdentityLinked  Template = "identity_linked"   // a provider was linked to your user
)

// Message is the payload of a mail job. It names whom it is for and never holds
// an address that was submitted: the stored one is looked up when it is sent.
type Message struct {
	Template Template           `json:"template"`
	UserID   watchword.UserID   `json:"user_id"`
	EmailID  watchword.EmailID  `json:"email_id,omitempty"` // empty: the primary address
	ClientID watchword.ClientID `json:"client_id,omitempty"`
	Locale   string             `json:"locale,omitempty"`
	Token    string             `json:"token,omitempty"` // live: why job payloads are sealed
}

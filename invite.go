package watchword

import "time"

// Delivery says how an invite reaches the person who is invited.
type Delivery string

// The two: the server mails it, or whoever invites hands the link over.
const (
	DeliverMail Delivery = "mail"
	DeliverLink Delivery = "link"
)

// InviteStatus says where an invite stands.
type InviteStatus string

// The states of an invite.
const (
	InvitePending  InviteStatus = "pending"
	InviteAccepted InviteStatus = "accepted"
	InviteRevoked  InviteStatus = "revoked"
	InviteExpired  InviteStatus = "expired"
)

// Invite asks whoever reads a mailbox to join an account.
type Invite struct {
	ID            InviteID
	Account       Account
	Address       string // canonical
	Role          Role
	Delivery      Delivery
	InvitedBy     UserID
	InviterName   string
	ClientID      ClientID
	Locale        string
	RedirectURI   string
	State         string
	CodeChallenge string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	AcceptedAt    time.Time // zero while it is not
	AcceptedBy    UserID
	RevokedAt     time.Time // zero while it is not
}

// Status is where the invite stands now.
func (i Invite) Status(now time.Time) InviteStatus {
	switch {
	case !i.AcceptedAt.IsZero():
		return InviteAccepted
	case !i.RevokedAt.IsZero():
		return InviteRevoked
	case !now.Before(i.ExpiresAt):
		return InviteExpired
	default:
		return InvitePending
	}
}

// InviteFilter selects invites; zero fields select all.
type InviteFilter struct {
	AccountID AccountID
	Status    InviteStatus
}

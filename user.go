package watchword

import "time"

// UserStatus says whether a user may start and keep sessions.
type UserStatus string

// The states of a user.
const (
	UserActive   UserStatus = "active"
	UserDisabled UserStatus = "disabled"
)

// User is a person who signs in. Email is the primary address, empty where
// there is none (a provider that gave none).
type User struct {
	ID            UserID
	Status        UserStatus
	Email         string
	EmailVerified bool
	Name          string
	Picture       string
	Locale        string
	Metadata      string // the user's own JSON object
	AdminMetadata string // the administrators' JSON object
	Administrator bool
	HasPassword   bool
	CreatedAt     time.Time
	UpdatedAt     time.Time // of what a change of the user moves on: not of a sign-in
	LastSignInAt  time.Time // zero before the first
	DeleteAt      time.Time // when they go for good; zero: not at all
}

// Revision is the state of a user: what they are, their addresses and identities.
func (u User) Revision() Revision { return RevisionOf(u.UpdatedAt) }

// TakesNotices says whether the user is told by mail what concerns their safety.
// An address that nobody has proven to read may be a stranger's mailbox.
func (u User) TakesNotices() bool { return u.Email != "" && u.EmailVerified }

// DeviceOwner is who has signed in on a browser. What is bound to it dies with
// the user and with their password.
type DeviceOwner struct {
	Address         string // canonical, that was signed in with
	UserID          UserID
	PasswordVersion int64
}

// Email is one address of a user. Address is canonical. Exclusive addresses
// (verified, or given at sign-up) belong to one user only; an added address is
// a mere claim until it is verified.
type Email struct {
	ID         EmailID
	UserID     UserID
	Address    string
	Primary    bool
	Exclusive  bool
	VerifiedAt time.Time // zero while unproven
	CreatedAt  time.Time
}

// Verified says whether the user has proven to read mail sent to the address.
func (e Email) Verified() bool { return !e.VerifiedAt.IsZero() }

// Identity is a user at a provider. (Issuer, Subject) is what it is known by.
type Identity struct {
	ID        IdentityID
	UserID    UserID
	Provider  string
	Issuer    string
	Subject   string
	Email     string
	CreatedAt time.Time
}

// UserRecord is all that administrators see of a user.
type UserRecord struct {
	User
	Emails      []Email
	Memberships []Membership
	Identities  []Identity
}

// UserFilter selects users; zero fields select all.
type UserFilter struct {
	// Text is an id, or the beginning of an address or of a name.
	Text   string
	Status UserStatus
}

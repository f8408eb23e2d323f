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
	LastSignInAt  time.Time // zero before the first
}

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

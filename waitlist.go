package watchword

import "time"

// FeatureName names something that users may wait for.
type FeatureName string

// MaxFeatureName is how many characters a feature's name has at the most.
const MaxFeatureName = 64

// Valid says whether this is a name that a feature can have: lower-case letters,
// digits, dots, - and _, the first a letter or a digit.
func (n FeatureName) Valid() bool {
	if n == "" || len(n) > MaxFeatureName {
		return false
	}
	for i := range len(n) {
		c := n[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return true
}

// Feature is something that users may wait for.
type Feature struct {
	ID          FeatureID
	Name        FeatureName
	Title       string // for people; may be empty
	Description string
	AddClaim    bool      // access tokens of approved users name it
	ClosedAt    time.Time // zero while users may join
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Waiting     int64 // how many wait
	Approved    int64 // how many have been approved
}

// Revision names the feature's present state. Who waits is no part of it.
func (f Feature) Revision() Revision { return RevisionOf(f.UpdatedAt) }

// WaitlistStatus says where somebody stands on a waitlist.
type WaitlistStatus string

// The two.
const (
	WaitlistWaiting  WaitlistStatus = "waiting"
	WaitlistApproved WaitlistStatus = "approved"
)

// WaitlistEntry is a user's place on a waitlist, in one of their accounts.
type WaitlistEntry struct {
	ID         WaitlistEntryID
	Feature    FeatureName
	AccountID  AccountID
	User       User // id; in lists of all who wait also name and primary address
	Status     WaitlistStatus
	JoinedAt   time.Time
	ApprovedAt time.Time // zero while waiting
}

// WaitlistFilter selects entries of a feature; zero fields select all.
type WaitlistFilter struct {
	AccountID AccountID
	Status    WaitlistStatus
}

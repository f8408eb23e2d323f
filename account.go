package watchword

import (
	"strconv"
	"time"
)

// Account is what users belong to and do their work in: a team, a company, or
// one person alone.
type Account struct {
	ID        AccountID
	Name      string
	Slug      string
	CreatedAt time.Time
	UpdatedAt time.Time // of a change of the account itself, not of who is in it
}

// Revision is the state of an account.
func (a Account) Revision() Revision { return RevisionOf(a.UpdatedAt) }

// Role is what a member may do in an account.
type Role string

// The roles, from the most to the least powerful.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

func (r Role) rank() int {
	switch r {
	case RoleOwner:
		return 3
	case RoleAdmin:
		return 2
	case RoleMember:
		return 1
	default:
		return 0
	}
}

// Valid says whether this is a role at all.
func (r Role) Valid() bool { return r.rank() > 0 }

// AtLeast says whether r may do everything that other may. Nobody grants or
// touches a role that is not at most their own.
func (r Role) AtLeast(other Role) bool { return other.Valid() && r.rank() >= other.rank() }

// Membership is a user in an account.
type Membership struct {
	ID       MembershipID
	UserID   UserID
	Account  Account
	Role     Role
	JoinedAt time.Time
}

// Member is a membership as the others in its account see it. Of User it holds
// the id, the name and the primary address.
type Member struct {
	ID          MembershipID
	User        User
	Role        Role
	RoleChanges int64 // how often the role was changed
	JoinedAt    time.Time
}

// Revision is the state of a member, whose role is all that changes; one that has
// come back is another state.
func (m Member) Revision() Revision {
	return Revision(string(m.ID) + "." + strconv.FormatInt(m.RoleChanges, 36))
}

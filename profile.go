package watchword

import "time"

// Profile is everything about a signed-in caller.
type Profile struct {
	User        User
	Emails      []Email
	Memberships []Membership
	Identities  []Identity
	// Waitlist is the places in the session's account.
	Waitlist []WaitlistEntry
	// Session holds what a profile shows of it: id, client, amr, auth time, mode,
	// account, and in ExpiresAt the nearer of its ends.
	Session Session
}

// Live says whether the session may be used now.
func (p Profile) Live(now time.Time) bool {
	return p.User.Status == UserActive && p.Session.RevokedAt.IsZero() && now.Before(p.Session.ExpiresAt)
}

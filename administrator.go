package watchword

import (
	"slices"
	"time"
)

// Administrator is who acts in the administration: the holder of an API key, or a
// signed-in user with the flag.
type Administrator struct {
	Actor    string    // as events name them
	Scopes   []Scope   // of the key; nil for a user
	Expires  time.Time // of the key; zero: never
	AuthTime time.Time // of the user's sign-in; zero for a key
	Origin   Origin
}

// FreshFor is how long after a sign-in a session may do what would take a user
// over for good: a token that was stolen is older, as is a browser left open.
const FreshFor = 10 * time.Minute

// What is asked of administrators who change administrators.
var (
	ErrFreshSignIn = NewError(KindForbidden, "fresh_sign_in_required",
		"This needs a sign-in of the last ten minutes. Sign in again.")
	ErrAdminsScope = NewError(KindForbidden, "insufficient_scope",
		"This is about an administrator, or would make one: it needs the scope admins:write.")
)

// MayMakeAdministrators says whether a may do at this time what makes
// administrators, takes one over or puts one out: nil, or why not. A key needs the
// scope, a user a fresh sign-in.
func (a Administrator) MayMakeAdministrators(now time.Time) error {
	switch {
	case a.AuthTime.IsZero():
		if !slices.Contains(a.Scopes, ScopeAdminsWrite) {
			return ErrAdminsScope
		}
		return nil
	case now.Sub(a.AuthTime) > FreshFor:
		return ErrFreshSignIn
	default:
		return nil
	}
}

package watchword

import "slices"

// Scope is what an API key may do in the administration.
type Scope string

// The scopes that a key can have.
const (
	ScopeUsersRead     Scope = "users:read"
	ScopeUsersWrite    Scope = "users:write"
	ScopeAccountsRead  Scope = "accounts:read"
	ScopeAccountsWrite Scope = "accounts:write"
	ScopeClientsRead   Scope = "clients:read"
	ScopeClientsWrite  Scope = "clients:write"
	ScopeWaitlistRead  Scope = "waitlist:read"
	ScopeWaitlistWrite Scope = "waitlist:write"
	ScopeEventsRead    Scope = "events:read"
	ScopeEventsWrite   Scope = "events:write"
	ScopeMailRead      Scope = "mail:read"
	ScopeMailWrite     Scope = "mail:write"
	ScopeKeysRead      Scope = "keys:read"
	ScopeKeysWrite     Scope = "keys:write"
	ScopeMetricsRead   Scope = "metrics:read"
	ScopeMetricsWrite  Scope = "metrics:write"
	ScopeAdminsWrite   Scope = "admins:write"
)

// Scopes lists every scope, in the order in which people read them.
func Scopes() []Scope {
	return []Scope{
		ScopeUsersRead, ScopeUsersWrite, ScopeAccountsRead, ScopeAccountsWrite,
		ScopeClientsRead, ScopeClientsWrite, ScopeWaitlistRead, ScopeWaitlistWrite,
		ScopeEventsRead, ScopeEventsWrite, ScopeMailRead, ScopeMailWrite,
		ScopeKeysRead, ScopeKeysWrite, ScopeMetricsRead, ScopeMetricsWrite, ScopeAdminsWrite,
	}
}

// Valid says whether this is a scope at all.
func (s Scope) Valid() bool { return slices.Contains(Scopes(), s) }

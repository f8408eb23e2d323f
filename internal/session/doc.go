// Package session starts, refreshes, switches and ends sessions, and says who
// is behind an access token.
//
// It owns the rules of rotation: one row for a session, one guarded UPDATE for a
// refresh, the same successor for the immediate predecessor within its grace,
// and the end of the session for anything older. It refuses to know how a
// person proved who they are; that is the journeys' business.
package session

// Package watchword holds the nouns of the server: users, addresses, accounts,
// sessions, clients, events, their typed identifiers, the one error type, and
// the rules about them that need nothing but the values themselves.
//
// It refuses everything else: no I/O, no SQL, no HTTP, no clock of its own and
// nothing outside the standard library. Every other package may import it.
package watchword

// Package signin holds the journeys that start a session, one file for each way
// in, and the one place (next) that decides what comes after a credential was
// found right.
//
// It owns their order: limits before hashes, hashes before transactions, the
// guard on the user's row before the session. It refuses to know how requests
// and answers look.
package signin

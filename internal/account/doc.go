// Package account holds users, their addresses and the accounts they belong to:
// making them, changing them, importing them.
//
// It owns what an address is (the one canonical form), what a profile may hold,
// and changes of a password by its owner. It refuses to start sessions.
package account

// Package secret owns everything that must not leak: the redacting types, the
// digests of tokens, sealing and keyed MACs under the server secret, the
// hashing of passwords with the pool that bounds it, the hash formats that
// other systems leave behind, and the rules that a new password must meet.
//
// It refuses storage, HTTP, settings and any knowledge of users or sessions;
// and it invents no cryptography: every primitive is the standard library's or
// golang.org/x/crypto's.
package secret

// Package token makes and reads what clients hold: access and ID tokens (JWT),
// refresh tokens, one-time tokens; and keeps the keys that sign the JWTs.
//
// It owns their formats, the signing keys' life (made, published, signing,
// retired, gone) and the key set that is published. It refuses to decide
// whether a session lives: a token that reads well is not yet a session.
package token

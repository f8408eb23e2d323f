package watchword

import (
	"slices"
	"time"
)

// ClientType is the OAuth client type of RFC 6749 §2.1.
type ClientType string

// The client types.
const (
	ClientPublic       ClientType = "public"
	ClientConfidential ClientType = "confidential"
)

// Method is a way to sign in that a client may offer.
type Method string

// The methods that are not providers; a provider's method is its id.
const (
	MethodPassword  Method = "password"
	MethodMagicLink Method = "magic_link"
	MethodPasskey   Method = "passkey"
)

// Lifetimes says how long what is issued lives. For a client of its own, zero is
// what holds for all.
type Lifetimes struct {
	AccessToken     time.Duration
	RefreshIdle     time.Duration
	RefreshAbsolute time.Duration
	RefreshShort    time.Duration // absolute, where the user asked not to be remembered
	RefreshGrace    time.Duration // in which the immediate predecessor still gets the successor
}

// Client is an application that asks for sign-in on behalf of its users.
type Client struct {
	ID           ClientID
	Name         string
	Type         ClientType
	Audience     string // of its access tokens
	RedirectURIs []string
	Origins      []string // for CORS and the cross-origin check
	Methods      []Method // empty: all that are set up
	Lifetimes    Lifetimes
	// LoopbackOrigins admits any http://localhost and http://127.0.0.1 origin and
	// redirect: only ever set on the built-in client under dev.
	LoopbackOrigins bool
}

// Offers says whether the client lets people in by this method.
func (c Client) Offers(m Method) bool {
	return len(c.Methods) == 0 || slices.Contains(c.Methods, m)
}

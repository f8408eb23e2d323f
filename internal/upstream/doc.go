// Package upstream is the server's side as a client of others: it sends people to
// the provider that they sign in at, and finds out who came back.
//
// It owns what is said to a provider and what is believed of its answer: issuer,
// audience, nonce, signature, and whether an address is proven. It refuses rules
// about users: who a person is here is for the journeys to say. It keeps nothing
// but what providers publish of themselves.
package upstream

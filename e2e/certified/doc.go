// Package certified runs a certified OpenID provider, npm's oidc-provider, for the
// tests to sign in at, and a person who does so.
//
// It owns how that provider is set up and what its pages ask. It refuses to know
// anything of the server under test.
package certified

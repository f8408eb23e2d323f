// Package oauth is the server's side of OAuth 2.0 and OpenID Connect: the endpoints
// that take forms and speak their specifications' own words.
//
// It owns how a client authenticates there, how errors look, and what discovery
// says. It refuses rules about sessions and codes, which the journeys have. What it
// serves is described and mounted by package api, which knows the whole OpenAPI.
package oauth

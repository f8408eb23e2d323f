// Package oauth is the server's side of OAuth 2.0: the endpoints that take forms
// and speak their RFC's own words.
//
// It owns how a client authenticates there and how errors look. It refuses rules
// about sessions and codes, which the journeys have.
package oauth

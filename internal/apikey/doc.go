// Package apikey holds the keys by which programs administer the server: wk_ and
// 256 bits, stored as digests, with scopes and an end.
//
// It owns which keys somebody may make and end: none with more power than their own.
// It refuses to know what an operation needs; each operation names its scope.
package apikey

// Package web owns everything about HTTP that is not an operation: the server
// and its draining, the chain of middlewares around the routes, problem
// answers, request ids, client addresses, body and JSON strictness, cookies,
// CSRF, the cross-origin check and CORS, security headers, logs and metrics.
//
// It refuses to know what the routes do: no operations, no storage, no users.
// What it needs to know of client applications it asks through [Origins].
//
// [Handler] lists the chain in order. Deviations of single routes from the
// rules that hold for all are stated once, in the table given to [NewMux].
package web

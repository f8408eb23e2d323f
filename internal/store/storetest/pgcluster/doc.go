// Package pgcluster runs throw-away PostgreSQL clusters: one New is an initdb in
// a folder of its own and a server that listens on a Unix socket in that folder,
// so that it takes no port and nobody else on the machine can reach it. It is for
// tests and benchmarks and works on Unix only.
//
// A cluster never outlives its process. A guard process holds the other end of a
// pipe; when the pipe closes, by Close, a panic, a time-out or kill -9, the guard
// stops the server and removes the folder. No TestMain is needed.
//
// It refuses to keep data, to serve anything over a network, to run PostgreSQL as
// root (root's clusters belong to the user postgres), and to know about testing:
// storetest wraps it for tests.
package pgcluster

// Package e2e holds tests of the built program: it runs as a child process on
// real sockets and real databases, is drained, killed, cut off from its database
// and run out of disk, and must keep what it has promised. Unlike the tests in
// cmd/watchword it knows nothing of the inside.
//
// It refuses to be imported. Under -short nothing here runs, since all of it
// needs more than Go.
package e2e

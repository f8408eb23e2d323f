// Package client knows the client applications: those of the settings, which
// stay as they are while the server runs, and those in the database, which
// administrators make, change and delete.
//
// It owns who they are, how a confidential one authenticates, and which web
// origins may call for whom. It refuses everything about users: what a client may
// do in their name is a matter of sessions.
package client

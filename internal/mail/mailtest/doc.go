// Package mailtest is a real mail server for tests and measurements: what the
// product sends goes over a socket, and can be held up or refused as mail servers
// do.
//
// It keeps mails in memory and delivers them to nobody.
package mailtest

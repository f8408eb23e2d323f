// Package transfer takes everything out of a server as JSON lines and brings it
// into another, on either engine: one object a line with its type, in the order of
// types and ids, rows as they are. The format is described in docs/operations.md.
//
// It owns the format and what makes a row acceptable. It carries nothing that opens
// something by itself (sessions, links under way, API keys, signing keys) and no
// record of the past (events, jobs); and it checks what keeps the server going, not
// the rules that people are held to: what is in one server must go into the next.
package transfer

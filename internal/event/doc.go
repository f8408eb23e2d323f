// Package event writes the audit record: one line for everything that matters
// to security, in the transaction of what it tells of, so that neither is there
// without the other.
//
// It owns who is named as the actor and the summing up of throttled attempts.
// It refuses details that are secret or that a stranger has typed.
package event

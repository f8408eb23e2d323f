// Package waitlist lets users wait for features, and lets administrators decide
// who gets them.
//
// It owns who may join and leave, the order of the queue, approvals and who is
// told of them. It refuses to name another user or account than the caller's own
// where users act, and to keep others waiting while many are approved or deleted.
package waitlist

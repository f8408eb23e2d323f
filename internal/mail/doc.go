// Package mail holds the messages that the server sends to people.
//
// It owns which messages there are and what each needs to be written. It
// refuses to decide when one is sent: a journey queues it as a job in the
// transaction of its cause.
package mail

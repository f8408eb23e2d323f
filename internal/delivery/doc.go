// Package delivery takes mails from the queue to the mailbox, and under dev to
// the inbox of development.
//
// It owns what a message needs besides its payload (whose address, which link,
// which language), whether anybody still wants it, and which failure is worth
// another try. It refuses to decide that a mail is sent: a journey queues it in
// the transaction of its cause.
package delivery

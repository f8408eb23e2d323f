// Package mail holds the letters that the server sends to people: what they
// say, how they look, and how they are handed to a mail server.
//
// It owns which letters there are, their templates in every language, what
// becomes of text that somebody else chose before it stands in one, and the
// conversation with the mail server. It refuses to decide when a letter is sent
// and to whom: a journey queues it as a job in the transaction of its cause,
// and who delivers looks the address up.
package mail

// Package idempotency lets a call that makes something be sent again, after an
// answer that was lost, without making it twice.
//
// It owns what a key stands for and how long: who calls, with which key, asking for
// what. It refuses to keep answers: a repetition is answered with what was made, as
// it is now, and with what is shown once.
package idempotency

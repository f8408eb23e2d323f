// Package job does work that outlives the request that caused it: a durable
// queue in the same database, written in the transaction of the cause, and
// tasks that recur.
//
// It owns claiming, retrying with backoff, giving up, and the sealing of
// payloads, which may hold live tokens. It refuses to know what a job does.
package job

// Package limit counts attempts, so that nobody can guess, spray or flood: how
// often a key (a network, an address, a session) may do something in a stretch
// of time, and how long it must wait after wrong answers in a row. It counts in
// memory on one node and in Redis where several nodes share their counts; while
// Redis is away each node counts alone, by stricter rules.
//
// It owns the counting, its bounds in memory, the falling back and its alarm.
// It refuses HTTP, the settings, and the question what is to be limited by what:
// callers name the rule and the key. Keys are kept and sent to Redis as keyed
// digests only. It runs nothing in the background.
package limit

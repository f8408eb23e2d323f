// Package jsonlines reads what is brought in as JSON lines: one object a line, one
// line in memory at a time. What it says of a line is where it is wrong, and never
// what stands there. What a line means is its callers' affair.
package jsonlines

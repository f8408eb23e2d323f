package web

import (
	"encoding/hex"
	"fmt"
	"io"
)

const (
	headerRequestID = "X-Request-Id"
	requestIDBytes  = 12
)

// newRequestID makes the id of a call. It is always ours: an id that a caller
// may choose could be made to collide with another's in the audit record.
func (c *chain) newRequestID(into *call) string {
	if _, err := io.ReadFull(c.random, into.idBytes[:]); err != nil {
		panic(fmt.Sprintf("the random source failed: %v", err)) // crypto/rand ends the process itself
	}
	return hex.EncodeToString(into.idBytes[:])
}

// wellFormedRequestID gives back an id that may be written to the log beside
// ours, and nothing for any other text: a log line is no place for what a
// stranger composes.
func wellFormedRequestID(id string) string {
	if len(id) < 8 || len(id) > 64 {
		return ""
	}
	for i := range len(id) {
		b := id[i]
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		case b == '.', b == '_', b == '-':
		default:
			return ""
		}
	}
	return id
}

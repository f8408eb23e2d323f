package store

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxNameKey bounds a key in characters: Postgres takes no more than 2,700 bytes
// into an index, and one character may fold to eighteen.
const maxNameKey = 64

// NameKey is a name as it is searched by: what people take for the same letter is
// the same, and the beginning of the name is the beginning of the key.
func NameKey(name string) string {
	key := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(strings.TrimSpace(name))))
	count := 0
	for i := range key {
		if count == maxNameKey {
			return key[:i]
		}
		count++
	}
	return key
}

// endOf sorts behind everything that begins with the text, and before all else
// that does not.
func endOf(text string) string { return text + "\U0010ffff\U0010ffff" }

package watchword

import (
	"unicode"
	"unicode/utf8"
)

// Disguises says whether a rune in a text for people could hide or reorder the rest
// of it in a list or a mail: control and format characters, separators of lines, and
// what stands for bytes that are none. Scripts and emoji need the joiners.
func Disguises(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}

package secret

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold turns each character into one ASCII byte for the comparison with words
// and for zxcvbn, which mixes bytes and characters up: é is e, and what has no
// ASCII base is a letter that keeps neighbours neighbours.
func fold(text string) string {
	folded := make([]byte, 0, len(text))
	for _, r := range text {
		if r >= utf8.RuneSelf {
			r, _ = utf8.DecodeRuneInString(norm.NFKD.String(string(r)))
		}
		if r >= utf8.RuneSelf {
			r = 'a' + r%26
		}
		folded = append(folded, byte(r))
	}
	return string(folded)
}

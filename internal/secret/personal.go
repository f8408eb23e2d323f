package secret

import (
	"strings"
	"unicode"
)

const (
	// minPersonalWord keeps initials and "de" from counting.
	minPersonalWord = 3
	// maxPersonalWords bounds the search, whatever somebody says their name is.
	maxPersonalWords = 64
)

// personalWords splits names and addresses into the words that a guesser would
// try: "jane.doe@mail.example" has jane, doe, mail and example.
func personalWords(about []string) []string {
	var words []string
	for _, text := range about {
		words = append(words, strings.FieldsFunc(text, isSeparator)...)
	}
	var kept []string
	for _, word := range words {
		word = strings.ToLower(fold(word))
		if len(word) >= minPersonalWord && len(kept) < maxPersonalWords {
			kept = append(kept, word)
		}
	}
	return kept
}

func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

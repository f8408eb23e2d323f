package secret

import (
	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/scoring"
)

// scoredWindow is how many characters zxcvbn sees at once: its work grows with
// the length, unbounded. A longer password is scored by its first and its last
// ones, and has the better score of the two: the whole is no easier to guess
// than a part of it. docs/decisions/0003-password-strength.md has the figures.
const scoredWindow = 24

// strength is how a password stands against guessing.
type strength struct {
	common        bool // a dictionary word or known password, as it is
	score         int  // of zxcvbn
	informedScore int  // the same for somebody who knows the personal words
	personal      bool // a personal word is in it
	rest          int  // characters that no personal word covers
}

// assess stops at the first window that has the wanted score.
func assess(text string, words []string, wanted int) strength {
	folded := fold(text)
	found := findWords(folded, words)
	s := strength{personal: len(found) > 0, rest: uncovered(len(folded), found)}
	for _, window := range windows(folded) {
		known := listedWords(window)
		s.common = s.common || len(window) == len(folded) && anyCovers(known, len(window))
		known = append(known, patterns(window)...)
		s.score = max(s.score, score(window, known))
		informed := append(known, findWords(window, words)...)
		s.informedScore = max(s.informedScore, score(window, informed))
		if s.informedScore >= wanted {
			break
		}
	}
	return s
}

func windows(folded string) []string {
	if len(folded) <= scoredWindow {
		return []string{folded}
	}
	return []string{folded[:scoredWindow], folded[len(folded)-scoredWindow:]}
}

func score(window string, known []match.Match) int {
	return scoring.MinimumEntropyMatchSequence(window, known).Score
}

func anyCovers(known []match.Match, length int) bool {
	for _, m := range known {
		if m.I == 0 && m.J == length-1 {
			return true
		}
	}
	return false
}

func uncovered(length int, found []match.Match) int {
	covered := make([]bool, length)
	for _, m := range found {
		for i := m.I; i <= m.J; i++ {
			covered[i] = true
		}
	}
	rest := 0
	for _, c := range covered {
		if !c {
			rest++
		}
	}
	return rest
}

// newMatch is window[start:end], whose entropy is yet to be told.
func newMatch(pattern, window string, start, end int) match.Match {
	return match.Match{Pattern: pattern, I: start, J: end - 1, Token: window[start:end]}
}

package secret

import (
	"slices"
	"strings"
	"time"

	"github.com/ccojocar/zxcvbn-go/adjacency"
	"github.com/ccojocar/zxcvbn-go/entropy"
	"github.com/ccojocar/zxcvbn-go/match"
)

// patterns finds what is guessed without a list. The library's own matchers
// cannot be had without its lists, which its package decodes before main.
func patterns(window string) []match.Match {
	return slices.Concat(keyboardWalks(window), repeats(window), sequences(window), dates(window))
}

// stretch is where three or more characters follow from one another.
type stretch struct{ start, end int }

// stretches cuts window up; linked says whether the character at a place goes
// on with a stretch from start.
func stretches(window string, linked func(start, at int) bool) []stretch {
	var all []stretch
	for start := 0; start < len(window); {
		end := start + 1
		for end < len(window) && linked(start, end) {
			end++
		}
		if end-start >= 3 {
			all = append(all, stretch{start, end})
		}
		start = max(start+1, end-1) // the last one may begin another
	}
	return all
}

// keyboardWalks finds keys beside one another: qwerty, 1qaz, 7894.
func keyboardWalks(window string) []match.Match {
	var all []match.Match
	for _, layout := range []string{"qwerty", "dvorak", "keypad", "macKeypad"} {
		keys := adjacency.GraphMap[layout]
		beside := func(_, at int) bool {
			direction, _ := keyStep(keys, window[at-1], window[at])
			return direction != nowhere
		}
		for _, s := range stretches(window, beside) {
			m := newMatch("spatial", window, s.start, s.end)
			m.DictionaryName = keys.Name // which tells SpatialEntropy how many keys there are
			turns, shifted := bends(keys, m.Token)
			m.Entropy = entropy.SpatialEntropy(m, turns, shifted)
			all = append(all, m)
		}
	}
	return all
}

const nowhere = -1

// keyStep is the direction from one key to another beside it, and 1 if that is
// typed with Shift.
func keyStep(keys adjacency.Graph, from, to byte) (direction, shifted int) {
	for direction, key := range keys.Graph[string(from)] {
		if at := strings.IndexByte(key, to); at >= 0 {
			return direction, at
		}
	}
	return nowhere, 0
}

// bends counts how often a walk takes a new direction, the first included, and
// its keys with Shift, the first excepted.
func bends(keys adjacency.Graph, walk string) (turns, shifted int) {
	last := nowhere
	for at := 1; at < len(walk); at++ {
		direction, shift := keyStep(keys, walk[at-1], walk[at])
		if direction != last {
			turns++
		}
		last = direction
		shifted += shift
	}
	return turns, shifted
}

// repeats finds one character again and again, in either case: aaa, aAa.
func repeats(window string) []match.Match {
	lower := strings.ToLower(window)
	same := func(_, at int) bool { return lower[at] == lower[at-1] }
	var all []match.Match
	for _, s := range stretches(window, same) {
		m := newMatch("repeat", window, s.start, s.end)
		m.Entropy = entropy.RepeatEntropy(m)
		all = append(all, m)
	}
	return all
}

// sequences finds pieces of an alphabet, forwards and backwards: abc, 9876.
func sequences(window string) []match.Match {
	step := func(at int) int { return int(window[at]) - int(window[at-1]) }
	next := func(start, at int) bool {
		return (step(at) == 1 || step(at) == -1) && step(at) == step(start+1) &&
			alphabet(window[at-1]) > 0 && alphabet(window[at]) > 0
	}
	var all []match.Match
	for _, s := range stretches(window, next) {
		m := newMatch("sequence", window, s.start, s.end)
		m.Entropy = entropy.SequenceEntropy(m, alphabet(window[s.start]), step(s.start+1) > 0)
		all = append(all, m)
	}
	return all
}

// alphabet is the size of the one that has the character, or 0. No two of them
// touch in ASCII.
func alphabet(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return 10
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return 26
	default:
		return 0
	}
}

const digits = "0123456789"

// Dates as people write them; every separator is read as a hyphen.
var (
	dateLayouts = []string{
		"2-1-2006", "1-2-2006", "2006-1-2", "2-1-06", "1-2-06", "06-1-2",
		"02012006", "01022006", "20060102", "020106", "010206", "060102",
	}
	dateSeparators = strings.NewReplacer("/", "-", `\`, "-", "_", "-", ".", "-", " ", "-")
)

const (
	shortestDate = len("1-1-90")
	longestDate  = len("31-12-1990")
)

// dates finds days of the years from 1900 to 2099, with any separators or none.
func dates(window string) []match.Match {
	text := dateSeparators.Replace(window)
	var all []match.Match
	for start := range len(text) {
		for end := start + shortestDate; end <= min(start+longestDate, len(text)); end++ {
			year, ok := yearOf(text[start:end])
			if !ok {
				continue
			}
			m := newMatch("date", window, start, end)
			separator := strings.Trim(m.Token, digits)
			m.Entropy = entropy.DateEntropy(match.DateMatch{Year: year, Separator: separator})
			all = append(all, m)
		}
	}
	return all
}

// yearOf is the year of a date.
func yearOf(text string) (year int64, ok bool) {
	if strings.Trim(text, "-"+digits) != "" || text[0] == '-' { // most are no dates, and an error of Parse is dear
		return 0, false
	}
	for _, layout := range dateLayouts {
		if day, err := time.Parse(layout, text); err == nil && 1900 <= day.Year() && day.Year() < 2100 {
			return int64(day.Year()), true
		}
	}
	return 0, false
}

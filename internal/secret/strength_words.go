package secret

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/ccojocar/zxcvbn-go/data"
	"github.com/ccojocar/zxcvbn-go/entropy"
	"github.com/ccojocar/zxcvbn-go/match"
)

// longestWord is that of the lists.
const longestWord = 22

// listed is a word of the lists, filled up with NUL. Without pointers 85,000 of them
// are one object to the garbage collector, which as strings it would visit one by
// one at every cycle, and every password hash brings a cycle nearer.
type listed [longestWord]byte

func listedOf(word string) (l listed) {
	copy(l[:], word)
	return l
}

// ranks says how early a guesser tries a word: its place in the library's list
// that has it first. The lists are decoded at the first use, because that takes
// longer than all else that a start does; the library's own package for them
// does it before main.
var ranks = sync.OnceValue(func() map[listed]int32 {
	ranks := make(map[listed]int32, 90_000)
	for _, name := range []string{"Passwords", "English", "FemaleNames", "MaleNames", "Surnames"} {
		var words struct{ List []string }
		if err := json.Unmarshal(data.MustAsset("data/"+name+".json"), &words); err != nil {
			panic(fmt.Sprintf("the list %s is damaged: %v", name, err)) // it is part of the program
		}
		for i, word := range words.List {
			l, place := listedOf(word), int32(i+1)
			if rank, known := ranks[l]; !known || place < rank {
				ranks[l] = place
			}
		}
	}
	return ranks
})

// listedWords finds the words of the library's lists, plain and in leet.
func listedWords(window string) []match.Match {
	ranks := ranks()
	var known []match.Match
	for _, reading := range readings(window) {
		lower := strings.ToLower(reading)
		for start := range len(lower) {
			var word listed
			for end := start + 1; end <= min(start+longestWord, len(lower)) && lower[end-1] != 0; end++ {
				word[end-1-start] = lower[end-1]
				if rank, ok := ranks[word]; ok {
					m := newMatch("dictionary", reading, start, end)
					m.Entropy = entropy.DictionaryEntropy(m, float64(rank))
					known = append(known, m)
				}
			}
		}
	}
	return known
}

// findWords finds the personal words, as entries of a dictionary that is as
// short as the list of them.
func findWords(folded string, words []string) []match.Match {
	var known []match.Match
	for _, reading := range readings(strings.ToLower(folded)) {
		for rank, word := range words {
			for at := 0; ; at++ {
				next := strings.Index(reading[at:], word)
				if next < 0 {
					break
				}
				at += next
				m := newMatch("dictionary", folded, at, at+len(word))
				m.Entropy = math.Log2(float64(rank + 2))
				known = append(known, m)
			}
		}
	}
	return known
}

// Leet characters and what they stand for; the last four stand for two letters
// each, so there are two readings instead of every combination: the library
// tries them all, which takes a second for 64 characters.
const (
	leet       = `4@8({[<369$05+%2` + `1!|7`
	leetFirst  = `aabcccceggsostxz` + `iiit`
	leetSecond = `aabcccceggsostxz` + `llll`
)

// readings is the text and what it says where it is leet: at most three texts,
// of the same length.
func readings(text string) []string {
	all := []string{text}
	for _, letters := range []string{leetFirst, leetSecond} {
		reading := strings.Map(func(r rune) rune {
			if i := strings.IndexRune(leet, r); i >= 0 {
				return rune(letters[i])
			}
			return r
		}, text)
		if reading != all[len(all)-1] {
			all = append(all, reading)
		}
	}
	return all
}

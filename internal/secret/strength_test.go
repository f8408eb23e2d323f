package secret

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/ccojocar/zxcvbn-go/frequency"
	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/matching"
)

// The library's matchers may be imported by tests alone: with them comes a
// package that decodes 85,000 words before main, at every start.
func TestListsAreNotDecodedBeforeMain(t *testing.T) {
	t.Parallel()
	deps, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if strings.Contains(string(deps), "zxcvbn-go/frequency") {
		t.Error("the package with the decoded lists is imported")
	}
}

func TestListsAreAsTheSearchTakesThem(t *testing.T) {
	t.Parallel()
	listed, longest := map[string]bool{}, ""
	for _, list := range frequency.Lists {
		for _, word := range list.List {
			listed[word] = true
			if len(word) > len(longest) {
				longest = word
			}
			if ranks()[listedOf(word)] == 0 || word != strings.ToLower(fold(word)) || strings.Contains(word, "\x00") {
				t.Fatalf("%q is not found as it stands", word)
			}
		}
	}
	if len(longest) != longestWord {
		t.Errorf("the longest word, %q, has %d characters", longest, len(longest))
	}
	if len(ranks()) != len(listed) {
		t.Errorf("%d words, of the %d in the lists", len(ranks()), len(listed))
	}
}

// found is what matters of matches: the least entropy of each place.
func found(matches []match.Match) map[[2]int]float64 {
	least := map[[2]int]float64{}
	for _, m := range matches {
		place := [2]int{m.I, m.J}
		if e, known := least[place]; !known || m.Entropy < e {
			least[place] = m.Entropy
		}
	}
	return least
}

// byLibrary runs the library's matchers of these names.
func byLibrary(window string, names ...string) []match.Match {
	return matching.Omnimatch(window, nil, func(m match.Matcher) bool { return !slices.Contains(names, m.ID) })
}

func FuzzMatchesAreThoseOfTheLibrary(f *testing.F) {
	for _, seed := range []string{
		"", "a", "zxcvbn", "qazWSX!2#", "aoeuidHTNS", "78945612/*-", "QWErty", "asdfdsa",
		"aaaAAAb", "1111", "xxyyyzz", "P@ssw0rd", "c0rrect H0RSE", "j0hN5m1th", "l|nd4", "tEsTing", "ﬁﬀé", "pass\x00word",
	} {
		f.Add(seed)
	}
	lists := slices.Collect(maps.Keys(frequency.Lists))
	f.Fuzz(func(t *testing.T, text string) {
		window := windows(fold(text))[0]
		var words []match.Match
		for _, reading := range readings(window) {
			words = append(words, byLibrary(reading, lists...)...)
		}
		for _, c := range []struct {
			what        string
			ours, their []match.Match
		}{
			{"words", listedWords(window), words},
			{"walks", keyboardWalks(window), byLibrary(window, "SPATIAL")},
			{"repeats", repeats(window), byLibrary(window, "REPEAT")},
		} {
			if ours, their := found(c.ours), found(c.their); !maps.Equal(ours, their) {
				t.Errorf("%s of %q: %v, and by the library %v", c.what, window, ours, their)
			}
		}
	})
}

func tokens(matches []match.Match) string {
	var all []string
	for _, m := range matches {
		all = append(all, m.Token)
	}
	return strings.Join(all, " ")
}

func TestSequences(t *testing.T) {
	t.Parallel()
	for window, want := range map[string]string{
		"abc":         "abc",
		"xABCDx":      "ABCD",
		"98765":       "98765",
		"cba!":        "cba", // the library takes the ! with it
		"babcd":       "abcd",
		"abcba":       "abc cba",
		"abdac":       "",
		"aceg":        "",
		"89:;":        "",
		"Z[\\]^_`a":   "",
		"xyzab":       "xyz",
		"wxyz{":       "wxyz",
		"zyx-123-321": "zyx 123 321",
	} {
		if got := tokens(sequences(window)); got != want {
			t.Errorf("%q: got %q, want %q", window, got, want)
		}
	}
}

func TestSequenceIsAsGuessableAsItsStart(t *testing.T) {
	t.Parallel()
	entropy := func(window string) float64 { return sequences(window)[0].Entropy }
	if entropy("abcd") >= entropy("ijkl") || entropy("ijkl") >= entropy("lkji") || entropy("1234") >= entropy("4567") {
		t.Error("a sequence from the beginning, or forwards, is not the easier one")
	}
	if entropy("4567") >= entropy("ijkl") || entropy("abcd") >= entropy("abcdefgh") {
		t.Error("a longer alphabet or a longer sequence is not the harder one")
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for window, want := range map[string]string{
		"24121990":     "24121990",
		"12241990":     "12241990",
		"19901224":     "19901224",
		"241290":       "241290",
		"anna24121990": "24121990", // the library misses what ends the password
		"1990-12-24":   "1990-12-24",
		"24.12.1990x":  "24.12.1990",
		"4/7/1990":     "4/7/1990",
		`04\07_1990`:   `04\07_1990`,
		"4 7 90":       "4 7 90",
		"24122090":     "24122090",
		"-4-12-90-":    "4-12-90",
	} {
		found := dates(window)
		if !slices.ContainsFunc(found, func(m match.Match) bool { return m.Token == want && window[m.I:m.J+1] == want }) {
			t.Errorf("%q: got %q, want %q among them", window, tokens(found), want)
		}
	}
	for _, window := range []string{"", "901", "995499", "1990-", "1990-13-", "99-99-1990", "twelve", "4--12-90"} {
		if found := dates(window); len(found) > 0 {
			t.Errorf("%q: got %q", window, tokens(found))
		}
	}
}

func TestDateIsNoPassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"24.12.1990", "1990-12-24", "anna24121990", "24/12/1990!"} {
		if got := brokenRules(t, contractPolicy().Check(NewString(password))); !slices.Equal(got, []string{"too_guessable"}) {
			t.Errorf("%q: got %v", password, got)
		}
	}
}

package secret

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"watchword"
)

func contractPolicy() Policy { return Policy{MinLength: 10, MinScore: 3, Product: "Watchword"} }

// brokenRules lists the field codes of a refusal.
func brokenRules(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	refusal, ok := errors.AsType[*watchword.Error](err)
	if !ok || refusal.Kind != watchword.KindInvalid {
		t.Fatalf("refused with %v", err)
	}
	var codes []string
	for _, field := range refusal.Fields {
		if field.Field != "password" || field.Message == "" {
			t.Errorf("field error %+v", field)
		}
		codes = append(codes, field.Code)
	}
	return codes
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	about := []string{"alice.smith@mail.example.com", "Alice Smith"}
	for _, c := range []struct {
		password string
		want     string // one code, or none
	}{
		{"", "too_short"},
		{"kZ9#vQx2!", "too_short"},
		{"kZ9#vQx2!p", ""},
		{"correct horse battery staple", ""},
		{"violet-kettle-91", ""},
		{"  kZ9#vQx2  ", ""},
		{"пароль-секрет", ""},
		{strings.Repeat("a", 129), "too_long"},
		{strings.Repeat("correct horse ", 9) + "ba", ""}, // 128
		{strings.Repeat("correct horse ", 9) + "bat", "too_long"},

		{"1234567890", "too_common"},
		{"QwertyUiop", "too_common"},
		{"FRIENDSHIP", "too_common"},
		{"fr1end$h1p", "too_common"},

		{"password1234", "too_guessable"},
		{"P@ssw0rd2024", "too_guessable"},
		{"pässwörd1234", "too_guessable"},
		{"aaaaaaaaaaaa", "too_guessable"},
		{"abcdefghijkl", "too_guessable"},
		{"qazwsxedcrfv", "too_guessable"},
		{"          ", "too_guessable"},
		{strings.Repeat("a", 128), "too_guessable"},

		{"alice.smith2024", "contains_personal"},
		{"AliceSmith!", "contains_personal"},
		{"4l1c3.5m1th", "contains_personal"},
		{"alice@mail.example.com", "contains_personal"},
		{"example-mail-1", "contains_personal"},
		{"W4tchw0rd!!", "contains_personal"},
		{"watchwordwatchword", "contains_personal"},
		{"alice-Zk39vQx!2p", ""}, // enough remains
	} {
		got := strings.Join(brokenRules(t, contractPolicy().Check(NewString(c.password), about...)), ",")
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.password, got, c.want)
		}
	}
}

func TestPersonalWordsCountForTheScoreToo(t *testing.T) {
	t.Parallel()
	p := contractPolicy()
	const password = "xanthippe-password" // enough remains, but nothing good
	if codes := brokenRules(t, p.Check(NewString(password))); codes != nil {
		t.Fatalf("to a stranger: %v", codes)
	}
	codes := brokenRules(t, p.Check(NewString(password), "xanthippe@example.org"))
	if !slices.Equal(codes, []string{"contains_personal"}) {
		t.Errorf("to one who knows the user: %v", codes)
	}
}

func TestPersonalWordsAreBounded(t *testing.T) {
	t.Parallel()
	words := personalWords([]string{strings.Repeat("word ", 10_000), "é1é ab"})
	if len(words) != maxPersonalWords {
		t.Errorf("%d words", len(words))
	}
	if words := personalWords([]string{"J. Döe-Fée@de.example", "al"}); !slices.Equal(words, []string{"doe", "fee", "example"}) {
		t.Errorf("got %q", words)
	}
}

func TestWeakStartOrWeakEndDoesNotSpoilALongPassword(t *testing.T) {
	t.Parallel()
	p := contractPolicy()
	weak, strong := strings.Repeat("a", 30), "kZ9#vQx2!pLm"
	for _, password := range []string{weak + strong, strong + weak} {
		if err := p.Check(NewString(password)); err != nil {
			t.Errorf("%q: %v", password, brokenRules(t, err))
		}
	}
	if err := p.Check(NewString(weak + weak)); err == nil {
		t.Error("long and weak throughout passes")
	}
}

// Beyond a bounded window zxcvbn takes seconds and minutes.
func TestScoringSeesABoundedWindowOnly(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, scoredWindow, scoredWindow + 1, MaxPasswordLength} {
		folded := strings.Repeat("4@8({[<369$05+%2!1|7", 7)[:length]
		all := windows(folded)
		if len(all) > 2 || !strings.HasPrefix(folded, all[0]) || !strings.HasSuffix(folded, all[len(all)-1]) {
			t.Errorf("length %d: windows %q", length, all)
		}
		for _, window := range all {
			if len(window) > scoredWindow {
				t.Errorf("length %d: a window of %d", length, len(window))
			}
			if n := len(readings(window)); n > 3 {
				t.Errorf("length %d: %d leet readings", length, n)
			}
		}
	}
}

func TestLeetIsReadBothWays(t *testing.T) {
	t.Parallel()
	got := readings("4@8({[<369$05+%2!1|7 x")
	want := []string{"4@8({[<369$05+%2!1|7 x", "aabcccceggsostxziiit x", "aabcccceggsostxzllll x"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := readings("plain"); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestLengthCountsCharactersAfterNFC(t *testing.T) {
	t.Parallel()
	p := Policy{MinLength: 10}
	nine, ten := strings.Repeat("o\u0308x", 4)+"z", strings.Repeat("o\u0308x", 5)
	if codes := brokenRules(t, p.Check(NewString(nine))); !slices.Contains(codes, "too_short") {
		t.Errorf("nine characters in %d code points: %v", utf8.RuneCountInString(nine), codes)
	}
	if codes := brokenRules(t, p.Check(NewString(ten))); slices.Contains(codes, "too_short") {
		t.Errorf("ten characters: %v", codes)
	}
	long := strings.Repeat("o\u0308xk\u0308q", 32) // k̈ has no composed form: 160 code points
	if codes := brokenRules(t, p.Check(NewString(long))); !slices.Equal(codes, []string{"too_long"}) {
		t.Errorf("too many characters: %v", codes)
	}
}

func TestClassesAreAskedForOnlyWhereSet(t *testing.T) {
	t.Parallel()
	p := contractPolicy()
	p.Classes = ClassesRequired
	for password, want := range map[string][]string{
		"correct horse battery staple": {"needs_classes"},
		"Correct horse battery 1":      nil,
		"short":                        {"too_short", "needs_classes"},
		"CORRECT HORSE BATTERY 1":      {"needs_classes"},
		"CorrectHorseBattery1":         {"needs_classes"},
		"Correct horse battery":        {"needs_classes"},
	} {
		if got := brokenRules(t, p.Check(NewString(password))); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", password, got, want)
		}
	}
}

func TestPasswordThatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"kZ9#vQx2!p\xff", "kZ9#vQx2\x00!pLm", "\xed\xa0\x80kZ9#vQx2!p"} {
		if got := brokenRules(t, contractPolicy().Check(NewString(password))); !slices.Equal(got, []string{"malformed"}) {
			t.Errorf("%q: got %v", password, got)
		}
	}
}

func TestRefusalHasTheContractsCodeAndNeverThePassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"canary-x", "canarycanary", strings.Repeat("canary", 30), "canary\x00canary"} {
		err := contractPolicy().Check(NewString(password), "canary@example.com")
		refusal, ok := errors.AsType[*watchword.Error](err)
		if !ok {
			t.Fatalf("%q: %v", password, err)
		}
		if refusal.Code != "password_too_weak" && refusal.Fields[0].Code != "malformed" {
			t.Errorf("%q: code %s", password, refusal.Code)
		}
		for _, text := range []string{refusal.Error(), refusal.Message, refusal.Fields[0].Message} {
			if strings.Contains(strings.ToLower(text), "canary") {
				t.Errorf("%q is repeated in %q", password, text)
			}
		}
	}
	if len(errPasswordTooWeak.Fields) != 0 {
		t.Error("the shared error was changed")
	}
}

func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{"correct horse", "4@8({[<369", "1.1.1990-1990/1/1", "ﬁﬀﷺ", "aaaáááíí", "\xff", "İıſK"} {
		f.Add(seed, "alice@example.com")
	}
	f.Fuzz(func(t *testing.T, password, about string) {
		err := contractPolicy().Check(NewString(password), about)
		if err != nil && len(brokenRules(t, err)) == 0 {
			t.Errorf("refused without a reason: %v", err)
		}
		if utf8.ValidString(password) && len(fold(password)) != utf8.RuneCountInString(password) {
			t.Error("folding changed the number of characters")
		}
	})
}

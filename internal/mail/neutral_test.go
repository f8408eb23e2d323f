package mail

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNamesStayReadable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Ada Lovelace", "J. R. Smith", "St. John", "O'Neil-Smith, Jr.", "Jean-Luc Müller", "José Ñuñez", "山田 太郎", "Ελένη", "محمد علي",
		"AT&T", "Marks + Spencer", "Acme (Berlin), Inc.", "C/O Acme", "Yahoo!", "Nguyễn Thị Minh Khai", "Ольга", "7 Up", "Q&A: Berlin", "🎉 Party",
		"e\u0301 decomposed", "and so on…",
	} {
		if got := neutral(name, maxName); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
}

func TestWhatIsNoNameIsTakenApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"evil.com", "evil. com"},
		{"J.R. Smith", "J. R. Smith"},
		{"https://evil.com/free?x=1", "https: evil. com/free?x=1"},
		{"http:\\\\evil.com", "http: evil. com"},
		{"//evil", "evil"},
		{`\\server\share`, "server share"},
		{"mailto:eve@evil.com", "mailto: eve (at) evil. com"},
		{"eve@localhost", "eve (at) localhost"},
		{"www.evil", "www. evil"},
		{"evil․com", "evil. com"}, // one dot leader
		{"evil．com", "evil. com"}, // full width
		{"evil。com", "evil。 com"}, // what IDNA takes for a dot
		{"evil｡com", "evil。 com"}, // the same, half width
		{"evil﹒com", "evil. com"}, // small
		{"https：／／evil", "https: evil"},
		{"eve＠evil", "eve (at) evil"},
		{"⒈evil", "1. evil"}, // digit one full stop
		{"a‥b", "a. b"},
		{"evil.\u200bcom", "evil. com"},
		{"evil\u200b.\u2060com", "evil. com"},
		{"[2001:db8::1]", "[2001: db8: : 1]"},
		{"192.0.2.1", "192. 0. 2. 1"},
		{"xn--mnchen-3ya.de", "xn--mnchen-3ya. de"},
		{"münchen.de", "münchen. de"},
		{"javascript:alert(1)", "javascript: alert(1)"},
		{"Ada\r\nBcc: eve", "Ada Bcc: eve"},
		{"Ada\u2028\u2029\x85\x00\x1b[31mEve", "Ada [31mEve"},
		{"\u202egnp.exe\u202c", "gnp. exe"}, // overrides the direction of what follows
		{"\xff\xfeAda", "Ada"},
		{"  Ada \t  L  ", "Ada L"},
		{"\u0301Ada", "Ada"},
		{"a" + strings.Repeat("\u0301", 40), "a" + strings.Repeat("\u0301", maxMarks)},
		{"ㅤAda", "Ada"}, // a letter without a shape
		{strings.Repeat("x", 70), strings.Repeat("x", 63) + "…"},
		{strings.Repeat("xy ", 40), strings.TrimSpace(strings.Repeat("xy ", 21)) + "…"},
		{"...", "."},
		{"", ""},
	} {
		if got := neutral(test.text, maxName); got != test.want {
			t.Errorf("%q became %q, want %q", test.text, got, test.want)
		}
	}
}

// What a mail client might make a link of: dots and colons within a word,
// signs of addresses, and whatever begins a host.
var linkable = regexp.MustCompile(`[.。:][^\s),;…]|@|//|\\|[\x{2024}\x{FF0E}\x{FF61}\x{FE52}\x{FF1A}\x{FF0F}\x{FF20}]`)

func checkNeutral(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string,
) {
	t.Helper()
	got := neutral(text, maxName)
	switch {
	case !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }):
		t.Fatalf("%q became %q, which cannot be printed", text, got)
	case linkable.MatchString(got):
		t.Fatalf("%q became %q, which a client may make a link of", text, got)
	case utf8.RuneCountInString(got) > maxName:
		t.Fatalf("%q became %q, which is too long", text, got)
	case strings.TrimSpace(got) != got || strings.Contains(got, "  "):
		t.Fatalf("%q became %q, with spaces to spare", text, got)
	case neutral(got, maxName) != got:
		t.Fatalf("%q became %q and then %q", text, got, neutral(got, maxName))
	}
}

func FuzzNeutral(f *testing.F) {
	for _, seed := range []string{
		"Ada Lovelace", "J. R. Smith", "https://evil.com/x", "a@b.c", "evil․com", "x.…", ":…", "a/…/b", ". .", "℀℁⒈…‥", `\/:@.`, "a\u0301.\u0301b",
		strings.Repeat("x", 62) + ".y", strings.Repeat("x", 63) + "@", strings.Repeat("a.", 40), "\xff.\xffcom",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkNeutral(t, text) })
}

func TestNeutralTextStaysNeutral(t *testing.T) {
	t.Parallel()
	tricky := []rune(".。．․:：/／\\@＠…‥⒈ \t\u200b\u202e\u0301aé)(,;")
	rapid.Check(t, func(t *rapid.T) {
		checkNeutral(t, string(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(tricky), rapid.Rune())).Draw(t, "text")))
	})
}

func TestDevicesAreToldInAFewWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":      "Edge, Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":              "Safari, macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile Safari/604.1":    "Chrome, iPhone",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 evil.com/now": "Chrome, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                             "Firefox, Linux",
		"curl/8.5.0":                    "curl/8. 5. 0",
		"call https://evil.com at once": "call https: evil. com at once",
		"":                              "",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

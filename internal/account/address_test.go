package account_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"watchword/internal/account"
)

func TestAddressesHaveOneCanonicalForm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for text, want := range map[string]string{
		"ada@example.com":                         "ada@example.com",
		"  ADA@Example.COM\t\n":                   "ada@example.com",
		"ada+tag@example.com":                     "ada+tag@example.com", // another address
		"ＡＤＡ@example.com":                         "ada@example.com",     // full-width letters
		"straße@example.com":                      "strasse@example.com",
		"ΣΊΣΥΦΟΣ@example.com":                     "σίσυφοσ@example.com",
		"e\u0301va@example.com":                   "éva@example.com", // composed
		"ﬁsh@example.com":                         "fish@example.com",
		"o'neil.x_y-z=1@example.com":              "o'neil.x_y-z=1@example.com",
		"用户@例え.jp":                                "用户@xn--r8jz45g.jp",
		"ada@BÜCHER.example":                      "ada@xn--bcher-kva.example",
		"ada@xn--bcher-kva.example":               "ada@xn--bcher-kva.example",
		"ada@sub.example.co.uk":                   "ada@sub.example.co.uk",
		"ada@localhost":                           "ada@localhost",
		long + "@example.com":                     long + "@example.com",
		"ada@" + strings.Repeat("a", 63) + ".com": "ada@" + strings.Repeat("a", 63) + ".com",
	} {
		if got, err := account.CanonicalAddress(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestWhatCouldDeceiveIsNoAddress(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "space": " ", "no at": "ada", "no local part": "@example.com", "no domain": "ada@",
		"two ats": "ada@eve@example.com", "full-width at": "ada＠eve@example.com", "full-width at alone": "ada＠example.com",
		"line break": "ada\r\nBcc: eve@example.com", "line in the domain": "ada@exa\nmple.com", "NUL": "ada\x00@example.com",
		"inner space": "ada lovelace@example.com", "no-break space": "ada\u00a0l@example.com", "space in the domain": "ada@exam ple.com",
		"zero width space": "ada\u200b@example.com", "zero width joiner": "ada\u200d@example.com", "soft hyphen": "a\u00adda@example.com",
		"right to left": "ada\u202e@example.com", "variation selector": "ada\ufe0f@example.com", "tag": "ada\U000e0041@example.com",
		"Hangul filler": "ada\u3164@example.com", "half-width filler": "ada\uffa0@example.com", "Braille blank": "ada\u2800@example.com",
		"grapheme joiner": "ada\u034f@example.com", "byte order mark": "\ufeffada@example.com", "private use": "ada\ue000@example.com",
		"soft hyphen in the domain": "ada@exam\u00adple.com", "joiner in the domain": "ada@exam\u200dple.com",
		"a domain that NFKC changes": "ada@ⓔxample.com", "full-width domain": "ada@ｅxample.com", "full-width dot": "ada@example．com",
		"first dot": ".ada@example.com", "last dot": "ada.@example.com", "two dots": "a..da@example.com",
		"quoted": `"ada"@example.com`, "quoted with a space": `"a da"@example.com`, "comment": "ada(x)@example.com", "angle": "<ada@example.com>",
		"comma": "ada,eve@example.com", "semicolon": "ada;@example.com", "backslash": `a\da@example.com`, "colon": "ada:@example.com",
		"address literal": "ada@[192.0.2.1]", "IPv6 literal": "ada@[IPv6:::1]", "bare IP": "ada@192.0.2.1", "numeric end": "ada@example.1",
		"top-level domain": "ada@com", "domain with a first dot": "ada@.example.com", "domain with two dots": "ada@example..com",
		"domain with a last dot": "ada@example.com.", "underscore": "ada@exa_mple.com", "first hyphen": "ada@-example.com", "last hyphen": "ada@example-.com",
		"broken punycode": "ada@xn--a.com", "punycode of ASCII": "ada@xn--example-.com", "percent": "ada@exa%6dple.com", "slash": "ada@example.com/x",
		"port": "ada@example.com:25", "invalid UTF-8": "ada\xff@example.com", "invalid UTF-8 in the domain": "ada@exam\xc3ple.com",
		"long local part": strings.Repeat("a", 65) + "@example.com", "long label": "ada@" + strings.Repeat("a", 64) + ".com",
		"long": "ada@" + strings.Repeat("abcdefghi.", 25) + "com", "combining mark first in the domain": "ada@\u0301example.com",
	} {
		if got, err := account.CanonicalAddress(text); !errors.Is(err, account.ErrAddress) || got != "" {
			t.Errorf("%s: %q was taken as %q (%v)", name, text, got, err)
		}
	}
}

// Whatever is accepted is its own canonical form, and shows all that it is.
func canonical(t *testing.T, text string) {
	t.Helper()
	got, err := account.CanonicalAddress(text)
	if err != nil {
		if err.Error() != account.ErrAddress.Error() {
			t.Fatalf("the error of %q tells more than that: %v", text, err)
		}
		return
	}
	if again, err := account.CanonicalAddress(got); err != nil || again != got {
		t.Fatalf("%q becomes %q, and that becomes %q (%v)", text, got, again, err)
	}
	local, domain, _ := strings.Cut(got, "@")
	if len(got) > 254 || local == "" || !utf8.ValidString(got) || strings.Contains(domain, "@") || strings.Trim(domain, ".") != domain {
		t.Fatalf("%q becomes %q", text, got)
	}
	for _, r := range got {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Z, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			t.Fatalf("%q becomes %q, which hides %U", text, got, r)
		}
	}
	for _, r := range domain {
		if r >= utf8.RuneSelf || unicode.IsUpper(r) || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-.", r) {
			t.Fatalf("%q becomes %q, whose domain is not ASCII", text, got)
		}
	}
}

func TestEveryCharacterKeepsTheRules(t *testing.T) {
	t.Parallel()
	for r := range unicode.MaxRune + 1 {
		if !unicode.IsGraphic(r) && !unicode.In(r, unicode.Cc, unicode.Cf) ||
			unicode.In(r, unicode.Han, unicode.Hangul, unicode.Tangut, unicode.Egyptian_Hieroglyphs, unicode.Cuneiform, unicode.Yi) {
			continue // unassigned, for private use, or one of thousands alike
		}
		for _, text := range []string{"a" + string(r) + "@example.com", "a@b" + string(r) + "c.example"} {
			canonical(t, text)
		}
	}
}

func FuzzCanonicalAddress(f *testing.F) {
	for _, seed := range []string{
		"ada@example.com", " ADA@Example.COM", "ǅ\u0345\u0301ﬃ@ex\u0301ample.com", "ﷺ@مثال.إختبار", "ẞ\u0323\u0307@faß.de", "a@xn--fa-hia.de", "1@٢.com", "ı\u0307@İ.com",
	} {
		f.Add(seed)
	}
	f.Fuzz(canonical)
}

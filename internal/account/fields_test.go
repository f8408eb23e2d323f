package account_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"watchword"
	"watchword/internal/account"
)

func TestNamesAreCleaned(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", "  Ada\t ": "Ada", "": "", "👩‍💻 Ada": "👩‍💻 Ada", "नमस्ते": "नमस्ते", "O’Neil-Smith, Jr.": "O’Neil-Smith, Jr.",
		strings.Repeat("ü", 200): strings.Repeat("ü", 200),
	} {
		if got, err := account.CleanName("name", text); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestNamesThatDisguiseThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too long": strings.Repeat("ü", 201), "NUL": "A\x00", "line": "A\nB", "carriage return": "A\rB", "escape": "A\x1b[31m",
		"right to left": "A\u202eB", "isolate": "A\u2066B", "zero width space": "A\u200bB", "byte order mark": "A\ufeffB",
		"line separator": "A\u2028B", "private use": "A\ue000B", "invalid UTF-8": "A\xffB",
	} {
		got, err := account.CleanName("account_name", text)
		var e *watchword.Error
		if !errors.As(err, &e) || e.Kind != watchword.KindInvalid || e.Fields[0].Field != "account_name" || got != "" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("Ada Lovelace")
	f.Add(" \u200d\x00")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := account.CleanName("name", text)
		if err != nil {
			if len(text) > 3 && strings.Contains(err.Error(), text) && text != "name" {
				t.Fatal("the error holds what was submitted")
			}
			return
		}
		if again, err := account.CleanName("name", got); err != nil || again != got {
			t.Fatalf("%q becomes %q, and that becomes %q (%v)", text, got, again, err)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 200 || strings.ContainsFunc(got, unicode.IsControl) {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}

func TestLocalesAreCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "en": "en", "EN-us": "en-US", "de_AT": "de-AT", "zh-hant-TW": "zh-Hant-TW"} {
		if got, err := account.CleanLocale(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{" ", "english please", "en-", "xx-yy-zz", strings.Repeat("en-", 20) + "US", "en\x00", "../../etc"} {
		if got, err := account.CleanLocale(text); err == nil {
			t.Errorf("%q was taken as %q", text, got)
		}
	}
}

func FuzzCleanLocale(f *testing.F) {
	f.Add("de-AT")
	f.Add("en-u-co-phonebk")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := account.CleanLocale(text)
		if err != nil {
			return
		}
		if again, err := account.CleanLocale(got); err != nil || again != got {
			t.Fatalf("%q becomes %q, and that becomes %q (%v)", text, got, again, err)
		}
	})
}

package api

import "testing"

func FuzzPreferredLocale(f *testing.F) {
	for _, header := range []string{"", "*", "de-AT,de;q=0.9", "en;q=0", "x-y", "zh-Hant-TW;q=1.0", "\xff"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if locale := preferredLocale(header); locale == "" || len(locale) > maxLocale || preferredLocale(locale) != locale {
			t.Errorf("%q", locale)
		}
	})
}

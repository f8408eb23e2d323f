package watchword_test

import (
	"strings"
	"testing"

	"watchword"
)

func TestWhatHidesOrReordersTextDisguises(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x00", "\n", "\x7f", "\u0085", "\u200b", "\u202e", "\u2066", "\ufeff", "\u2028", "\u2029", "\ue000", "\xff"} {
		if !strings.ContainsFunc(text, watchword.Disguises) {
			t.Errorf("%q does not", text)
		}
	}
	for _, text := range []string{"Ada King-Noël", "ada 中文", "👩\u200d👩\u200d👧", "می\u200cخواهم", "a\u00a0b", "e\u0301"} {
		if strings.ContainsFunc(text, watchword.Disguises) {
			t.Errorf("%q does", text)
		}
	}
}

package account

import (
	"testing"
	"unicode/utf8"

	"watchword/internal/store"
)

func FuzzACursorIsReadAsItWasWritten(f *testing.F) {
	for _, seed := range []string{"", "x", place{0, store.Hit{Key: "ada@example.com", ID: "eml_x"}}.String(), place{2, store.Hit{Key: "ﷺ", ID: "usr_x"}}.String(), "MAAA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		got, err := readPlace(cursor)
		if err != nil || cursor == "" {
			return
		}
		if got.way < 0 || got.hit.Key == "" || !utf8.ValidString(got.hit.Key+got.hit.ID) {
			t.Errorf("%q is read as %+v", cursor, got)
		}
		for _, r := range got.hit.Key + got.hit.ID {
			if r == 0 {
				t.Errorf("%q holds NUL, which Postgres does not take", cursor)
			}
		}
		if again, err := readPlace(got.String()); err != nil || again != got {
			t.Errorf("%+v is read back as %+v (%v)", got, again, err)
		}
	})
}

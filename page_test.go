package watchword_test

import (
	"slices"
	"testing"

	"watchword"
)

// read is a store's way to read a page.
func read(list []watchword.EventID, p watchword.Page) []watchword.EventID {
	if p.Before != "" {
		list = list[slices.Index(list, watchword.EventID(p.Before))+1:]
	}
	return list[:min(p.Limit, len(list))]
}

func TestPagesAreTheListAndTheLastHasNoCursor(t *testing.T) {
	t.Parallel()
	for _, list := range [][]watchword.EventID{{}, {"d"}, {"d", "c"}, {"d", "c", "b"}, {"d", "c", "b", "a"}} {
		var all []watchword.EventID
		var next string
		for pages := 1; ; pages++ {
			page := watchword.Page{Before: next, Limit: 2}
			var shown []watchword.EventID
			shown, next = watchword.Cut(read(list, page.OneMore()), page, func(id watchword.EventID) watchword.EventID { return id })
			if len(shown) > page.Limit {
				t.Errorf("a page of %v shows %v", list, shown)
			}
			all = append(all, shown...)
			if next != "" && pages <= len(list) {
				continue
			}
			// A cursor to a page with nothing on it would cost a call for nothing.
			if want := max(1, (len(list)+1)/2); pages != want {
				t.Errorf("%d pages of %v, want %d", pages, list, want)
			}
			break
		}
		if !slices.Equal(all, list) {
			t.Errorf("the pages of %v are %v", list, all)
		}
	}
}

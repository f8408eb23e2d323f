package watchword

// Page asks for a page of a list that is sorted by id, newest first. Keyset
// paging costs the same on every page, however long the list.
type Page struct {
	Before string // the id after which to go on; empty: from the start
	Limit  int    // how many at the most
}

// ErrCursor says that a page is to go on from what is no cursor of its list.
var ErrCursor = InvalidField("cursor", "invalid", "This is not a cursor of this list.")

// OneMore is the page to read where p is to be shown: the one more tells whether
// there is another page. Cut takes it off again.
func (p Page) OneMore() Page {
	p.Limit++
	return p
}

// Cut is what page p shows of a list that was read with p.OneMore, and the
// cursor of the next page, empty on the last. id is what the list is sorted by.
func Cut[T any, ID ~string](list []T, p Page, id func(T) ID) (shown []T, next string) {
	if len(list) <= p.Limit {
		return list, ""
	}
	return list[:p.Limit], string(id(list[p.Limit-1]))
}

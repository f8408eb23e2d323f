package watchword

// Page asks for a page of a list that is sorted by id, newest first. Keyset
// paging costs the same on every page, however long the list.
type Page struct {
	Before string // the id after which to go on; empty: from the start
	Limit  int    // how many at the most
}

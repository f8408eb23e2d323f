package api

import (
	"watchword"
)

// PageQuery is how every list is paged.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at the most. Where a filter leaves little of much, a page may hold fewer, or none, and more follow: there is another page as long as next_cursor is not null."`
	Cursor string `query:"cursor" maxLength:"64" doc:"The next_cursor of the page before."`
}

// pageOf reads the page that is asked for. read is the reader of the
// identifiers that the list is sorted by: cursors are nothing else.
func pageOf[ID ~string](q PageQuery, read func(ID) ([watchword.IDBytes]byte, error)) (watchword.Page, error) {
	if q.Cursor != "" {
		if _, err := read(ID(q.Cursor)); err != nil {
			return watchword.Page{}, watchword.ErrCursor
		}
	}
	return watchword.Page{Before: q.Cursor, Limit: q.Limit}, nil
}

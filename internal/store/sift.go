package store

import (
	"database/sql"
	"errors"

	"watchword"
)

// Sifting is reading a list through a filter that no index knows, such as that a
// session is live. What is let through may be little of much, and a page must not
// cost all of it: it is looked for in steps, and after the last of them the page
// ends with what was found, though more may follow.
const (
	siftStep  = 500 // entries that the first step looks at; each further one twice as many
	siftSteps = 3
)

// sift is a list to be sifted. P is a place in it.
type sift[T any, P comparable] struct {
	end P
	// skip finds the place that many entries on; there is no row where it is
	// behind the end.
	skip func(from P, entries int64) (P, error)
	// read gives what the filter lets through from behind one place up to the other.
	read func(from, to P, n int64) ([]T, error)
}

// rows are the first n behind a place. Where there are fewer, stopped says how far
// was looked, unless that was the end.
func (s sift[T, P]) rows(from P, n int64) (list []T, stopped P, err error) {
	for entries := int64(siftStep); entries < siftStep<<siftSteps; entries *= 2 {
		to, err := s.skip(from, entries)
		last := errors.Is(err, sql.ErrNoRows)
		if last {
			to, err = s.end, nil
		}
		if err != nil {
			return nil, stopped, err
		}
		found, err := s.read(from, to, n-int64(len(list)))
		if err != nil {
			return nil, stopped, err
		}
		if list = append(list, found...); last || int64(len(list)) >= n {
			return list, stopped, nil
		}
		from = to
	}
	return list, from, nil
}

// siftPage is a page of a sifted list that is sorted by id, newest first, and the
// cursor of the next.
func siftPage[T any, ID ~string](s sift[T, string], page watchword.Page, id func(T) ID) (list []T, next string, err error) {
	list, stopped, err := s.rows(before(page), limit(page.OneMore()))
	if err != nil {
		return nil, "", err
	}
	if list, next = watchword.Cut(list, page, id); next == "" {
		next = stopped
	}
	return list, next, nil
}

package account

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"watchword"
	"watchword/internal/store"
)

// way is one of the ways in which a search finds things, all of which begin with
// its text.
type way[T any] struct {
	text string
	find func(store.Search) (found []T, stopped store.Hit, err error)
}

// place is where in a search a page has ended.
type place struct {
	way int
	hit store.Hit
}

// search is a page of what the ways find, one after the other, and the cursor of
// the next.
func search[T any](page watchword.Page, hit func(T) store.Hit, ways ...way[T]) (list []T, next string, err error) {
	from, err := readPlace(page.Before)
	if err != nil || from.way >= len(ways) || !strings.HasPrefix(from.hit.Key, ways[from.way].text) && page.Before != "" {
		return nil, "", watchword.ErrCursor
	}
	var last place
	for w := from.way; w < len(ways) && len(list) <= page.Limit; w++ {
		q := store.Search{Text: ways[w].text, Limit: page.Limit + 1 - len(list)}
		if w == from.way {
			q.After = from.hit
		}
		found, stopped, err := ways[w].find(q)
		if err != nil {
			return nil, "", err
		}
		if shown := page.Limit - len(list); shown > 0 && len(found) > 0 {
			last = place{w, hit(found[min(shown, len(found))-1])}
		}
		list = append(list, found...)
		if stopped.Key != "" { // it has looked far enough for one page
			return list, place{w, stopped}.String(), nil
		}
	}
	if len(list) <= page.Limit {
		return list, "", nil
	}
	return list[:page.Limit], last.String(), nil
}

// String is the place as a cursor.
func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(p.way) + "\x00" + p.hit.Key + "\x00" + p.hit.ID))
}

// readPlace reads a cursor; an empty one is the beginning.
func readPlace(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(text) {
		return place{}, watchword.ErrCursor
	}
	parts := strings.Split(string(text), "\x00")
	if len(parts) != 3 || parts[1] == "" {
		return place{}, watchword.ErrCursor
	}
	n, err := strconv.ParseUint(parts[0], 10, 8)
	if err != nil {
		return place{}, watchword.ErrCursor
	}
	return place{int(n), store.Hit{Key: parts[1], ID: parts[2]}}, nil
}

package main

import (
	"errors"
	"io"

	"watchword"
)

// listFlags bound what a list shows.
type listFlags struct {
	Limit int `default:"100" placeholder:"N" help:"How many at the most; 0: all (100)."`
}

// Validate refuses what is no number of things.
func (l listFlags) Validate() error {
	if l.Limit < 0 {
		return errors.New("--limit must not be negative")
	}
	return nil
}

// listing is how things are listed: a page at a time, so that a list may be as
// long as it likes.
type listing[T any] struct {
	head []string
	row  func(T) []string
	json func(T) any
	page func(watchword.Page) (list []T, next string, err error)
}

// everything is the limit of a list that has none.
const everything = 0

// listPage is how many things are read at a time.
const listPage = 100

// print prints up to limit things, and says if there are more.
func (l listing[T]) print(t tool, limit int) error {
	out := l.printer(t)
	page := watchword.Page{Limit: listPage}
	for shown := 0; ; {
		if limit > 0 {
			page.Limit = min(listPage, limit-shown)
		}
		list, next, err := l.page(page)
		if err != nil {
			return err
		}
		if err := out.print(list); err != nil {
			return err
		}
		shown, page.Before = shown+len(list), next
		if next == "" {
			return out.end()
		}
		if shown == limit {
			t.note("There are more: --limit 0 shows all.")
			return out.end()
		}
	}
}

// printer prints what a list holds, piece by piece.
type printer[T any] struct {
	print func([]T) error
	end   func() error
}

func (l listing[T]) printer(t tool) printer[T] {
	if t.json {
		return l.jsonPrinter(t.std.out)
	}
	return l.tablePrinter(t.std.out)
}

// tablePrinter prints the heading with the first piece.
func (l listing[T]) tablePrinter(w io.Writer) printer[T] {
	out := &table{out: w}
	rows := [][]string{l.head}
	return printer[T]{
		print: func(list []T) error {
			for _, one := range list {
				rows = append(rows, l.row(one))
			}
			err := out.print(rows)
			rows = nil
			return err
		},
		end: func() error { return nil },
	}
}

// jsonPrinter prints an array, with a line for each thing.
func (l listing[T]) jsonPrinter(w io.Writer) printer[T] {
	before := "[\n  "
	return printer[T]{
		print: func(list []T) error {
			for _, one := range list {
				text, err := encodeJSON(l.json(one))
				if err != nil {
					return err
				}
				if _, err := io.WriteString(w, before+string(text)); err != nil {
					return err
				}
				before = ",\n  "
			}
			return nil
		},
		end: func() error {
			end := "\n]\n"
			if before == "[\n  " { // there was none
				end = "[]\n"
			}
			_, err := io.WriteString(w, end)
			return err
		},
	}
}

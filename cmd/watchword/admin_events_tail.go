package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"watchword"
)

type eventsTailCommand struct {
	eventFilter
	Lines  int  `short:"n" default:"10" placeholder:"N" help:"How many of those that are there (10)."`
	Follow bool `short:"f" help:"Go on with those that come, until it is interrupted."`
}

// Help has the examples.
func (*eventsTailCommand) Help() string {
	return `Oldest first; with --json a line for each. While the database is away, following waits for it.

Examples:

    watchword admin events tail -f
    watchword admin events tail -f --type sign_in.failed
    watchword admin events tail -n 100 --json | jq -r .type | sort | uniq -c
    watchword admin events tail -f -n 0 --json | while read -r event; do logger -t audit "$event"; done`
}

// Validate refuses what is no number of lines.
func (c *eventsTailCommand) Validate() error {
	if c.Lines < 0 {
		return errors.New("--lines must not be negative")
	}
	return nil
}

// Run shows, and follows.
func (c *eventsTailCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		filter, err := c.filter(ctx, a)
		if err != nil {
			return err
		}
		f := &follower{filter: filter, list: a.events.List}
		last, err := f.begin(ctx, c.Lines)
		if err != nil {
			return err
		}
		show := eventLines(a.tool)
		if err := show(last); err != nil || !c.Follow {
			return err
		}
		return f.follow(ctx, a.tool, show)
	})
}

// eventLines prints events as they come: rows of a table, or lines of JSON.
func eventLines(t tool) func([]watchword.Event) error {
	if t.json {
		return func(list []watchword.Event) error {
			for _, e := range list {
				text, err := encodeJSON(shownEventOf(e))
				if err != nil {
					return err
				}
				if _, err := io.WriteString(t.std.out, string(text)+"\n"); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out := &table{out: t.std.out}
	rows := [][]string{eventHead()}
	return func(list []watchword.Event) error {
		for _, e := range list {
			rows = append(rows, eventRow(e))
		}
		err := out.print(rows)
		rows = nil
		return err
	}
}

// follower reads the events that come. An event has the time at which its
// transaction began, and is seen when that ends: one that is older than the newest
// may come later. So each look goes back a while, and leaves out what it has seen.
type follower struct {
	filter watchword.EventFilter
	list   func(context.Context, watchword.EventFilter, watchword.Page) ([]watchword.Event, string, error)
	newest time.Time
	seen   map[watchword.EventID]time.Time
}

const (
	followEvery = 500 * time.Millisecond
	followBack  = 10 * time.Second // longer than transactions last, and clocks of nodes differ
	followPage  = 500
)

// begin is the last n events, oldest first. What is there already does not come.
func (f *follower) begin(ctx context.Context, n int) ([]watchword.Event, error) {
	f.seen = map[watchword.EventID]time.Time{}
	var last []watchword.Event
	page := watchword.Page{Limit: followPage}
	for {
		list, next, err := f.list(ctx, f.filter, page)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			f.note(e)
			if len(last) < n {
				last = append(last, e)
			}
		}
		enough := len(last) >= n && (len(list) == 0 || list[len(list)-1].At.Before(f.newest.Add(-followBack)))
		if page.Before = next; next == "" || enough {
			slices.Reverse(last)
			return last, nil
		}
	}
}

func (f *follower) note(e watchword.Event) {
	f.seen[e.ID] = e.At
	if e.At.After(f.newest) {
		f.newest = e.At
	}
}

// next is the events that have come since, oldest first.
func (f *follower) next(ctx context.Context) ([]watchword.Event, error) {
	filter := f.filter
	if !f.newest.IsZero() {
		filter.Since = f.newest.Add(-followBack)
	}
	var fresh []watchword.Event
	page := watchword.Page{Limit: followPage}
	for {
		list, next, err := f.list(ctx, filter, page)
		if err != nil {
			return nil, err // nothing is noted: the next look finds them all
		}
		for _, e := range list {
			if _, ok := f.seen[e.ID]; !ok {
				fresh = append(fresh, e)
			}
		}
		if page.Before = next; next == "" {
			break
		}
	}
	for _, e := range fresh {
		f.note(e)
	}
	for id, at := range f.seen {
		if at.Before(f.newest.Add(-followBack)) {
			delete(f.seen, id)
		}
	}
	slices.Reverse(fresh)
	return fresh, nil
}

// follow shows what comes until it is told to stop, which is no failure.
func (f *follower) follow(ctx context.Context, t tool, show func([]watchword.Event) error) error {
	var away error
	for t.pause(ctx, followEvery); ctx.Err() == nil; t.pause(ctx, followEvery) {
		fresh, err := f.next(ctx)
		switch {
		case err != nil && away == nil && ctx.Err() == nil:
			t.note("The database does not answer, and is asked again until it does: %v", err)
		case err == nil && away != nil:
			t.note("The database answers again.")
		}
		away = err
		if err := show(fresh); err != nil {
			return err
		}
	}
	return nil
}

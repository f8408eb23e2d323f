package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestEventsAreListedByWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		w.app().signUp("bob@example.com")
		o := w.operator()
		o.environ = nil
		o.admin("users", "disable", "bob@example.com")

		types := func(args ...string) []string {
			return each(o.admin(slices.Concat([]string{"events", "list", "--json", "--limit", "0"}, args)...).list(t), "type")
		}
		if got := types(); len(got) < 5 || got[0] != "user.disabled" {
			t.Errorf("all: %v", got)
		}
		wantList(t, "of a type", types("--type", "user.disabled"), "user.disabled")
		if got := types("--user", "ada@example.com"); len(got) == 0 || slices.Contains(got, "user.disabled") {
			t.Errorf("about Ada: %v", got)
		}
		if got := types("--account", ada.str("account", "id")); len(got) == 0 || slices.Contains(got, "user.disabled") {
			t.Errorf("about her account: %v", got)
		}
		wantList(t, "of later", types("--since", "2999-01-01T00:00:00Z"))
		wantList(t, "of before", types("--until", "1h"))
		if got := types("--since", "1h"); len(got) < 5 {
			t.Errorf("of the last hour: %v", got)
		}
		if got := o.admin("events", "list", "--limit", "1"); strings.Count(got.out, "\n") != 2 || !strings.Contains(got.out, "sessions_ended=1") {
			t.Errorf("listed\n%s", got.out)
		}
	})
}

// tailed is a command that follows events, and what it prints.
type tailed struct {
	t     *testing.T
	lines chan string
	stop  context.CancelFunc
	code  chan int
}

func (o *operator) tail(args ...string) tailed {
	o.t.Helper()
	ctx, cancel := context.WithCancel(o.t.Context())
	r, w := io.Pipe()
	f := tailed{o.t, make(chan string, 100), cancel, make(chan int, 1)}
	go func() {
		code := runUntil(ctx, o.onDatabase(slices.Concat([]string{"admin", "events", "tail"}, args)), o.environ, streams{strings.NewReader(""), w, w})
		_ = w.Close()
		f.code <- code
	}()
	go func() {
		defer close(f.lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			f.lines <- s.Text()
		}
	}()
	return f
}

// event is the next line as an event in JSON.
func (f tailed) event() map[string]any {
	f.t.Helper()
	line := <-f.lines
	var e map[string]any
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		f.t.Fatalf("%v: %q", err, line)
	}
	return e
}

func TestEventsAreFollowedUntilItIsEnough(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		w.app().signUp("ada@example.com")
		o := w.operator()
		o.environ = nil
		o.admin("users", "disable", "ada@example.com")
		o.admin("users", "enable", "ada@example.com")

		if got := o.admin("events", "tail", "-n", "2").out; strings.Index(got, "user.disabled") > strings.Index(got, "user.enabled") || strings.Count(got, "\n") != 3 {
			t.Errorf("the last two, oldest first:\n%s", got)
		}
		f := o.tail("-f", "-n", "1", "--json")
		wantType(t, f.event(), "user.enabled")
		for _, act := range []string{"disable", "enable"} {
			o.admin("users", act, "ada@example.com")
			wantType(t, f.event(), "user."+act+"d")
		}
		f.stop()
		if code := <-f.code; code != 0 {
			t.Errorf("exit code %d", code)
		}
		if line, more := <-f.lines; more {
			t.Errorf("it printed more: %s", line)
		}
	})
}

func wantType(t *testing.T, e map[string]any, want string) {
	t.Helper()
	if e["type"] != want {
		t.Fatalf("got %v, want %s", e, want)
	}
}

// A terminal's Ctrl-C and a service manager's stop end it, and that is no failure.
func TestASignalEndsFollowing(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.run("", "migrate").want(t, 0)
	o.admin("keys", "create", "--name", "one", "--scopes", "events:read")
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		command := o.process("admin", "events", "tail", "-f", "--json")
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || !strings.Contains(lines.Text(), "api_key.created") {
			t.Errorf("printed %q", lines.Text())
		}
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			t.Errorf("printed %q", lines.Text())
		}
		if err := command.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
	}
}

// record is a record of events that a test writes and can take away.
type auditRecord struct {
	events []watchword.Event // newest first
	away   error
}

func (r *auditRecord) add(id string, at time.Time) {
	r.events = append(r.events, watchword.Event{ID: watchword.EventID(id), At: at})
	slices.SortFunc(r.events, func(a, b watchword.Event) int { return b.At.Compare(a.At) })
}

func (r *auditRecord) list(_ context.Context, f watchword.EventFilter, page watchword.Page) ([]watchword.Event, string, error) {
	if r.away != nil {
		return nil, "", r.away
	}
	var list []watchword.Event
	behind := page.Before == ""
	for _, e := range r.events {
		if behind && !e.At.Before(f.Since) {
			list = append(list, e)
		}
		behind = behind || string(e.ID) == page.Before
	}
	list, next := watchword.Cut(list, watchword.Page{Limit: 2}, func(e watchword.Event) watchword.EventID { return e.ID })
	return list, next, nil
}

func ids(list []watchword.Event) (ids []string) {
	for _, e := range list {
		ids = append(ids, string(e.ID))
	}
	return ids
}

// Events of a transaction that took long have an earlier time than those that were
// seen before them.
func TestAnEventThatComesLateIsSeenOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := &auditRecord{}
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		r.add(id, now.Add(time.Duration(i)*time.Second))
	}
	f := &follower{list: r.list}
	next := func(want ...string) {
		t.Helper()
		list, err := f.next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wantList(t, "new", ids(list), want...)
	}
	last, err := f.begin(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	wantList(t, "begun with", ids(last), "d", "e")
	next()
	r.add("late", now.Add(1500*time.Millisecond))
	r.add("f", now.Add(6*time.Second))
	next("late", "f")
	next()
	r.away = errors.New("away")
	r.add("g", now.Add(7*time.Second))
	if _, err := f.next(t.Context()); err == nil {
		t.Error("an absence was not told of")
	}
	r.away = nil
	r.add("h", now.Add(time.Hour))
	next("g", "h")
	next()
	if len(f.seen) != 1 {
		t.Errorf("%d events are remembered, for ever", len(f.seen))
	}

	none := &follower{list: (&auditRecord{}).list}
	if list, err := none.begin(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	none.list = r.list
	if list, err := none.next(t.Context()); err != nil || len(list) != len(r.events) {
		t.Errorf("%v, %v", ids(list), err)
	}
}

// An absence of the database is told of once, and survived.
func TestFollowingWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	r := &auditRecord{}
	ctx, cancel := context.WithCancel(t.Context())
	step := 0
	pauses := func(context.Context, time.Duration) {
		switch step++; step {
		case 1:
			r.away = errors.New("no route")
		case 4:
			r.away = nil
			r.add("a", time.Now())
		case 5:
			cancel()
		}
	}
	f := &follower{list: r.list, seen: map[watchword.EventID]time.Time{}}
	var shown []string
	err := f.follow(ctx, tool{surroundings: surroundings{pause: pauses}, std: streams{err: &said}}, func(list []watchword.Event) error {
		shown = append(shown, ids(list)...)
		return nil
	})
	wantList(t, "shown", shown, "a")
	if err != nil || strings.Count(said.String(), "does not answer") != 1 || strings.Count(said.String(), "answers again") != 1 {
		t.Errorf("%v; said %q", err, said.String())
	}
}

// What cannot be written any more ends it: nobody reads.
func TestFollowingEndsWithItsReader(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		f := &follower{list: event.Log{Store: s}.List}
		if _, err := f.begin(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		around := surroundings{pause: func(context.Context, time.Duration) {}}
		err := f.follow(t.Context(), tool{surroundings: around}, func([]watchword.Event) error { return io.ErrClosedPipe })
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("ended with %v", err)
		}
	})
}

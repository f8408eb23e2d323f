package storetest

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
)

var eventChecks = map[string]func(*subject){
	"an event is read as written":           checkEventRoundTrip,
	"events are selected":                   checkEventFilters,
	"events are bounded by time":            checkEventTimes,
	"event pages are whole and stable":      checkEventPages,
	"events of one moment keep their place": checkEventsOfOneMoment,
}

func checkEventRoundTrip(s *subject) {
	ctx := s.Context()
	full := watchword.Event{
		Type: watchword.EventSessionStarted, UserID: "usr_a", AccountID: "acc_a", SessionID: "ses_a", ClientID: "web",
		Actor: "user:usr_a", IP: "2001:db8::1", UserAgent: `agent "quoted" ✓`, RequestID: "req", Data: map[string]string{"amr": "pwd", "ü": `"`},
	}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertEvent(ctx, full) }))
	s.clock.Advance(time.Microsecond)
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventSignInFailed})
	}))
	list, _, err := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 9})
	s.ok(err)
	if len(list) != 2 || list[0].Type != watchword.EventSignInFailed || list[0].Data == nil || len(list[0].Data) != 0 {
		s.Fatalf("got %+v", list)
	}
	full.ID, full.At = list[1].ID, s.now().Add(-time.Microsecond)
	if !reflect.DeepEqual(list[1], full) {
		s.Errorf("got  %+v\nwant %+v", list[1], full)
	}
}

func checkEventFilters(s *subject) {
	ctx := s.Context()
	users := []watchword.UserID{"", "usr_a", "usr_b"}
	accounts := []watchword.AccountID{"", "acc_a", "acc_b"}
	types := []watchword.EventType{watchword.EventSessionStarted, watchword.EventSessionEnded}
	for _, u := range users {
		for _, a := range accounts {
			for _, typ := range types {
				s.ok(s.do(func(c *store.Conn) error {
					return c.InsertEvent(ctx, watchword.Event{Type: typ, UserID: u, AccountID: a})
				}))
			}
		}
	}
	for _, u := range users {
		for _, a := range accounts {
			for _, typ := range append(types, "") {
				list, _, err := s.Read().Events(ctx, watchword.EventFilter{UserID: u, AccountID: a, Type: typ}, watchword.Page{Limit: 99})
				s.ok(err)
				want := 1
				for _, selects := range []bool{u != "", a != ""} {
					if !selects {
						want *= 3
					}
				}
				if typ == "" {
					want *= 2
				}
				if len(list) != want {
					s.Errorf("user %q, account %q, type %q: got %d, want %d", u, a, typ, len(list), want)
				}
				for _, e := range list {
					if u != "" && e.UserID != u || a != "" && e.AccountID != a || typ != "" && e.Type != typ {
						s.Errorf("user %q, account %q, type %q: got %+v", u, a, typ, e)
					}
				}
			}
		}
	}
}

func checkEventTimes(s *subject) {
	ctx := s.Context()
	var at []time.Time
	for range 5 {
		at = append(at, s.now())
		s.ok(s.do(func(c *store.Conn) error {
			return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventSessionEnded, UserID: "usr_a", AccountID: "acc_a"})
		}))
		s.clock.Advance(time.Microsecond)
	}
	for name, test := range map[string]struct {
		since, until time.Time
		want         []int // newest first
	}{
		"all":                   {want: []int{4, 3, 2, 1, 0}},
		"since, included":       {since: at[2], want: []int{4, 3, 2}},
		"until, excluded":       {until: at[2], want: []int{1, 0}},
		"between":               {since: at[1], until: at[3], want: []int{2, 1}},
		"in another time zone":  {since: at[3].In(time.FixedZone("far", 9*3600)), want: []int{4, 3}},
		"nothing":               {since: at[3], until: at[3]},
		"after all":             {since: at[4].Add(time.Hour)},
		"the end of the reckon": {until: time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC), want: []int{4, 3, 2, 1, 0}},
	} {
		for _, f := range []watchword.EventFilter{{}, {UserID: "usr_a"}, {AccountID: "acc_a"}, {Type: watchword.EventSessionEnded}} {
			f.Since, f.Until = test.since, test.until
			list, _, err := s.Read().Events(ctx, f, watchword.Page{Limit: 99})
			s.ok(err)
			got := make([]int, 0, len(list))
			for _, e := range list {
				got = append(got, slices.IndexFunc(at, e.At.Equal))
			}
			if !slices.Equal(got, test.want) {
				s.Errorf("%s, by %+v: got %v, want %v", name, f, got, test.want)
			}
		}
	}
}

func checkEventPages(s *subject) {
	ctx := s.Context()
	insert := func() {
		s.clock.Advance(time.Millisecond)
		s.ok(s.do(func(c *store.Conn) error {
			return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventSessionEnded, UserID: "usr_a"})
		}))
	}
	for range 25 {
		insert()
	}
	before, _, err := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 99})
	s.ok(err)
	want := make([]string, 0, len(before))
	for _, e := range before {
		want = append(want, string(e.ID))
	}
	got := turned(s, 4, func(p watchword.Page) ([]watchword.Event, string, error) {
		list, next, err := s.Read().Events(ctx, watchword.EventFilter{UserID: "usr_a"}, p)
		insert() // newer ones, while somebody turns the pages
		return list, next, err
	}, func(e watchword.Event) string { return string(e.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
}

func checkEventsOfOneMoment(s *subject) {
	ctx := s.Context()
	for range 30 {
		s.ok(s.do(func(c *store.Conn) error {
			return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventSessionEnded})
		}))
	}
	got := turned(s, 7, func(p watchword.Page) ([]watchword.Event, string, error) {
		return s.Read().Events(ctx, watchword.EventFilter{Type: watchword.EventSessionEnded}, p)
	}, func(e watchword.Event) string { return string(e.ID) })
	if !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(got)) != 30 {
		s.Errorf("%d events, want 30 in falling order of bytes", len(got))
	}
}

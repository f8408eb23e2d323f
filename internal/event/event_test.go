package event_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/limit"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func record(t *testing.T, s *store.Store, origin watchword.Origin, e watchword.Event) {
	t.Helper()
	if err := s.Write(t.Context(), func(c *store.Conn) error { return event.Record(t.Context(), c, origin, e) }); err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, s *store.Store) []watchword.Event {
	t.Helper()
	list, _, err := s.Read().Events(t.Context(), watchword.EventFilter{}, watchword.Page{Limit: 99})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnEventNamesItsActor(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		s := storetest.Open(t, engine, clock.Now)
		var want []string
		for _, test := range []struct {
			e    watchword.Event
			want string
		}{
			{watchword.Event{UserID: "usr_1"}, "user:usr_1"},
			{watchword.Event{UserID: "usr_1", Actor: event.ActorSystem}, "system"},
			{watchword.Event{Actor: event.ActorCommandLine}, "cli"},
			{watchword.Event{UserID: "usr_1", Actor: event.ActorKey("key_1")}, "key:key_1"},
			{watchword.Event{}, ""},
		} {
			clock.Advance(time.Second)
			record(t, s, watchword.Origin{}, test.e)
			want = append([]string{test.want}, want...)
		}
		var got []string
		for _, e := range events(t, s) {
			got = append(got, e.Actor)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAnEventTellsWhereItCameFrom(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		s := storetest.Open(t, engine, clock.Now)
		origin := watchword.Origin{IP: "192.0.2.1", UserAgent: "browser", RequestID: "req", ClientID: "web"}
		record(t, s, origin, watchword.Event{Type: watchword.EventSessionEnded})
		clock.Advance(time.Second)
		record(t, s, origin, watchword.Event{Type: watchword.EventSessionEnded, ClientID: "other", IP: "203.0.113.9"})
		for i, client := range []watchword.ClientID{"other", "web"} {
			e := events(t, s)[i]
			if e.IP != "192.0.2.1" || e.UserAgent != "browser" || e.RequestID != "req" || e.ClientID != client {
				t.Errorf("got %+v, of client %s", e, client)
			}
		}
	})
}

// Neither the record nor what it tells of is there without the other.
func TestAnEventGoesWithItsTransaction(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		errOnPurpose := errors.New("on purpose")
		err := s.Tx(t.Context(), func(c *store.Conn) error {
			return errors.Join(event.Record(t.Context(), c, watchword.Origin{}, watchword.Event{Type: watchword.EventUserCreated}), errOnPurpose)
		})
		if !errors.Is(err, errOnPurpose) || len(events(t, s)) != 0 {
			t.Errorf("%d events (%v)", len(events(t, s)), err)
		}
	})
}

func TestAListEndsWithAnEmptyCursor(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		s := storetest.Open(t, engine, clock.Now)
		for range 6 {
			clock.Advance(time.Second)
			record(t, s, watchword.Origin{}, watchword.Event{Type: watchword.EventSessionEnded})
		}
		for limit, want := range map[int][]int{1: {1, 1, 1, 1, 1, 1}, 2: {2, 2, 2}, 4: {4, 2}, 6: {6}, 9: {6}} {
			var sizes []int
			next := ""
			for {
				list, cursor, err := event.Log{Store: s}.List(t.Context(), watchword.EventFilter{}, watchword.Page{Before: next, Limit: limit})
				if err != nil {
					t.Fatal(err)
				}
				sizes = append(sizes, len(list))
				if next = cursor; next == "" {
					break
				}
			}
			if !slices.Equal(sizes, want) {
				t.Errorf("in pages of %d: got %v, want %v", limit, sizes, want)
			}
		}
	})
}

func TestThrottledAttemptsAreSummedUp(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		throttling := event.Throttling{Store: s, Sums: &limit.Throttled{}}
		for range 100 {
			throttling.Sums.Note("sign_in", "192.0.2.1")
		}
		throttling.Sums.Note("wrong_password", "2001:db8::/64")
		for range 2 { // the second has nothing to tell
			if err := throttling.Record(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := map[string]string{}
		for _, e := range events(t, s) {
			if e.Type != watchword.EventThrottled || e.Actor != event.ActorSystem {
				t.Errorf("got %+v", e)
			}
			got[e.IP] = e.Data["rule"] + " " + e.Data["attempts"]
		}
		if want := map[string]string{"192.0.2.1": "sign_in 100", "2001:db8::/64": "wrong_password 1"}; !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

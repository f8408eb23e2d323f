package statistics_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/statistics"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const day = 24 * time.Hour

// world is an installation whose clock stands at noon.
type world struct {
	*testing.T
	engine   store.Engine
	location string
	store    *store.Store
	clock    *storetest.Clock
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := &world{T: t, engine: engine, location: storetest.Location(t, engine), clock: storetest.NewClock()}
		w.clock.Advance(w.clock.Now().Truncate(day).Add(day + day/2).Sub(w.clock.Now()))
		w.store = storetest.OpenAt(t, engine, w.location, w.clock.Now)
		test(w)
	})
}

func (w *world) overview() *statistics.Overview {
	return &statistics.Overview{Store: w.store, Clock: w.clock.Now}
}

func (w *world) read() watchword.Statistics {
	w.Helper()
	s, err := w.overview().Read(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) do(acts ...func(ctx context.Context, c *store.Conn) error) {
	w.Helper()
	for _, act := range acts {
		if err := w.store.Tx(w.Context(), func(c *store.Conn) error { return act(w.Context(), c) }); err != nil {
			w.Fatal(err)
		}
	}
}

func happens(t watchword.EventType) func(context.Context, *store.Conn) error {
	return func(ctx context.Context, c *store.Conn) error {
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{Type: t})
	}
}

// user makes one who has an address, and signs in.
func (w *world) user(address string, verified time.Time) (id watchword.UserID) {
	w.Helper()
	w.do(func(ctx context.Context, c *store.Conn) (err error) {
		if id, err = c.InsertUser(ctx, store.NewUser{}); err != nil {
			return err
		}
		_, err = c.InsertEmail(ctx, watchword.Email{UserID: id, Address: address, Primary: true, Exclusive: true, VerifiedAt: verified})
		return err
	}, happens(watchword.EventUserCreated))
	return id
}

func (w *world) signIn(id watchword.UserID) (row watchword.Session) {
	w.Helper()
	w.do(func(ctx context.Context, c *store.Conn) error {
		if _, err := c.BeginSession(ctx, store.Credential{UserID: id, PasswordVersion: 1}); err != nil {
			return err
		}
		row = watchword.Session{
			ID: watchword.NewID[watchword.SessionID](c.Now(), rand.Reader), UserID: id, ClientID: "web", Mode: watchword.SessionBoth, Remember: watchword.RememberLong,
			AuthTime: c.Now(), CreatedAt: c.Now(), RotatedAt: c.Now(), Nonce: []byte("0123456789abcdef"),
			IdleLife: 7 * day, IdleExpiresAt: c.Now().Add(7 * day), ExpiresAt: c.Now().Add(30 * day),
		}
		return c.InsertSession(ctx, &row, store.ClientUnauthenticated)
	}, happens(watchword.EventSessionStarted))
	return row
}

func (w *world) sql(statement string) {
	w.Helper()
	storetest.Exec(w, w.engine, w.location, statement)
}

func TestStatisticsCountWhatThereIs(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		start := w.clock.Now()
		longAgo := w.user("ada@example.com", start)
		w.signIn(longAgo)
		w.clock.Advance(28 * day)
		month := w.user("bea@example.com", time.Time{})
		w.signIn(month)
		w.clock.Advance(9 * day)
		week := w.user("cem@example.com", w.clock.Now())
		w.signIn(week)
		w.do(happens(watchword.EventSignInFailed), happens(watchword.EventSignInFailed), happens(watchword.EventUserImported))
		w.clock.Advance(3 * day)
		w.user("never@example.com", w.clock.Now()) // has not been there at all
		today := w.user("dan@example.com", time.Time{})
		w.signIn(today)
		ended := w.signIn(today)
		w.do(func(ctx context.Context, c *store.Conn) error { return c.RevokeSession(ctx, today, ended.ID) })
		for i, kind := range []job.Kind{job.KindMail, job.KindMail, job.KindMail, job.KindWaitlist} {
			w.do(func(ctx context.Context, c *store.Conn) error {
				id := c.NewJobID()
				if err := c.InsertJob(ctx, store.Job{ID: id, Kind: string(kind), Payload: []byte("p"), ExpiresAt: c.Now().Add(day)}); err != nil || i > 0 {
					return err
				}
				return c.FailJob(ctx, id, "why")
			})
		}

		got := w.read()
		days := got.Days
		got.Days = nil
		want := watchword.Statistics{
			TakenAt: w.clock.Now(), Users: 5, Verified: 3, Active: watchword.Activity{Day: 1, Week: 2, Month: 3}, Sessions: 2,
			Mails: watchword.QueueCount{Waiting: 2, Failed: 1}, Jobs: watchword.QueueCount{Waiting: 1},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if len(days) != 30 {
			t.Fatalf("%d days", len(days))
		}
		for i, one := range days {
			want := watchword.DayCount{Day: w.clock.Now().Truncate(day).Add(time.Duration(i-29) * day)}
			switch i {
			case 29:
				want.SignUps, want.SignIns = 2, 2
			case 26:
				want.SignUps, want.SignIns, want.Failures = 1, 1, 2
			case 17:
				want.SignUps, want.SignIns = 1, 1
			}
			if one != want {
				t.Errorf("got %+v, want %+v", one, want)
			}
		}
	})
}

// A session that lives for weeks is refreshed by who uses it: they are active
// without signing in.
func TestWhoseSessionIsRefreshedIsActive(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.signIn(w.user("ada@example.com", time.Time{}))
		w.clock.Advance(20 * day)
		if got := w.read().Active; got != (watchword.Activity{Month: 1}) {
			t.Errorf("got %+v", got)
		}
		w.sql(fmt.Sprintf("UPDATE sessions SET rotated_at = %d", w.clock.Now().Add(-2*day).UnixMicro()))
		w.clock.Advance(time.Minute)
		if got := w.read().Active; got != (watchword.Activity{Week: 1, Month: 1}) {
			t.Errorf("got %+v", got)
		}
		w.sql("DELETE FROM sessions") // as a purge does, of those that were ended
		w.clock.Advance(time.Minute)
		if got := w.read().Active; got != (watchword.Activity{Month: 1}) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestStatisticsAreTakenOnceAMinuteForAllNodes(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		other := &statistics.Overview{Store: storetest.OpenAt(w, w.engine, w.location, w.clock.Now), Clock: w.clock.Now}
		first := w.read()
		w.user("ada@example.com", time.Time{})
		w.clock.Advance(time.Minute - time.Microsecond)
		for _, one := range []*statistics.Overview{other, w.overview()} {
			if got, err := one.Read(w.Context()); err != nil || !reflect.DeepEqual(got, first) {
				t.Errorf("got  %+v (%v)\nwant %+v", got, err, first)
			}
		}
		w.clock.Advance(time.Microsecond)
		got, err := other.Read(w.Context())
		if err != nil || got.Users != 1 || !got.TakenAt.Equal(w.clock.Now()) {
			t.Errorf("got %+v (%v)", got, err)
		}
		if again := w.read(); !reflect.DeepEqual(again, got) {
			t.Errorf("got  %+v\nwant %+v", again, got)
		}
	})
}

// Whoever comes while they are taken is told the last, and does not count as well.
func TestOneOfManyTakesTheStatistics(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		last := w.read()
		w.clock.Advance(time.Hour)
		w.do(func(ctx context.Context, c *store.Conn) error {
			return c.ClaimStatistics(ctx, w.clock.Now().Add(time.Minute))
		})
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if got, err := w.overview().Read(w.Context()); err != nil || !got.TakenAt.Equal(last.TakenAt) {
					t.Errorf("got %+v (%v)", got, err)
				}
			})
		}
		group.Wait()
		w.clock.Advance(time.Minute) // who had claimed them is gone
		if got := w.read(); !got.TakenAt.Equal(w.clock.Now()) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestTheFirstToAskAtOnceAreAllAnswered(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.user("ada@example.com", time.Time{})
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if got, err := w.overview().Read(w.Context()); err != nil || got.Users != 1 {
					t.Errorf("got %+v (%v)", got, err)
				}
			})
		}
		group.Wait()
	})
}

// Where there is much to count, counting is not what the server does, and nobody
// waits for it but the first.
func TestWhatTakesLongIsTakenRarelyAndForNobodyInParticular(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		slow := w.overview()
		slow.Clock = func() time.Time {
			w.clock.Advance(3 * time.Second)
			return w.clock.Now()
		}
		first, err := slow.Read(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		one := w.overview()
		is := func(what string, want time.Time) {
			t.Helper()
			if err := one.Keep(w.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := one.Read(w.Context()); err != nil || !got.TakenAt.Equal(want) {
				t.Errorf("%s: taken at %s, not %s (%v)", what, got.TakenAt, want, err)
			}
		}
		w.clock.Advance(5*time.Minute - time.Microsecond)
		is("before its time", first.TakenAt)
		w.clock.Advance(time.Microsecond)
		is("asked for now", first.TakenAt)
		is("asked for before", w.clock.Now())
	})
}

// Some of what is counted is gone when somebody asks.
func TestStatisticsAreTakenOnceAnHourWhenNobodyAsks(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		keep := func() time.Time {
			t.Helper()
			if err := w.overview().Keep(w.Context()); err != nil {
				t.Fatal(err)
			}
			last, err := w.store.Read().Statistics(w.Context())
			if err != nil {
				t.Fatal(err)
			}
			return last.TakenAt
		}
		first := w.clock.Now()
		if got := keep(); !got.Equal(first) {
			t.Errorf("first taken at %s", got)
		}
		w.clock.Advance(time.Hour - time.Microsecond)
		if got := keep(); !got.Equal(first) {
			t.Errorf("taken at %s", got)
		}
		w.clock.Advance(time.Microsecond)
		if got := keep(); !got.Equal(w.clock.Now()) {
			t.Errorf("taken at %s", got)
		}
	})
}

// Failures are kept for days only, and told for a month.
func TestADayIsRememberedWhenItsEventsAreGone(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		failures := func(day int) int64 { return w.read().Days[day].Failures }
		w.do(happens(watchword.EventSignInFailed), happens(watchword.EventSignInFailed))
		if n := failures(29); n != 2 {
			t.Errorf("%d today", n)
		}
		w.clock.Advance(day / 2)
		w.clock.Advance(-time.Second) // a second before midnight
		w.do(happens(watchword.EventSignInFailed))
		w.clock.Advance(11 * time.Minute)
		if n := failures(28); n != 3 {
			t.Errorf("%d yesterday", n)
		}
		w.sql("DELETE FROM events")
		w.clock.Advance(10 * day)
		if n := failures(18); n != 3 {
			t.Errorf("%d of a day that was counted when it was over", n)
		}
		w.do(happens(watchword.EventSignInFailed))
		w.clock.Advance(time.Hour)
		if n := failures(29); n != 1 {
			t.Errorf("%d today", n)
		}
		w.sql("DELETE FROM events") // sooner than a day is over
		w.clock.Advance(time.Hour)
		if n := failures(29); n != 1 {
			t.Errorf("%d today, of which there were more", n)
		}
		w.clock.Advance(40 * day)
		for _, one := range w.read().Days {
			if one.Failures != 0 {
				t.Errorf("%+v", one)
			}
		}
	})
}

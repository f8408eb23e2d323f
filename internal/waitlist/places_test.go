package waitlist_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/waitlist"
)

func TestAPlaceIsTakenOnceAndKept(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		if e, err := w.places.Get(w.Context(), ada, "search"); err != nil || e.ID != "" {
			w.Errorf("%+v (%v)", e, err)
		}
		first := w.joins(ada, "search")
		w.clock.Advance(time.Hour)
		again, joining, err := w.places.Join(w.Context(), ada, "search")
		if err != nil || joining != waitlist.WasInside || again != first {
			w.Errorf("got  %+v, %s (%v)\nwant %+v", again, joining, err, first)
		}
		if e, err := w.places.Get(w.Context(), ada, "search"); err != nil || e != first || e.Status != watchword.WaitlistWaiting {
			w.Errorf("got  %+v (%v)\nwant %+v", e, err, first)
		}
		list, next, err := w.places.List(w.Context(), ada, watchword.Page{Limit: 9})
		if err != nil || next != "" || !slices.Equal(list, []watchword.WaitlistEntry{first}) {
			w.Errorf("%+v, %q (%v)", list, next, err)
		}
		for range 2 { // the second changes nothing
			w.ok(w.places.Leave(w.Context(), ada, "search"))
		}
		if list, _, err := w.places.List(w.Context(), ada, watchword.Page{Limit: 9}); err != nil || len(list) != 0 {
			w.Errorf("%+v (%v)", list, err)
		}
		if second := w.joins(ada, "search"); !second.JoinedAt.After(first.JoinedAt) {
			w.Errorf("whoever left got the old place back: %+v", second)
		}
		joined, left := w.events(watchword.EventWaitlistJoined), w.events(watchword.EventWaitlistLeft)
		if len(joined) != 2 || len(left) != 1 {
			w.Fatalf("%+v %+v", joined, left)
		}
		for _, e := range append(joined, left...) {
			if e.UserID != ada.UserID || e.AccountID != ada.AccountID || e.SessionID != ada.Session || e.Actor != "user:"+string(ada.UserID) ||
				e.RequestID != "req" || e.IP != "192.0.2.1" || e.Data["feature"] != "search" {
				w.Errorf("%+v", e)
			}
		}
	})
}

func TestOnlyWhatIsThereAndOpenIsJoined(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.proven("ada"), w.proven("eve")
		w.feature("search")
		inside := w.joins(ada, "search")
		_, err := w.features.Update(w.Context(), admin, "search", waitlist.Change{Door: door(waitlist.DoorClosed)}, watchword.Precondition{})
		w.ok(err)
		_, _, err = w.places.Join(w.Context(), eve, "search")
		w.is(err, waitlist.ErrFeatureClosed)
		if e, joining, err := w.places.Join(w.Context(), ada, "search"); err != nil || joining != waitlist.WasInside || e != inside {
			w.Errorf("%+v, %s (%v)", e, joining, err)
		}
		_, _, err = w.places.Join(w.Context(), eve, "nothing")
		w.is(err, waitlist.ErrUnknownFeature)
		if e, err := w.places.Get(w.Context(), eve, "nothing"); err != nil || e.ID != "" {
			w.Errorf("%+v (%v)", e, err)
		}
		w.ok(w.places.Leave(w.Context(), eve, "nothing"))
		_, err = w.features.Update(w.Context(), admin, "search", waitlist.Change{Door: door(waitlist.DoorOpen)}, watchword.Precondition{})
		w.ok(err)
		w.joins(eve, "search")
	})
}

func door(d waitlist.Door) *waitlist.Door { return &d }

// Whatever account a token names, it is the live membership that counts.
func TestWhoIsNotInTheAccountIsRefused(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.proven("ada"), w.proven("eve")
		w.feature("search")
		w.joins(ada, "search")
		w.places.Opening = waitlist.OpenFeatures
		member := w.enters(eve.UserID, ada.AccountID)
		removed := eve
		removed.AccountID = ada.AccountID
		w.joins(removed, "search")
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteMembership(w.Context(), ada.AccountID, member) }))
		stranger, nowhere := ada, ada
		stranger.AccountID, nowhere.AccountID = eve.AccountID, ""
		for name, who := range map[string]waitlist.Caller{"a removed member": removed, "a stranger": stranger, "somebody without an account": nowhere} {
			_, _, list := w.places.List(w.Context(), who, watchword.Page{Limit: 9})
			_, get := w.places.Get(w.Context(), who, "search")
			_, _, join := w.places.Join(w.Context(), who, "search")
			_, _, open := w.places.Join(w.Context(), who, "new")
			for act, err := range map[string]error{
				"list": list, "get": get, "join": join, "join what is new": open, "leave": w.places.Leave(w.Context(), who, "search"),
			} {
				if !errors.Is(err, waitlist.ErrNoAccount) {
					w.Errorf("%s: %s: %v", name, act, err)
				}
			}
		}
		if got := w.users("search", ""); !slices.Equal(got, []watchword.UserID{ada.UserID}) {
			w.Errorf("on the waitlist: %v", got)
		}
	})
}

func TestWhereItIsAllowedTheFirstToJoinMakesTheFeature(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.proven("ada"), w.proven("eve")
		w.places.Opening = waitlist.OpenFeatures
		w.joins(ada, "new")
		w.joins(eve, "new")
		f, err := w.features.Get(w.Context(), "new")
		if err != nil || f.Waiting != 2 || f.AddClaim || f.Title != "" {
			w.Errorf("%+v (%v)", f, err)
		}
		if made := w.events(watchword.EventFeatureCreated); len(made) != 1 || made[0].UserID != ada.UserID || made[0].Data["feature"] != "new" {
			w.Errorf("%+v", made)
		}
	})
}

func TestNobodyJoinsAndLeavesWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	ada, eve := w.proven("ada"), w.proven("eve")
	w.feature("search")
	for range 500 {
		w.joins(ada, "search")
		w.ok(w.places.Leave(w.Context(), ada, "search"))
	}
	_, _, err := w.places.Join(w.Context(), ada, "search")
	if watchword.KindOf(err) != watchword.KindLimited || watchword.KindOf(w.places.Leave(w.Context(), ada, "search")) != watchword.KindLimited {
		w.Errorf("%v", err)
	}
	w.joins(eve, "search")
	w.clock.Advance(time.Hour)
	w.joins(ada, "search")
}

func TestOfManyJoinsAtOnceOneTakesThePlaceAndAllGetIt(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.places.Opening = waitlist.OpenFeatures
		for _, name := range []watchword.FeatureName{"search", "new"} { // one that is there, one that they make
			const callers = 100
			entries, joinings := make([]watchword.WaitlistEntry, callers), make([]waitlist.Joining, callers)
			acts := make([]func(), callers)
			for i := range acts {
				acts[i] = func() {
					var err error
					if entries[i], joinings[i], err = w.places.Join(w.Context(), ada, name); err != nil {
						w.Error(err)
					}
				}
			}
			atOnce(acts...)
			joined := 0
			for i := range entries {
				if entries[i] != entries[0] || entries[i].ID == "" {
					w.Fatalf("got %+v and %+v", entries[i], entries[0])
				}
				if joinings[i] == waitlist.Joined {
					joined++
				}
			}
			if got := w.users(name, ""); joined != 1 || len(got) != 1 {
				w.Errorf("%s: %d joined, %d are on it", name, joined, len(got))
			}
		}
		if joined, made := w.events(watchword.EventWaitlistJoined), w.events(watchword.EventFeatureCreated); len(joined) != 2 || len(made) != 2 {
			w.Errorf("%d joined, %d features made", len(joined), len(made))
		}
	})
}

func TestManyWhoJoinWhatIsNewAllGetAPlace(t *testing.T) {
	onEach(t, func(w *world) {
		w.places.Opening = waitlist.OpenFeatures
		acts := make([]func(), 30)
		for i := range acts {
			p := w.proven("p" + string(rune('a'+i)))
			acts[i] = func() {
				if _, joining, err := w.places.Join(w.Context(), p, "new"); err != nil || joining != waitlist.Joined {
					w.Errorf("%s (%v)", joining, err)
				}
			}
		}
		atOnce(acts...)
		if f, err := w.features.Get(w.Context(), "new"); err != nil || f.Waiting != 30 {
			w.Errorf("%+v (%v)", f, err)
		}
	})
}

// Where features are made by whoever joins nothing else would bound what GET
// /auth/me lists.
func TestAUserHasOnlySoManyPlacesInAnAccountHoweverManyTheyTakeAtOnce(t *testing.T) {
	onEach(t, func(w *world) {
		w.places.Opening = waitlist.OpenFeatures
		ada := w.proven("ada")
		for i := range waitlist.MaxPlaces - 3 {
			w.joins(ada, watchword.FeatureName(fmt.Sprint("f", i)))
		}
		var joined atomic.Int64
		acts := make([]func(), 20)
		for i := range acts {
			acts[i] = func() {
				_, _, err := w.places.Join(w.Context(), ada, watchword.FeatureName(fmt.Sprint("g", i)))
				if err == nil {
					joined.Add(1)
				} else if !errors.Is(err, waitlist.ErrTooMany) {
					w.Error(err)
				}
			}
		}
		atOnce(acts...)
		if joined.Load() != 3 || len(w.events(watchword.EventFeatureCreated)) != waitlist.MaxPlaces {
			w.Errorf("%d joined, %d features made", joined.Load(), len(w.events(watchword.EventFeatureCreated)))
		}
		if _, joining, err := w.places.Join(w.Context(), ada, "f0"); err != nil || joining != waitlist.WasInside {
			w.Errorf("%s (%v)", joining, err)
		}
		other := w.proven("other")
		w.enters(ada.UserID, other.AccountID)
		elsewhere := ada
		elsewhere.AccountID = other.AccountID
		w.joins(elsewhere, "f0")
		w.ok(w.places.Leave(w.Context(), ada, "f0"))
		w.joins(ada, "new")
	})
}

// A removal leaves nobody behind, whichever comes first.
func TestARemovalAndAJoinThatRaceLeaveNoPlaceBehind(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.proven("ada"), w.proven("eve")
		w.feature("search")
		eve.AccountID = ada.AccountID
		for round := range 20 {
			member := w.enters(eve.UserID, ada.AccountID)
			join := func() {
				if _, _, err := w.places.Join(w.Context(), eve, "search"); err != nil && !errors.Is(err, waitlist.ErrNoAccount) {
					w.Errorf("round %d: %v", round, err)
				}
			}
			remove := func() {
				err := w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteMembership(w.Context(), ada.AccountID, member) })
				if err != nil {
					w.Errorf("round %d: %v", round, err)
				}
			}
			atOnce(join, join, remove, join, join)
			if got := w.users("search", ""); len(got) != 0 {
				w.Fatalf("round %d: %v", round, got)
			}
		}
	})
}

// Whoever is told that they joined is on the list, closed as it may be by now.
func TestAJoinAndTheClosingThatRaceAgree(t *testing.T) {
	onEach(t, func(w *world) {
		people := make([]waitlist.Caller, 10)
		for i := range people {
			people[i] = w.proven("p" + string(rune('a'+i)))
		}
		w.feature("search")
		inside := make([]bool, len(people))
		var acts []func()
		for i, p := range people {
			acts = append(acts, func() {
				_, _, err := w.places.Join(w.Context(), p, "search")
				if inside[i] = err == nil; err != nil && !errors.Is(err, waitlist.ErrFeatureClosed) {
					w.Error(err)
				}
			})
		}
		acts = append(acts, func() {
			_, err := w.features.Update(w.Context(), admin, "search", waitlist.Change{Door: door(waitlist.DoorClosed)}, watchword.Precondition{})
			if err != nil {
				w.Error(err)
			}
		})
		atOnce(acts...)
		listed := w.users("search", "")
		for i, p := range people {
			if slices.Contains(listed, p.UserID) != inside[i] {
				w.Errorf("told %t, listed %v", inside[i], listed)
			}
		}
	})
}

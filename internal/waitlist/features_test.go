package waitlist_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/waitlist"
)

func TestAFeatureIsMadeOnceForACallThatIsSentAgain(t *testing.T) {
	onEach(t, func(w *world) {
		in := waitlist.NewFeature{Name: "search", Title: " Search ", Description: "One\nTwo", AddClaim: true}
		call, err := idempotency.NewCall(admin.Actor, "k", "create", in)
		w.ok(err)
		made, err := w.features.Create(w.Context(), admin, in, call)
		if err != nil || made.Title != "Search" || made.Description != "One\nTwo" || !made.AddClaim || made.Revision() == "" {
			w.Errorf("%+v (%v)", made, err)
		}
		if again, err := w.features.Create(w.Context(), admin, in, call); err != nil || again != made {
			w.Errorf("got  %+v (%v)\nwant %+v", again, err, made)
		}
		_, err = w.features.Create(w.Context(), admin, in, idempotency.Call{})
		w.is(err, waitlist.ErrFeatureExists)
		events := w.events(watchword.EventFeatureCreated)
		if len(events) != 1 || events[0].Actor != admin.Actor || events[0].RequestID != "adm" || events[0].IP != "192.0.2.9" || events[0].Data["feature"] != "search" {
			w.Errorf("%+v", events)
		}
	})
}

func TestAFeatureNeedsAPlainNameAndReadableTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	for _, in := range []waitlist.NewFeature{
		{Name: ""},
		{Name: "Beta"},
		{Name: ".beta"},
		{Name: "be ta"},
		{Name: "bäta"},
		{Name: watchword.FeatureName(strings.Repeat("x", 65))},
		{Name: "x", Title: "a\nb"},
		{Name: "x", Title: "a\u202eb"},
		{Name: "x", Title: strings.Repeat("x", 201)},
		{Name: "x", Description: "a\x1bb"},
		{Name: "x", Description: strings.Repeat("x", 2001)},
	} {
		if _, err := w.features.Create(w.Context(), admin, in, idempotency.Call{}); watchword.KindOf(err) != watchword.KindInvalid {
			w.Errorf("%+v: %v", in, err)
		}
	}
	for _, name := range []watchword.FeatureName{"b", "0", "beta-search", "a.b_c-d", watchword.FeatureName(strings.Repeat("x", 64))} {
		w.feature(name)
	}
}

func TestAChangeIsMadeInTheStateThatItWasMeantFor(t *testing.T) {
	onEach(t, func(w *world) {
		before := w.feature("search")
		set := func(title string, only watchword.Precondition) (watchword.Feature, error) {
			return w.features.Update(w.Context(), admin, "search", waitlist.Change{Title: &title}, only)
		}
		first, err := set("One", watchword.InRevisions(before.Revision()))
		if err != nil || first.Title != "One" || first.Revision() == before.Revision() { // the clock stands still
			w.Errorf("%+v (%v)", first, err)
		}
		_, err = set("Two", watchword.InRevisions(before.Revision()))
		w.is(err, watchword.ErrPrecondition)
		w.is(w.features.Delete(w.Context(), admin, "search", watchword.InRevisions(before.Revision())), watchword.ErrPrecondition)
		if same, err := set("One", watchword.Precondition{}); err != nil || same != first {
			w.Errorf("what changes nothing: %+v (%v)", same, err)
		}
		if got, err := w.features.Get(w.Context(), "search"); err != nil || got != first {
			w.Errorf("got  %+v (%v)\nwant %+v", got, err, first)
		}
		won := make([]bool, 10)
		acts := make([]func(), len(won))
		for i := range acts {
			acts[i] = func() {
				_, err := set(fmt.Sprint("Racer ", i), watchword.InRevisions(first.Revision()))
				if won[i] = err == nil; err != nil && !errors.Is(err, watchword.ErrPrecondition) {
					w.Error(err)
				}
			}
		}
		atOnce(acts...)
		winners := 0
		for _, is := range won {
			if is {
				winners++
			}
		}
		if events := w.events(watchword.EventFeatureUpdated); winners != 1 || len(events) != 2 || events[0].Data["title"] != "changed" || events[0].Actor != admin.Actor {
			w.Errorf("%d won, %+v", winners, events)
		}
		_, err = w.features.Update(w.Context(), admin, "nothing", waitlist.Change{}, watchword.Precondition{})
		w.is(err, waitlist.ErrUnknownFeature)
	})
}

func TestWhatTokensMayHaveToNameIsBounded(t *testing.T) {
	onEach(t, func(w *world) {
		name := func(i int) watchword.FeatureName {
			return watchword.FeatureName(fmt.Sprintf("%02d-%s", i, strings.Repeat("x", 60)))
		}
		yes := true
		made := 0
		for ; ; made++ {
			_, err := w.features.Create(w.Context(), admin, waitlist.NewFeature{Name: name(made), AddClaim: true}, idempotency.Call{})
			if err != nil {
				w.is(err, waitlist.ErrClaimsTooLong)
				break
			}
		}
		if made < 10 || made > 30 {
			w.Errorf("%d features fit", made)
		}
		w.feature(name(made)) // without the claim
		claim := func(i int, to *bool) error {
			_, err := w.features.Update(w.Context(), admin, name(i), waitlist.Change{AddClaim: to}, watchword.Precondition{})
			return err
		}
		w.is(claim(made, &yes), waitlist.ErrClaimsTooLong)
		if f, err := w.features.Get(w.Context(), name(made)); err != nil || f.AddClaim {
			w.Errorf("%+v (%v)", f, err)
		}
		w.ok(claim(0, new(bool)))
		w.ok(claim(made, &yes))
	})
}

// Each of many at once must count the others, those that make a feature and those
// that change one.
func TestWhatTokensMayHaveToNameIsBoundedHoweverManyAskAtOnce(t *testing.T) {
	onEach(t, func(w *world) {
		yes := true
		acts := make([]func(), 40)
		for i := range acts {
			name := watchword.FeatureName(fmt.Sprintf("%02d-%s", i, strings.Repeat("x", 60)))
			act := func() error {
				_, err := w.features.Create(w.Context(), admin, waitlist.NewFeature{Name: name, AddClaim: true}, idempotency.Call{})
				return err
			}
			if i%2 == 0 {
				w.feature(name)
				act = func() error {
					_, err := w.features.Update(w.Context(), admin, name, waitlist.Change{AddClaim: &yes}, watchword.Precondition{})
					return err
				}
			}
			acts[i] = func() {
				if err := act(); err != nil && !errors.Is(err, waitlist.ErrClaimsTooLong) {
					w.Error(err)
				}
			}
		}
		atOnce(acts...)
		list, _, err := w.features.List(w.Context(), watchword.Page{Limit: 100})
		w.ok(err)
		claimed := 0
		for _, f := range list {
			if f.AddClaim {
				claimed++
			}
		}
		if claimed != 18 { // of 1200 characters each takes up 66
			w.Errorf("%d features are claimed", claimed)
		}
	})
}

func TestADeletedFeatureTakesItsWaitlistAlong(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		other := w.feature("other")
		people := w.queue("search", 3)
		w.joins(people[0], "other")
		w.approve("search", waitlist.Cohort{Users: usersOf(people[:1])})
		w.ok(w.features.Delete(w.Context(), admin, "search", watchword.Precondition{}))
		_, err := w.features.Get(w.Context(), "search")
		w.is(err, waitlist.ErrUnknownFeature)
		w.is(w.features.Delete(w.Context(), admin, "search", watchword.Precondition{}), waitlist.ErrUnknownFeature)
		if e, err := w.places.Get(w.Context(), people[0], "search"); err != nil || e.ID != "" {
			w.Errorf("%+v (%v)", e, err)
		}
		if f, err := w.features.Get(w.Context(), "other"); err != nil || f.Waiting != 1 || f.ID != other.ID {
			w.Errorf("%+v (%v)", f, err)
		}
		if events := w.events(watchword.EventFeatureDeleted); len(events) != 1 || events[0].Data["entries"] != "3" || events[0].Actor != admin.Actor {
			w.Errorf("%+v", events)
		}
		w.feature("search") // the name is free
	})
}

func TestALongWaitlistIsClosedAtOnceAndGoesByAndBy(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		before := w.feature("search")
		w.crowd("search", ada.AccountID, 1100)
		w.ok(w.features.Delete(w.Context(), admin, "search", watchword.InRevisions(before.Revision())))
		closed, err := w.features.Get(w.Context(), "search")
		if err != nil || closed.ClosedAt.IsZero() || closed.Revision() == before.Revision() {
			w.Errorf("%+v (%v)", closed, err)
		}
		_, _, err = w.places.Join(w.Context(), ada, "search")
		w.is(err, waitlist.ErrFeatureClosed)
		if n := w.work(); n != 1 {
			w.Errorf("%d jobs", n)
		}
		_, err = w.features.Get(w.Context(), "search")
		w.is(err, waitlist.ErrUnknownFeature)
		if events := w.events(watchword.EventFeatureDeleted); len(events) != 1 || events[0].Data["entries"] != "1100" {
			w.Errorf("%+v", events)
		}
	})
}

// Several nodes start at once, and again, and leave what is there as it is.
func TestTheFeaturesOfTheSettingsAreThereFromTheStart(t *testing.T) {
	onEach(t, func(w *world) {
		names := []watchword.FeatureName{"search", "beta"}
		start := func() {
			if err := w.features.Ensure(w.Context(), names, "system"); err != nil {
				w.Error(err)
			}
		}
		atOnce(start, start, start, start)
		title := "Search"
		changed, err := w.features.Update(w.Context(), admin, "search", waitlist.Change{Title: &title, Door: door(waitlist.DoorClosed)}, watchword.Precondition{})
		w.ok(err)
		start()
		if f, err := w.features.Get(w.Context(), "search"); err != nil || f != changed {
			w.Errorf("got  %+v (%v)\nwant %+v", f, err, changed)
		}
		if events := w.events(watchword.EventFeatureCreated); len(events) != 2 || events[0].Actor != "system" {
			w.Errorf("%+v", events)
		}
	})
}

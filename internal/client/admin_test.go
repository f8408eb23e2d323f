package client_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store/storetest"
)

func (w *world) call(key string, body any) idempotency.Call {
	w.Helper()
	call, err := idempotency.NewCall(ada.Actor, key, "make", body)
	w.ok(err)
	return call
}

func TestAClientIsChangedInTheStateThatItWasMeantFor(t *testing.T) {
	onEach(t, func(w *world) {
		id, _ := w.confidential()
		before, err := w.Get(w.Context(), id)
		w.ok(err)
		rename := func(name string, want watchword.Precondition) (client.Application, error) {
			return w.Update(w.Context(), id, client.Change{Name: &name}, ada, want)
		}
		first, err := rename("One", watchword.InRevisions(before.Revision()))
		if err != nil || first.Revision() == before.Revision() || !first.UpdatedAt.After(before.UpdatedAt) { // the clock stands still
			w.Errorf("%+v (%v)", first, err)
		}
		if got, err := w.Get(w.Context(), id); err != nil || got.Revision() != first.Revision() || got.Name != "One" {
			w.Errorf("%+v (%v)", got, err)
		}
		_, err = rename("Two", watchword.InRevisions(before.Revision()))
		w.is(err, watchword.ErrPrecondition)
		w.is(w.Delete(w.Context(), id, ada, watchword.InRevisions(before.Revision())), watchword.ErrPrecondition)

		var racing sync.WaitGroup
		won := make([]bool, 8)
		for i := range won {
			racing.Go(func() {
				_, err := rename(fmt.Sprint("Racer ", i), watchword.InRevisions(first.Revision()))
				if won[i] = err == nil; err != nil && !errors.Is(err, watchword.ErrPrecondition) {
					w.Error(err)
				}
			})
		}
		racing.Wait()
		if winners := len(slices.DeleteFunc(won, func(is bool) bool { return !is })); winners != 1 {
			w.Errorf("%d won", winners)
		}
		after, err := w.Get(w.Context(), id)
		w.ok(err)
		w.ok(w.Delete(w.Context(), id, ada, watchword.InRevisions(after.Revision())))
	})
}

func TestASecretIsSeenAgainByTheCallThatIsSentAgain(t *testing.T) {
	onEach(t, func(w *world) {
		c := shop()
		c.Type = watchword.ClientConfidential
		create := func() (client.Application, secret.String) {
			made, key, err := w.Create(w.Context(), c, ada, w.call("k", c))
			w.ok(err)
			return made, key
		}
		made, key := create()
		if again, same := create(); again.ID != made.ID || !same.Equal(key) || key.IsZero() {
			w.Errorf("got %s, want %s", again.ID, made.ID)
		}
		w.authenticates(made.ID, key, true)
		other := shop()
		_, _, err := w.Create(w.Context(), other, ada, w.call("k", other))
		w.is(err, idempotency.ErrKeyReused)

		rotate := func(key string) secret.String {
			app, secret, err := w.RotateSecret(w.Context(), made.ID, time.Hour, ada, w.call(key, "rotate"))
			w.ok(err)
			if app.ID != made.ID {
				w.Errorf("got %s", app.ID)
			}
			return secret
		}
		second := rotate("r")
		if again := rotate("r"); !again.Equal(second) || second.Equal(key) {
			w.Error("another secret than the first time")
		}
		// Rotated twice, the first would be dead by now.
		w.authenticates(made.ID, key, true)
		w.authenticates(made.ID, second, true)
		if n := len(w.events(watchword.EventClientRotated)) + len(w.events(watchword.EventClientCreated)); n != 2 {
			w.Errorf("%d events", n)
		}

		w.clock.Advance(idempotency.Life)
		if third := rotate("r"); third.Equal(second) {
			w.Error("the same secret after a day")
		}
	})
}

func TestOfParallelCallsWithOneKeyOneRotates(t *testing.T) {
	onEach(t, func(w *world) {
		id, first := w.confidential()
		call := w.call("r", "rotate")
		var racing sync.WaitGroup
		keys := make([]secret.String, 8)
		for i := range keys {
			racing.Go(func() {
				var err error
				if _, keys[i], err = w.RotateSecret(w.Context(), id, time.Hour, ada, call); err != nil {
					w.Error(err)
				}
			})
		}
		racing.Wait()
		for _, key := range keys {
			if !key.Equal(keys[0]) {
				w.Error("two secrets")
			}
		}
		w.authenticates(id, first, true)
		w.authenticates(id, keys[0], true)
		if n := len(w.events(watchword.EventClientRotated)); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

func TestWhatIsShownOnceLiesSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	c := shop()
	c.Type = watchword.ClientConfidential
	_, key, err := w.Create(w.Context(), c, ada, w.call("k", c))
	w.ok(err)
	for where, want := range map[string]int{
		"idempotency_keys WHERE length(sealed) > 40":                                     1,
		"idempotency_keys WHERE instr(sealed, CAST('" + key.Reveal() + "' AS BLOB)) > 0": 0,
	} {
		if n := storetest.Count(t, w.engine, w.location, where); n != want {
			t.Errorf("%s: %d", where[:40], n)
		}
	}
}

// A cursor that could be anything would quietly leave out what is there.
func TestAListOfClientsGoesOnFromItsOwnCursorsAlone(t *testing.T) {
	onEach(t, func(w *world) {
		for _, cursor := range []string{"x", "unknown", "cli_", "usr_00000000000000000000000000", strings.Repeat("z", 30)} {
			_, _, err := w.List(w.Context(), watchword.Page{Before: cursor, Limit: 3})
			w.is(err, watchword.ErrCursor)
		}
	})
}

// The list would show it twice, and its cursor would go round in circles.
func TestAClientThatTheSettingsHaveTooIsListedOnce(t *testing.T) {
	onEach(t, func(w *world) {
		var ids []watchword.ClientID
		for range 4 {
			w.clock.Advance(time.Second)
			made, _ := w.make(shop())
			ids = append([]watchword.ClientID{made.ID}, ids...)
		}
		s := settings()
		for _, id := range []watchword.ClientID{ids[0], ids[2]} {
			s.Clients = append(s.Clients, watchword.Client{ID: id, Name: "Of the settings", Type: watchword.ClientPublic})
		}
		node := w.node(s)
		want := []watchword.ClientID{"web", "backend", ids[0], ids[2], ids[1], ids[3]}
		for limit := 1; limit <= 7; limit++ {
			var got []watchword.ClientID
			for next := ""; ; {
				list, cursor, err := node.List(w.Context(), watchword.Page{Before: next, Limit: limit})
				w.ok(err)
				for _, app := range list {
					got = append(got, app.ID)
				}
				if next = cursor; next == "" || len(got) > len(want) {
					break
				}
			}
			if !slices.Equal(got, want) {
				w.Errorf("by %d: got %v, want %v", limit, got, want)
			}
		}
	})
}

func TestOneOfTheSettingsHasNoRevision(t *testing.T) {
	onEach(t, func(w *world) {
		if got, err := w.Get(w.Context(), "web"); err != nil || got.Revision() != "" {
			w.Errorf("%+v (%v)", got, err)
		}
	})
}

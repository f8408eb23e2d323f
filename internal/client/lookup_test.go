package client_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/store/storetest"
)

// lookup is Lookup of a registry that must find out.
func (w *world) lookup(r *client.Registry, id watchword.ClientID) bool {
	w.Helper()
	_, ok, err := r.Lookup(w.Context(), id)
	w.ok(err)
	return ok
}

func (w *world) unsettled(r *client.Registry, id watchword.ClientID) {
	w.Helper()
	if _, ok, err := r.Lookup(w.Context(), id); ok || watchword.KindOf(err) != watchword.KindUnavailable {
		w.Errorf("known: %t, %v", ok, err)
	}
}

// away takes the clients from the database, or puts them back: whoever asks then fails.
func (w *world) away(do func()) {
	w.Helper()
	storetest.Exec(w.T, w.engine, w.location, "ALTER TABLE clients RENAME TO away")
	do()
	storetest.Exec(w.T, w.engine, w.location, "ALTER TABLE away RENAME TO clients")
}

func (w *world) someID() watchword.ClientID {
	return watchword.NewID[watchword.ClientID](w.clock.Now(), rand.Reader)
}

func TestAClientThatWasMadeElsewhereIsLookedFor(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		id, key := w.confidential()
		if !w.lookup(other, id) || !other.Authenticate(id, key) {
			w.Error("made elsewhere and not known")
		}
		w.away(func() { // who is known is asked nobody for
			if !w.lookup(other, id) || !w.lookup(other, "web") {
				w.Error("forgotten")
			}
		})
	})
}

// A no that is wrong would end sessions that are good.
func TestWithoutADatabaseNobodySaysThatThereIsNoSuchClient(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		id, _ := w.confidential()
		w.away(func() {
			w.unsettled(other, id)
			w.clock.Advance(time.Second)
			w.unsettled(other, id)
		})
		w.unsettled(other, id) // not again within the second
		w.clock.Advance(time.Second)
		if !w.lookup(other, id) {
			w.Error("not known")
		}
	})
}

// Whoever makes up ids must not have the database asked for each.
func TestMadeUpClientsCostAQueryASecond(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		first, second := w.someID(), w.someID()
		if w.lookup(other, first) {
			w.Error("anybody is a client")
		}
		w.unsettled(other, second)
		w.away(func() {
			w.clock.Advance(time.Second)
			// One that was looked for, and what is no id of the database, are settled.
			for _, id := range []watchword.ClientID{first, "", "unknown", "cli_unknown", first + "0"} {
				if w.lookup(other, id) {
					w.Errorf("%q is a client", id)
				}
			}
			w.unsettled(other, second)
		})
		w.ok(other.Reload(w.Context())) // which forgets nothing
		w.away(func() {
			w.clock.Advance(time.Second)
			if w.lookup(other, first) {
				w.Error("it has come to be")
			}
		})
	})
}

// Sessions of a client that was deleted end at once, whatever strangers ask for.
func TestADeletedClientIsNotLookedFor(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		id, _ := w.confidential()
		if !w.lookup(other, id) {
			w.Fatal("not known")
		}
		w.ok(w.Delete(w.Context(), id, ada, watchword.Precondition{}))
		w.ok(other.Reload(w.Context()))
		w.away(func() {
			for _, r := range []*client.Registry{w.Registry, other} {
				if w.lookup(r, id) {
					w.Error("deleted and known")
				}
			}
		})
	})
}

func TestWhoLooksForAClientTogetherAsksOnce(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		id, _ := w.confidential()
		gone, left := context.WithCancel(w.Context())
		left() // whoever was first has closed the page: the others are answered all the same
		var asking sync.WaitGroup
		for range 24 {
			asking.Go(func() {
				if _, ok, err := other.Lookup(gone, id); err != nil || !ok {
					w.Errorf("known: %t, %v", ok, err)
				}
			})
		}
		asking.Wait()
	})
}

func TestAMethodIsOfferedByClientsOfTheDatabaseToo(t *testing.T) {
	onEach(t, func(w *world) {
		s := settings()
		for i := range s.Clients {
			s.Clients[i].Methods = []watchword.Method{"acme"}
		}
		node := w.node(s)
		if node.Registry.Offered(watchword.MethodPassword) || !node.Registry.Offered("acme") {
			w.Error("of the settings: wrong")
		}
		byPassword := shop()
		byPassword.Methods = []watchword.Method{watchword.MethodPassword}
		made, _, err := node.Create(w.Context(), byPassword, ada, idempotency.Call{})
		w.ok(err)
		if !node.Registry.Offered(watchword.MethodPassword) {
			w.Error("of the database: not offered")
		}
		w.ok(node.Delete(w.Context(), made.ID, ada, watchword.Precondition{}))
		if node.Registry.Offered(watchword.MethodPassword) {
			w.Error("of a deleted one: offered")
		}
	})
}

package client_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store/storetest"
)

func TestClientsOfTheSettingsAreKnownWithoutADatabase(t *testing.T) {
	t.Parallel()
	r := client.NewRegistry(nil, settings(), time.Now)
	if c, ok := r.Find("web"); !ok || c.Name != "Web" || r.Default() != "web" {
		t.Errorf("got %+v", c)
	}
	if _, ok := r.Find("cli_unknown"); ok {
		t.Error("anybody is a client")
	}
	if _, ok := r.Find(""); ok {
		t.Error("nobody is a client")
	}
	for text, want := range map[string]bool{"of the settings": true, "of the settings before": true, "": false, "of": false, "of the settings ": false} {
		if got := r.Authenticate("backend", secret.NewString(text)); got != want {
			t.Errorf("%q authenticates: %t", text, got)
		}
	}
	for _, id := range []watchword.ClientID{"web", "cli_unknown", ""} {
		if r.Authenticate(id, secret.NewString("of the settings")) || r.Authenticate(id, secret.String{}) {
			t.Errorf("%q authenticates", id)
		}
	}
}

// A secret that is given to a public client by mistake makes it no other.
func TestAPublicClientHasNoSecret(t *testing.T) {
	t.Parallel()
	s := settings()
	s.Secrets["web"] = s.Secrets["backend"]
	if client.NewRegistry(nil, s, time.Now).Authenticate("web", secret.NewString("of the settings")) {
		t.Error("it authenticates")
	}
}

func TestAChangeIsKnownHereAtOnceAndElsewhereAfterReload(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.node(settings()).Registry
		id, key := w.confidential()
		if _, ok := w.Registry.Find(id); !ok {
			w.Error("made and not known")
		}
		w.authenticates(id, key, true)
		if _, ok := other.Find(id); ok {
			w.Error("known to a node that nobody told")
		}
		w.ok(other.Reload(w.Context()))
		if c, ok := other.Find(id); !ok || c.Name != "Shop" || !other.Authenticate(id, key) {
			w.Errorf("got %+v", c)
		}

		name := "Store"
		_, err := w.Update(w.Context(), id, client.Change{Name: &name}, ada, watchword.Precondition{})
		w.ok(err)
		w.ok(other.Reload(w.Context()))
		for _, r := range []*client.Registry{w.Registry, other} {
			if c, _ := r.Find(id); c.Name != "Store" {
				w.Errorf("it is called %s", c.Name)
			}
		}

		w.ok(w.Delete(w.Context(), id, ada, watchword.Precondition{}))
		if _, ok := w.Registry.Find(id); ok {
			w.Error("deleted and known")
		}
		w.authenticates(id, key, false)
		w.ok(other.Reload(w.Context()))
		if _, ok := other.Find(id); ok || other.Authenticate(id, key) {
			w.Error("deleted and known elsewhere")
		}
		if _, ok := other.Find("web"); !ok {
			w.Error("the settings are forgotten")
		}
	})
}

// Sign-in would end for everybody because a table cannot be read for a moment.
func TestWithoutADatabaseTheLastClientsStay(t *testing.T) {
	onEach(t, func(w *world) {
		id, key := w.confidential()
		_, _, err := w.RotateSecret(w.Context(), id, time.Hour, ada, idempotency.Call{})
		w.ok(err)
		for _, table := range []string{"clients", "client_secrets"} {
			storetest.Exec(w.T, w.engine, w.location, "ALTER TABLE "+table+" RENAME TO away")
			if err := w.Registry.Reload(w.Context()); watchword.KindOf(err) != watchword.KindUnavailable {
				w.Errorf("without %s: %v", table, err)
			}
			storetest.Exec(w.T, w.engine, w.location, "ALTER TABLE away RENAME TO "+table)
			if _, ok := w.Registry.Find(id); !ok {
				w.Error("forgotten")
			}
			w.authenticates(id, key, true)
		}
		// And yet a secret ends on time.
		storetest.Exec(w.T, w.engine, w.location, "ALTER TABLE clients RENAME TO away")
		w.clock.Advance(time.Hour)
		w.authenticates(id, key, false)
	})
}

func TestTheSettingsWinOverTheDatabase(t *testing.T) {
	onEach(t, func(w *world) {
		id, key := w.confidential()
		s := settings()
		s.Clients = append(s.Clients, watchword.Client{ID: id, Name: "Of the settings", Type: watchword.ClientConfidential})
		s.Secrets[id] = []secret.String{secret.NewString("another")}
		node := w.node(s)
		if c, _ := node.Registry.Find(id); c.Name != "Of the settings" || node.Registry.Authenticate(id, key) || !node.Registry.Authenticate(id, secret.NewString("another")) {
			w.Errorf("got %+v", c)
		}
		if got, err := node.Get(w.Context(), id); err != nil || got.Source != client.SourceSettings {
			w.Errorf("got %+v (%v)", got, err)
		}
		w.is(node.Delete(w.Context(), id, ada, watchword.Precondition{}), client.ErrInSettings)
	})
}

func TestAClientHasWhatAllHaveWhereItSaysNothing(t *testing.T) {
	onEach(t, func(w *world) {
		bare, _ := w.make(shop())
		own := shop()
		own.Audience, own.Lifetimes = "urn:shop", watchword.Lifetimes{AccessToken: time.Minute, RefreshGrace: time.Hour}
		special, _ := w.make(own)
		if c, _ := w.Registry.Find(bare.ID); c.Audience != "https://id.example.com" || c.Lifetimes != everybodys || c.LoopbackOrigins {
			w.Errorf("got %+v", c)
		}
		want := everybodys
		want.AccessToken = time.Minute
		if c, _ := w.Registry.Find(special.ID); c.Audience != "urn:shop" || c.Lifetimes != want {
			w.Errorf("got %+v", c)
		}
		// What administrators see is what was said.
		if got, err := w.Get(w.Context(), special.ID); err != nil || got.Lifetimes != (watchword.Lifetimes{AccessToken: time.Minute}) || got.Audience != "urn:shop" {
			w.Errorf("got %+v (%v)", got, err)
		}
	})
}

func TestOriginsAreThoseOfTheClient(t *testing.T) {
	onEach(t, func(w *world) {
		made, _ := w.make(shop())
		const web, shop, none = "https://web.example.com", "https://shop.example.com", "https://evil.example"
		for _, c := range []struct {
			id     watchword.ClientID
			origin string
			want   bool
		}{
			{made.ID, shop, true},
			{made.ID, web, false},
			{made.ID, none, false},
			{made.ID, "", false},
			{made.ID, "http://localhost:3000", false},
			{"", web, true},
			{"", shop, false},
			{"web", web, true},
			{"backend", web, false},
			{"unknown", web, false},
		} {
			if got := w.Registry.Allowed(c.id, c.origin); got != c.want {
				w.Errorf("%q from %q: %t", c.id, c.origin, got)
			}
		}
		if !w.Registry.AllowedByAny(shop) || !w.Registry.AllowedByAny(web) || w.Registry.AllowedByAny(none) || w.Registry.AllowedByAny("http://localhost:3000") {
			w.Error("of any client: wrong")
		}
		w.ok(w.Delete(w.Context(), made.ID, ada, watchword.Precondition{}))
		if w.Registry.AllowedByAny(shop) || w.Registry.Allowed(made.ID, shop) {
			w.Error("a deleted client's origin is allowed")
		}
	})
}

func TestDevelopmentAllowsEveryLoopbackOrigin(t *testing.T) {
	t.Parallel()
	s := settings()
	s.Clients[0].LoopbackOrigins = true
	r := client.NewRegistry(nil, s, time.Now)
	for origin, want := range map[string]bool{
		"http://localhost:3000": true, "http://127.0.0.1": true, "https://localhost:3000": false, "http://localhost.evil.example": false,
		"http://localhost:3000/": false, "http://me@localhost": false, "http://[::1]:3000": false, "null": false, "": false,
	} {
		if r.Allowed("web", origin) != want || r.AllowedByAny(origin) != want {
			t.Errorf("%q: want %t", origin, want)
		}
		if r.Allowed("backend", origin) {
			t.Errorf("%q for another client", origin)
		}
	}
}

// Requests read while clients come and go.
func TestRequestsNeverSeeHalfAClient(t *testing.T) {
	onEach(t, func(w *world) {
		id, key := w.confidential()
		var asking sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			asking.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					c, ok := w.Registry.Find(id)
					if !ok || !slices.Equal(c.Origins, []string{"https://shop.example.com"}) || !w.Registry.Authenticate(id, key) || !w.Registry.AllowedByAny("https://web.example.com") {
						w.Errorf("got %+v", c)
						return
					}
				}
			})
		}
		var reloading sync.WaitGroup
		for range 4 {
			reloading.Go(func() {
				for range 20 {
					if err := w.Registry.Reload(w.Context()); err != nil {
						w.Error(err)
					}
				}
			})
		}
		reloading.Wait()
		close(done)
		asking.Wait()
	})
}

// Every request finds its client, and most ask for an origin.
func BenchmarkRequest(b *testing.B) {
	r := client.NewRegistry(nil, settings(), time.Now)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := r.Lookup(b.Context(), "web"); err != nil || !ok || !r.Allowed("web", "https://web.example.com") {
			b.Fatal("unknown")
		}
	}
}

package client_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// world is the clients of a server on a real database.
type world struct {
	*testing.T
	client.Applications
	engine   store.Engine
	location string
	clock    *storetest.Clock
}

const day = 24 * time.Hour

// everybody's are the lifetimes of clients that have none of their own.
var everybodys = watchword.Lifetimes{
	AccessToken: 10 * time.Minute, RefreshIdle: 7 * day, RefreshAbsolute: 30 * day, RefreshShort: 12 * time.Hour, RefreshGrace: 30 * time.Second,
}

// settings hold a public client and a confidential one with two secrets.
func settings() client.Settings {
	return client.Settings{
		Clients: []watchword.Client{
			{ID: "web", Name: "Web", Type: watchword.ClientPublic, Audience: "https://id.example.com", Lifetimes: everybodys, Origins: []string{"https://web.example.com"}},
			{ID: "backend", Name: "Backend", Type: watchword.ClientConfidential, Lifetimes: everybodys},
		},
		Secrets: map[watchword.ClientID][]secret.String{
			"backend": {secret.NewString("of the settings"), secret.NewString("of the settings before")},
		},
		Default: "web", Audience: "https://id.example.com", Lifetimes: everybodys,
	}
}

func newWorld(t *testing.T, engine store.Engine) *world {
	t.Helper()
	w := &world{T: t, engine: engine, location: storetest.Location(t, engine), clock: storetest.NewClock()}
	w.Applications = w.node(settings())
	return w
}

// node is one more server on the database.
func (w *world) node(s client.Settings) client.Applications {
	w.Helper()
	data := storetest.OpenAt(w.T, w.engine, w.location, w.clock.Now)
	keyring, err := secret.NewKeyring(secret.NewString("a server secret of the tests, long enough"), secret.String{})
	w.ok(err)
	a := client.Applications{
		Store: data, Keyring: keyring, Registry: client.NewRegistry(data, s, w.clock.Now), Random: rand.Reader,
		Methods: []watchword.Method{watchword.MethodPassword, watchword.MethodMagicLink, watchword.MethodPasskey, "acme"},
	}
	w.ok(a.Registry.Reload(w.Context()))
	return a
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(newWorld(t, engine)) })
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// ada administers.
var ada = watchword.Administrator{Actor: "user:usr_ada", Origin: watchword.Origin{IP: "192.0.2.7", RequestID: "r1"}}

func shop() watchword.Client {
	return watchword.Client{
		Name: "Shop", Type: watchword.ClientPublic, RedirectURIs: []string{"https://shop.example.com/in"}, Origins: []string{"https://shop.example.com"},
	}
}

func (w *world) make(c watchword.Client) (client.Application, secret.String) {
	w.Helper()
	made, key, err := w.Create(w.Context(), c, ada, idempotency.Call{})
	w.ok(err)
	return made, key
}

// confidential makes a confidential client.
func (w *world) confidential() (watchword.ClientID, secret.String) {
	w.Helper()
	c := shop()
	c.Type = watchword.ClientConfidential
	made, key := w.make(c)
	return made.ID, key
}

func (w *world) events(typ watchword.EventType) []watchword.Event {
	w.Helper()
	list, _, err := w.Store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 99})
	w.ok(err)
	return list
}

// one is the one event of a type, which ada caused.
func (w *world) one(typ watchword.EventType, id watchword.ClientID) watchword.Event {
	w.Helper()
	list := w.events(typ)
	if len(list) != 1 {
		w.Fatalf("%d events %s", len(list), typ)
	}
	if e := list[0]; e.Actor != ada.Actor || e.IP != ada.Origin.IP || e.RequestID != ada.Origin.RequestID || e.Data["client"] != string(id) {
		w.Errorf("the event is %+v", e)
	}
	return list[0]
}

// authenticates wants to know of each node whether a secret opens it.
func (w *world) authenticates(id watchword.ClientID, key secret.String, want bool) {
	w.Helper()
	if got := w.Registry.Authenticate(id, key); got != want {
		w.Errorf("authenticates: %t, want %t", got, want)
	}
}

// fields are the fields that err blames, with their codes.
func fields(err error) map[string]string {
	blamed := map[string]string{}
	if e, ok := errors.AsType[*watchword.Error](err); ok {
		for _, f := range e.Fields {
			blamed[f.Field] = f.Code
		}
	}
	return blamed
}

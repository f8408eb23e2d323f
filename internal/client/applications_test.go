package client_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func TestAConfidentialClientsSecretIsSeenOnce(t *testing.T) {
	onEach(t, func(w *world) {
		c := shop()
		c.Type, c.ID, c.Name = watchword.ClientConfidential, "chosen", "  Shop  "
		made, key := w.make(c)
		if !strings.HasPrefix(string(made.ID), "cli_") || made.Name != "Shop" || made.Source != client.SourceDatabase || !made.CreatedAt.Equal(w.clock.Now()) {
			w.Errorf("got %+v", made)
		}
		if !strings.HasPrefix(key.Reveal(), "wcs_") || len(key.Reveal()) < 47 {
			w.Error("the secret is short")
		}
		rows, err := w.Store.Read().AllClientSecrets(w.Context())
		w.ok(err)
		if len(rows) != 1 || strings.Contains(string(rows[0].Digest), key.Reveal()) || !slices.Equal(rows[0].Digest, secret.Digest(key)) {
			w.Error("it is stored otherwise than as its digest")
		}
		e := w.one(watchword.EventClientCreated, made.ID)
		if e.Data["name"] != "Shop" || e.Data["type"] != "confidential" || strings.Contains(fmt.Sprint(e), key.Reveal()) {
			w.Errorf("the event is %+v", e)
		}
		for _, wrong := range []string{"", "wcs_", key.Reveal() + "A", strings.ToUpper(key.Reveal()), key.Reveal()[4:]} {
			w.authenticates(made.ID, secret.NewString(wrong), false)
		}
		w.authenticates("backend", key, false)
		if _, none := w.make(shop()); !none.IsZero() {
			w.Error("a public client has a secret")
		}
	})
}

func TestWhatIsNoClientIsNotMade(t *testing.T) {
	onEach(t, func(w *world) {
		for name, c := range map[string]struct {
			spoil func(*watchword.Client)
			want  map[string]string
		}{
			"no name":            {func(c *watchword.Client) { c.Name = "  " }, map[string]string{"name": "too_short"}},
			"a long name":        {func(c *watchword.Client) { c.Name = strings.Repeat("é", 101) }, map[string]string{"name": "too_long"}},
			"a disguised name":   {func(c *watchword.Client) { c.Name = "Shop\u202e" }, map[string]string{"name": "invalid_characters"}},
			"a name that breaks": {func(c *watchword.Client) { c.Name = "Shop\xff" }, map[string]string{"name": "invalid_characters"}},
			"no type":            {func(c *watchword.Client) { c.Type = "" }, map[string]string{"type": "not_allowed"}},
			"another type":       {func(c *watchword.Client) { c.Type = "secret" }, map[string]string{"type": "not_allowed"}},
			"a long audience":    {func(c *watchword.Client) { c.Audience = strings.Repeat("a", 256) }, map[string]string{"audience": "too_long"}},
			"a client's id":      {func(c *watchword.Client) { c.Audience = "backend" }, map[string]string{"audience": "not_allowed"}},
			"two audiences":      {func(c *watchword.Client) { c.Audience = "a b" }, map[string]string{"audience": "invalid_characters"}},
			"redirects": {
				func(c *watchword.Client) {
					c.RedirectURIs = []string{
						"https://shop.example.com/in", "http://shop.example.com/in", "javascript:alert(1)", "https://shop.example.com/in",
						"https://shop.example.com/#x", "com.example.shop:/in", "http://127.0.0.1/in", "https://shop.example.com/" + strings.Repeat("a", 2048),
					}
				},
				map[string]string{
					"redirect_uris[1]": "invalid_address", "redirect_uris[2]": "invalid_address", "redirect_uris[3]": "duplicate",
					"redirect_uris[4]": "invalid_address", "redirect_uris[7]": "too_long",
				},
			},
			"too many redirects": {
				func(c *watchword.Client) {
					for i := range 101 {
						c.RedirectURIs = append(c.RedirectURIs, fmt.Sprintf("https://shop.example.com/%d", i))
					}
				},
				map[string]string{"redirect_uris": "too_long"},
			},
			"origins": {
				func(c *watchword.Client) {
					c.Origins = []string{"https://shop.example.com/", "null", "*", "http://shop.example.com", "http://localhost:3000", "http://localhost:3000"}
				},
				map[string]string{
					"origins[0]": "invalid_address", "origins[1]": "invalid_address", "origins[2]": "invalid_address", "origins[3]": "invalid_address", "origins[5]": "duplicate",
				},
			},
			"methods": {
				func(c *watchword.Client) { c.Methods = []watchword.Method{"password", "telepathy", "acme", "password"} },
				map[string]string{"methods[1]": "not_allowed", "methods[3]": "duplicate"},
			},
			"lifetimes": {
				func(c *watchword.Client) {
					c.Lifetimes = watchword.Lifetimes{AccessToken: 25 * time.Hour, RefreshShort: -1}
				},
				map[string]string{"lifetimes.access_token": "out_of_range", "lifetimes.refresh_short": "out_of_range"},
			},
			"lifetimes beside those of all": {
				func(c *watchword.Client) { c.Lifetimes = watchword.Lifetimes{RefreshIdle: 31 * day} },
				map[string]string{"lifetimes.refresh_idle": "out_of_range"},
			},
			"everything": {
				func(c *watchword.Client) { *c = watchword.Client{Origins: []string{""}} },
				map[string]string{"name": "too_short", "type": "not_allowed", "origins[0]": "invalid_address"},
			},
		} {
			n := shop()
			c.spoil(&n)
			made, key, err := w.Create(w.Context(), n, ada, idempotency.Call{})
			if got := fields(err); !maps.Equal(got, c.want) || !key.IsZero() || made.ID != "" {
				w.Errorf("%s: got %v (%v), want %v", name, got, err, c.want)
			}
			if err != nil && n.Name != "" && strings.Contains(err.Error(), "telepathy") {
				w.Errorf("%s: the error shows what was given", name)
			}
		}
		if rows, err := w.Store.Read().AllClients(w.Context()); err != nil || len(rows) != 0 || len(w.events(watchword.EventClientCreated)) != 0 {
			w.Errorf("made: %+v (%v)", rows, err)
		}
	})
}

func TestUnderDevelopmentAddressesMayBeInTheClear(t *testing.T) {
	onEach(t, func(w *world) {
		w.PlainHTTP = watchword.PlainHTTPAllowed
		c := shop()
		c.RedirectURIs, c.Origins = []string{"http://shop.test/in"}, []string{"http://shop.test"}
		w.make(c)
	})
}

func TestAClientIsChangedFieldByField(t *testing.T) {
	onEach(t, func(w *world) {
		c := shop()
		c.Type, c.Methods, c.Lifetimes = watchword.ClientConfidential, []watchword.Method{"password"}, watchword.Lifetimes{AccessToken: time.Minute}
		before, key := w.make(c)
		w.clock.Advance(time.Minute)

		same := []string{"https://shop.example.com"}
		after, err := w.Update(w.Context(), before.ID, client.Change{Origins: &same}, ada, watchword.Precondition{})
		w.ok(err)
		if len(w.events(watchword.EventClientUpdated)) != 0 || !after.UpdatedAt.Equal(before.UpdatedAt) {
			w.Error("nothing was changed, and it is told")
		}

		name, audience, redirects, none := " Store ", "urn:store", []string{"https://store.example.com/in"}, []string{}
		methods, lifetimes := []watchword.Method{}, watchword.Lifetimes{RefreshIdle: day}
		after, err = w.Update(w.Context(), before.ID, client.Change{
			Name: &name, Audience: &audience, RedirectURIs: &redirects, Origins: &none, Methods: &methods, Lifetimes: &lifetimes,
		}, ada, watchword.Precondition{})
		w.ok(err)
		got, err := w.Get(w.Context(), before.ID)
		w.ok(err)
		for _, app := range []client.Application{after, got} {
			if app.Name != "Store" || app.Audience != audience || !slices.Equal(app.RedirectURIs, redirects) || len(app.Origins)+len(app.Methods) != 0 ||
				app.Lifetimes != lifetimes || app.Type != watchword.ClientConfidential || !app.UpdatedAt.Equal(w.clock.Now()) || !app.CreatedAt.Equal(before.CreatedAt) {
				w.Errorf("got %+v", app)
			}
		}
		if e := w.one(watchword.EventClientUpdated, before.ID); e.Data["fields"] != "name audience redirect_uris origins methods lifetimes" {
			w.Errorf("the event is %+v", e)
		}
		w.authenticates(before.ID, key, true)
		if c, _ := w.Registry.Find(before.ID); !c.AllowsRedirect(redirects[0]) || c.AllowsRedirect("https://shop.example.com/in") || !c.Offers("acme") {
			w.Errorf("in effect is %+v", c)
		}

		bad := []string{"https://store.example.com/#"}
		_, err = w.Update(w.Context(), before.ID, client.Change{RedirectURIs: &bad}, ada, watchword.Precondition{})
		if got := fields(err); !maps.Equal(got, map[string]string{"redirect_uris[0]": "invalid_address"}) {
			w.Errorf("got %v (%v)", got, err)
		}
		if again, err := w.Get(w.Context(), before.ID); err != nil || !slices.Equal(again.RedirectURIs, redirects) {
			w.Errorf("got %+v (%v)", again, err)
		}
	})
}

// What was right when it was written does not stand in the way of the rest.
func TestAProviderThatIsGoneKeepsNothingElseFromBeingChanged(t *testing.T) {
	onEach(t, func(w *world) {
		c := shop()
		c.Methods = []watchword.Method{"acme"}
		made, _ := w.make(c)
		w.Methods = []watchword.Method{"password"}
		name := "Store"
		_, err := w.Update(w.Context(), made.ID, client.Change{Name: &name}, ada, watchword.Precondition{})
		w.ok(err)
		methods := []watchword.Method{"acme", "password"}
		_, err = w.Update(w.Context(), made.ID, client.Change{Methods: &methods}, ada, watchword.Precondition{})
		if got := fields(err); !maps.Equal(got, map[string]string{"methods[0]": "not_allowed"}) {
			w.Errorf("got %v (%v)", got, err)
		}
	})
}

func TestTheSettingsAreChangedInTheSettings(t *testing.T) {
	onEach(t, func(w *world) {
		name := "Mine"
		for id, want := range map[watchword.ClientID]error{"backend": client.ErrInSettings, "cli_unknown": client.ErrNotFound, "": client.ErrNotFound} {
			_, err := w.Update(w.Context(), id, client.Change{Name: &name}, ada, watchword.Precondition{})
			w.is(err, want)
			w.is(w.Delete(w.Context(), id, ada, watchword.Precondition{}), want)
			_, key, err := w.RotateSecret(w.Context(), id, 0, ada, idempotency.Call{})
			w.is(err, want)
			if !key.IsZero() {
				w.Error("a secret of nothing")
			}
		}
		w.authenticates("backend", secret.NewString("of the settings"), true)
	})
}

func TestTheOlderSecretLivesOnForAWhile(t *testing.T) {
	onEach(t, func(w *world) {
		id, first := w.confidential()
		_, second, err := w.RotateSecret(w.Context(), id, client.OlderSecretLife, ada, idempotency.Call{})
		w.ok(err)
		w.authenticates(id, first, true)
		w.authenticates(id, second, true)
		if e := w.one(watchword.EventClientRotated, id); e.Data["older_lives"] != "24h0m0s" || strings.Contains(fmt.Sprint(e), second.Reveal()) {
			w.Errorf("the event is %+v", e)
		}
		w.clock.Advance(client.OlderSecretLife - time.Second)
		w.authenticates(id, first, true)

		// A third ends the first before its time.
		app, third, err := w.RotateSecret(w.Context(), id, time.Hour, ada, idempotency.Call{})
		w.ok(err)
		if app.ID != id || third.Equal(second) {
			w.Errorf("got %+v", app)
		}
		w.authenticates(id, first, false)
		w.authenticates(id, second, true)
		w.authenticates(id, third, true)
		w.clock.Advance(time.Hour)
		w.authenticates(id, second, false)
		w.authenticates(id, third, true)

		// At once, where the older one has leaked.
		_, fourth, err := w.RotateSecret(w.Context(), id, 0, ada, idempotency.Call{})
		w.ok(err)
		for _, key := range []secret.String{first, second, third} {
			w.authenticates(id, key, false)
		}
		w.authenticates(id, fourth, true)
		// To a node whose clock is behind, too.
		if rows, err := w.Store.Read().AllClientSecrets(w.Context()); err != nil || len(rows) != 1 {
			w.Errorf("%d secrets are there (%v)", len(rows), err)
		}
	})
}

func TestASecretIsNotRotatedForNothing(t *testing.T) {
	onEach(t, func(w *world) {
		public, _ := w.make(shop())
		_, key, err := w.RotateSecret(w.Context(), public.ID, time.Hour, ada, idempotency.Call{})
		w.is(err, client.ErrNoSecret)
		if !key.IsZero() {
			w.Error("a public client's secret")
		}
		id, first := w.confidential()
		for _, wrong := range []time.Duration{-1, client.MaxOlderSecretLife + 1} {
			_, _, err := w.RotateSecret(w.Context(), id, wrong, ada, idempotency.Call{})
			if got := fields(err); got["older_lives"] != "out_of_range" {
				w.Errorf("%v: %v", wrong, err)
			}
		}
		w.authenticates(id, first, true)
		if n := len(w.events(watchword.EventClientRotated)); n != 0 {
			w.Errorf("%d events", n)
		}
	})
}

// session starts a session at a client in the simplest way.
func (w *world) session(user watchword.UserID, of watchword.ClientID) watchword.SessionID {
	w.Helper()
	now := w.clock.Now()
	id := watchword.NewID[watchword.SessionID](now, rand.Reader)
	w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error {
		return c.InsertSession(w.Context(), &watchword.Session{
			ID: id, UserID: user, ClientID: of, Mode: watchword.SessionBoth, Remember: watchword.RememberLong, AuthTime: now, Generation: 1, ClaimsSince: 1,
			Nonce: []byte("0123456789abcdef"), CreatedAt: now, RotatedAt: now, IdleExpiresAt: now.Add(day), ExpiresAt: now.Add(day),
		}, store.ClientUnauthenticated)
	}))
	return id
}

func TestADeletedClientTakesItsSessionsAlong(t *testing.T) {
	onEach(t, func(w *world) {
		id, _ := w.confidential()
		var user watchword.UserID
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) (err error) {
			user, err = c.InsertUser(w.Context(), store.NewUser{Name: "Ada"})
			return err
		}))
		var of []watchword.SessionID
		for range 3 {
			of = append(of, w.session(user, id))
		}
		others := w.session(user, "web")
		w.ok(w.Delete(w.Context(), id, ada, watchword.Precondition{}))
		for _, s := range of {
			if v, err := w.Store.Read().Session(w.Context(), s); err != nil || v.RevokedAt.IsZero() {
				w.Errorf("a session lives (%v)", err)
			}
		}
		if v, err := w.Store.Read().Session(w.Context(), others); err != nil || !v.RevokedAt.IsZero() {
			w.Errorf("another client's session has ended (%v)", err)
		}
		if e := w.one(watchword.EventClientDeleted, id); e.Data["name"] != "Shop" {
			w.Errorf("the event is %+v", e)
		}
		if _, err := w.Get(w.Context(), id); !errors.Is(err, client.ErrNotFound) {
			w.Errorf("it is still there (%v)", err)
		}
		w.is(w.Delete(w.Context(), id, ada, watchword.Precondition{}), client.ErrNotFound)
		if rows, err := w.Store.Read().AllClientSecrets(w.Context()); err != nil || len(rows) != 0 {
			w.Errorf("%d secrets are left (%v)", len(rows), err)
		}
	})
}

func TestClientsAreListedInPages(t *testing.T) {
	onEach(t, func(w *world) {
		want := []watchword.ClientID{"web", "backend"}
		for range 5 {
			w.clock.Advance(time.Second)
			made, _ := w.make(shop())
			want = slices.Insert(want, 2, made.ID)
		}
		for limit := 1; limit <= 8; limit++ {
			var got []watchword.ClientID
			for next := ""; ; {
				list, cursor, err := w.List(w.Context(), watchword.Page{Before: next, Limit: limit})
				w.ok(err)
				if len(list) > limit || len(list) == 0 {
					w.Fatalf("%d on a page of %d", len(list), limit)
				}
				for _, app := range list {
					got = append(got, app.ID)
					if (app.Source == client.SourceSettings) != (len(got) <= 2) {
						w.Errorf("%s is of %s", app.ID, app.Source)
					}
				}
				if next = cursor; next == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				w.Errorf("by %d: got %v, want %v", limit, got, want)
			}
		}
	})
}

package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"watchword"
	"watchword/internal/store"
)

var clientChecks = map[string]func(*subject){
	"a client is read as written, changed and deleted": checkClient,
	"clients are listed whole, newest first":           checkClientPages,
	"two secrets of a client live at the most":         checkClientSecrets,
	"two who rotate a secret at once take turns":       checkClientSecretRace,
	"a client's sessions end in batches":               checkClientSessions,
}

func (s *subject) client(cl watchword.Client) watchword.ClientID {
	s.Helper()
	id, err := wrote(s, func(c *store.Conn) (watchword.ClientID, error) { return c.InsertClient(s.Context(), cl) })
	s.ok(err)
	return id
}

func checkClient(s *subject) {
	ctx := s.Context()
	cl := watchword.Client{
		Name: "Shop", Type: watchword.ClientConfidential, Audience: "https://api.example.com",
		RedirectURIs: []string{"https://shop.example.com/in?a=b&c=d", "com.example.shop:/in"}, Origins: []string{"https://shop.example.com"},
		Methods: []watchword.Method{watchword.MethodPassword, "acme"},
		Lifetimes: watchword.Lifetimes{
			AccessToken: time.Minute, RefreshIdle: time.Hour, RefreshAbsolute: 400 * 24 * time.Hour, RefreshShort: time.Second,
		},
	}
	cl.ID = s.client(cl)
	bare := watchword.Client{Name: "Bare", Type: watchword.ClientPublic}
	bare.ID = s.client(bare)
	want := store.Client{Client: cl, CreatedAt: s.now(), UpdatedAt: s.now()}
	if got, err := s.Read().Client(ctx, cl.ID); err != nil || !reflect.DeepEqual(got, want) {
		s.Errorf("got  %+v (%v)\nwant %+v", got, err, want)
	}
	if got, err := s.Read().Client(ctx, bare.ID); err != nil || len(got.RedirectURIs)+len(got.Origins)+len(got.Methods) != 0 || got.Lifetimes != (watchword.Lifetimes{}) {
		s.Errorf("got %+v (%v)", got, err)
	}

	s.clock.Advance(time.Minute)
	cl.Name, cl.Audience, cl.RedirectURIs, cl.Origins = "Store", "", []string{"https://store.example.com/in"}, []string{"https://store.example.com", "https://store.example.com:8443"}
	cl.Methods, cl.Lifetimes = []watchword.Method{watchword.MethodMagicLink}, watchword.Lifetimes{RefreshIdle: time.Minute}
	changed := cl
	changed.Type = watchword.ClientPublic // its sessions and secrets hang on it
	s.ok(s.do(func(c *store.Conn) error { return c.UpdateClient(ctx, changed) }))
	want.Client, want.UpdatedAt = cl, s.now()
	err := s.Tx(ctx, func(c *store.Conn) error {
		got, err := c.LockClient(ctx, cl.ID)
		if err == nil && !reflect.DeepEqual(got, want) {
			s.Errorf("got  %+v\nwant %+v", got, want)
		}
		return err
	})
	s.ok(err)
	// At the same time, too: two states must not have one revision.
	s.ok(s.do(func(c *store.Conn) error { return c.UpdateClient(ctx, changed) }))
	if got, err := s.Read().Client(ctx, cl.ID); err != nil || !got.UpdatedAt.Equal(s.now().Add(time.Microsecond)) {
		s.Errorf("changed at %v (%v), want a moment after %v", got.UpdatedAt, err, s.now())
	}

	s.ok(s.do(func(c *store.Conn) error { return c.DeleteClient(ctx, cl.ID) }))
	for name, act := range map[string]func(*store.Conn) error{
		"read":   func(c *store.Conn) error { _, err := c.Client(ctx, cl.ID); return err },
		"lock":   func(c *store.Conn) error { _, err := c.LockClient(ctx, cl.ID); return err },
		"update": func(c *store.Conn) error { return c.UpdateClient(ctx, cl) },
		"delete": func(c *store.Conn) error { return c.DeleteClient(ctx, cl.ID) },
		"secret": func(c *store.Conn) error { return c.InsertClientSecret(ctx, cl.ID, []byte("d")) },
	} {
		s.Log(name)
		s.is(s.do(act), store.ErrNotFound)
	}
	if all, err := s.Read().AllClients(ctx); err != nil || len(all) != 1 || all[0].ID != bare.ID {
		s.Errorf("left are %+v (%v)", all, err)
	}
}

func checkClientPages(s *subject) {
	var want []string
	for i := range 7 {
		s.clock.Advance(time.Second)
		want = append([]string{string(s.client(watchword.Client{Name: fmt.Sprint(i), Type: watchword.ClientPublic}))}, want...)
	}
	got := pages(s, 3, func(p watchword.Page) ([]store.Client, error) { return s.Read().Clients(s.Context(), p) },
		func(cl store.Client) string { return string(cl.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	all, err := s.Read().AllClients(s.Context())
	s.ok(err)
	if len(all) != len(want) {
		s.Errorf("%d of %d clients", len(all), len(want))
	}
}

// clientSecrets are the secrets of all clients, as digest and life.
func (s *subject) clientSecrets() map[string]time.Duration {
	s.Helper()
	all, err := s.Read().AllClientSecrets(s.Context())
	s.ok(err)
	found := map[string]time.Duration{}
	for _, one := range all {
		found[string(one.Digest)] = 0
		if !one.ExpiresAt.IsZero() {
			found[string(one.Digest)] = one.ExpiresAt.Sub(s.now())
		}
	}
	return found
}

func checkClientSecrets(s *subject) {
	ctx := s.Context()
	shop, other := s.client(watchword.Client{Type: watchword.ClientConfidential}), s.client(watchword.Client{Type: watchword.ClientConfidential})
	insert := func(id watchword.ClientID, digest string) error {
		return s.do(func(c *store.Conn) error { return c.InsertClientSecret(ctx, id, []byte(digest)) })
	}
	s.ok(insert(shop, "one"))
	s.ok(insert(other, "theirs"))
	s.is(insert(shop, "two"), store.ErrDuplicate)
	s.is(insert(other, "one"), store.ErrDuplicate)
	for i, step := range []map[string]time.Duration{
		{"theirs": 0, "one": time.Hour, "0": 0},
		{"theirs": 0, "0": time.Hour, "1": 0},
	} {
		s.ok(s.Tx(ctx, func(c *store.Conn) error {
			if err := c.ExpireClientSecret(ctx, shop, s.now().Add(time.Hour)); err != nil {
				return err
			}
			return c.InsertClientSecret(ctx, shop, []byte(fmt.Sprint(i)))
		}))
		if got := s.clientSecrets(); !reflect.DeepEqual(got, step) {
			s.Errorf("got %v, want %v", got, step)
		}
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteClientSecrets(ctx, shop) }))
	s.ok(insert(shop, "three"))
	if got := s.clientSecrets(); !reflect.DeepEqual(got, map[string]time.Duration{"theirs": 0, "three": 0}) {
		s.Errorf("got %v", got)
	}
	// They go with their client.
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteClient(ctx, shop) }))
	if got := s.clientSecrets(); !reflect.DeepEqual(got, map[string]time.Duration{"theirs": 0}) {
		s.Errorf("got %v", got)
	}
}

func checkClientSecretRace(s *subject) {
	ctx := s.Context()
	shop := s.client(watchword.Client{Type: watchword.ClientConfidential})
	results := make(chan error)
	const racers = 20
	for i := range racers {
		go func() {
			results <- s.Tx(ctx, func(c *store.Conn) error {
				if _, err := c.LockClient(ctx, shop); err != nil {
					return err
				}
				if err := c.ExpireClientSecret(ctx, shop, s.now().Add(time.Hour)); err != nil {
					return err
				}
				return c.InsertClientSecret(ctx, shop, []byte{byte(i)})
			})
		}()
	}
	for range racers {
		if err := <-results; err != nil {
			s.Error(err)
		}
	}
	if got := s.clientSecrets(); len(got) != 2 {
		s.Errorf("%d secrets live", len(got))
	}
}

func checkClientSessions(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	ended := s.session(ada, watchword.Claims{}) // before, and by hand
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, ended.ID) }))
	s.clock.Advance(time.Second)
	began := s.now()
	live := map[watchword.SessionID]bool{}
	for range 5 {
		live[s.session(ada, watchword.Claims{}).ID] = true
	}
	if last, err := wrote(s, func(c *store.Conn) (watchword.SessionID, error) { return c.RevokeClientSessions(ctx, "other", "", 9) }); err != nil || last != "" {
		s.Errorf("got %q (%v)", last, err)
	}
	var last watchword.SessionID
	for batch, want := range []int{2, 2, 1, 0} {
		s.clock.Advance(time.Second)
		next, err := wrote(s, func(c *store.Conn) (watchword.SessionID, error) { return c.RevokeClientSessions(ctx, "web", last, 2) })
		s.ok(err)
		if next != "" {
			last = next
		}
		revoked := 0
		for id := range live {
			v, err := s.Read().Session(ctx, id)
			s.ok(err)
			if v.RevokedAt.Equal(s.now()) {
				revoked++
			}
			if !v.RevokedAt.IsZero() && v.RevokedAt.Before(began) || v.RevokedAt.IsZero() && id <= last {
				s.Errorf("%s was left behind", id)
			}
		}
		if revoked != want || (next == "") != (want == 0) {
			s.Errorf("batch %d: %d ended, want %d; the last is %q", batch, revoked, want, next)
		}
	}
	if v, err := s.Read().Session(ctx, ended.ID); err != nil || !v.RevokedAt.Before(began) {
		s.Errorf("ended anew: %v (%v)", v.RevokedAt, err)
	}
}

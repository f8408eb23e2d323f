package storetest

import (
	"reflect"
	"slices"
	"time"

	"watchword"
	"watchword/internal/store"
)

var keyChecks = map[string]func(*subject){
	"a signing key is read as written":           checkSigningKeys,
	"a signing key's end only comes nearer":      checkSigningKeyEnd,
	"an API key is read as written and ends":     checkAPIKey,
	"API keys are listed whole, newest first":    checkAPIKeyPages,
	"a one-time token is there once":             checkOneTimeToken,
	"live sessions are counted by server secret": checkSessionsBySecret,
}

func checkSigningKeys(s *subject) {
	ctx := s.Context()
	if keys, err := s.Read().SigningKeys(ctx); err != nil || len(keys) != 0 {
		s.Fatalf("got %+v (%v)", keys, err)
	}
	second := store.SigningKey{ID: "a", Sequence: 2, Algorithm: "ES256", Sealed: []byte("two"), SignsAt: s.now().Add(time.Hour)}
	first := store.SigningKey{ID: "b", Sequence: 1, Algorithm: "EdDSA", Sealed: []byte("one"), SignsAt: s.now()}
	for _, k := range []store.SigningKey{second, first} {
		s.ok(s.do(func(c *store.Conn) error { return c.InsertSigningKey(ctx, k) }))
	}
	s.is(s.do(func(c *store.Conn) error {
		return c.InsertSigningKey(ctx, store.SigningKey{ID: "c", Sequence: 2, Sealed: []byte("c")})
	}), store.ErrDuplicate)
	s.is(s.do(func(c *store.Conn) error {
		return c.InsertSigningKey(ctx, store.SigningKey{ID: "a", Sequence: 3, Sealed: []byte("a")})
	}), store.ErrDuplicate)
	first.CreatedAt, second.CreatedAt = s.now(), s.now()
	if keys, err := s.Read().SigningKeys(ctx); err != nil || !reflect.DeepEqual(keys, []store.SigningKey{first, second}) {
		s.Errorf("got %+v (%v)", keys, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.ResealSigningKey(ctx, first, []byte("new")) }))
	s.is(s.do(func(c *store.Conn) error { return c.ResealSigningKey(ctx, first, []byte("newer")) }), store.ErrNotFound)
}

func checkSigningKeyEnd(s *subject) {
	ctx := s.Context()
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertSigningKey(ctx, store.SigningKey{ID: "a", Sequence: 1, Sealed: []byte("a"), SignsAt: s.now()})
	}))
	for _, step := range []struct{ end, want time.Duration }{
		{3 * time.Hour, 3 * time.Hour}, {4 * time.Hour, 3 * time.Hour}, {time.Hour, time.Hour},
	} {
		s.ok(s.do(func(c *store.Conn) error { return c.ExpireSigningKey(ctx, "a", s.now().Add(step.end)) }))
		if keys, err := s.Read().SigningKeys(ctx); err != nil || !keys[0].ExpiresAt.Equal(s.now().Add(step.want)) {
			s.Errorf("after %v: ends at %v (%v), want in %v", step.end, keys[0].ExpiresAt, err, step.want)
		}
	}
}

func checkAPIKey(s *subject) {
	ctx := s.Context()
	key := store.APIKey{Digest: []byte{0, 1, 0xff}, APIKey: watchword.APIKey{
		Name: "ci", Scopes: []watchword.Scope{watchword.ScopeEventsRead, watchword.ScopeMetricsRead},
		CreatedBy: "cli", ExpiresAt: s.now().Add(time.Hour),
	}}
	id, err := wrote(s, func(c *store.Conn) (watchword.KeyID, error) { return c.InsertAPIKey(ctx, key) })
	s.ok(err)
	key.ID, key.CreatedAt = id, s.now()
	if got, err := s.Read().APIKey(ctx, key.Digest); err != nil || !reflect.DeepEqual(got, key) {
		s.Errorf("got  %+v (%v)\nwant %+v", got, err, key)
	}
	_, err = wrote(s, func(c *store.Conn) (watchword.KeyID, error) { return c.InsertAPIKey(ctx, key) })
	s.is(err, store.ErrDuplicate)
	_, err = s.Read().APIKey(ctx, []byte("unknown"))
	s.is(err, store.ErrNotFound)
	if got, err := s.Read().APIKeyByID(ctx, id); err != nil || !reflect.DeepEqual(got, key) {
		s.Errorf("by id: got %+v (%v)", got, err)
	}
	_, err = s.Read().APIKeyByID(ctx, "key_none")
	s.is(err, store.ErrNotFound)
	_, err = wrote(s, func(c *store.Conn) (store.APIKey, error) { return c.LockAPIKey(ctx, "key_none") })
	s.is(err, store.ErrNotFound)

	s.clock.Advance(time.Minute)
	s.ok(s.do(func(c *store.Conn) error { return c.TouchAPIKey(ctx, id) }))
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeAPIKey(ctx, id) }))
	key.LastUsedAt, key.RevokedAt = s.now(), s.now()
	if got, err := wrote(s, func(c *store.Conn) (store.APIKey, error) { return c.LockAPIKey(ctx, id) }); err != nil || !reflect.DeepEqual(got, key) {
		s.Errorf("locked: got %+v (%v)", got, err)
	}
	if got, err := s.Read().APIKey(ctx, key.Digest); err != nil || !reflect.DeepEqual(got, key) {
		s.Errorf("got  %+v (%v)\nwant %+v", got, err, key)
	}
	s.is(s.do(func(c *store.Conn) error { return c.RevokeAPIKey(ctx, id) }), store.ErrNotFound)
}

func checkAPIKeyPages(s *subject) {
	ctx := s.Context()
	var want []string
	for i := range 7 {
		s.clock.Advance(time.Second)
		id, err := wrote(s, func(c *store.Conn) (watchword.KeyID, error) {
			return c.InsertAPIKey(ctx, store.APIKey{Digest: []byte{byte(i)}, APIKey: watchword.APIKey{Name: "n"}})
		})
		s.ok(err)
		want = append([]string{string(id)}, want...)
	}
	got := pages(s, 3, func(p watchword.Page) ([]store.APIKey, error) { return s.Read().APIKeys(ctx, p) },
		func(k store.APIKey) string { return string(k.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
}

func checkOneTimeToken(s *subject) {
	ctx := s.Context()
	token := store.OneTimeToken{Digest: []byte("digest"), Purpose: store.TokenVerifyEmail, UserID: s.user("ada@example.com"), ExpiresAt: s.now()}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, token) }))
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, token) }), store.ErrDuplicate)
	s.is(s.do(func(c *store.Conn) error {
		return c.InsertOneTimeToken(ctx, store.OneTimeToken{Digest: []byte("b"), UserID: "usr_nobody"})
	}), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error {
		return c.InsertOneTimeToken(ctx, store.OneTimeToken{Digest: []byte("c"), EmailID: "eml_none"})
	}), store.ErrNotFound)
}

func checkSessionsBySecret(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	row := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	ended := s.session(ada, watchword.Claims{})
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, ended.ID) }))
	moved := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	_, err := s.rotate(rotation(moved))
	s.ok(err)
	list, err := s.Read().SessionsBySecret(ctx)
	s.ok(err)
	slices.SortFunc(list, func(a, b store.SecretUse) int { return int(a.SecretKeyID[1]) - int(b.SecretKeyID[1]) })
	want := []store.SecretUse{
		{SecretKeyID: "00c0ffee", Live: 1, LastEnd: row.IdleExpiresAt}, {SecretKeyID: "0badcafe", Live: 1, LastEnd: row.IdleExpiresAt},
	}
	if !slices.Equal(list, want) {
		s.Errorf("got %+v, want %+v", list, want)
	}
}

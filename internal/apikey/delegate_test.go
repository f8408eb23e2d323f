package apikey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
)

// holder is an administrator by a key with these scopes.
func holder(scopes ...watchword.Scope) watchword.Administrator {
	return watchword.Administrator{
		Actor: "key:key_1", Scopes: scopes, Origin: watchword.Origin{IP: "192.0.2.7", UserAgent: "curl", RequestID: "r1"},
	}
}

// person is an administrator who has signed in so long ago.
func (w *world) person(ago time.Duration) watchword.Administrator {
	return watchword.Administrator{Actor: "user:usr_ada", AuthTime: w.clock.Now().Add(-ago)}
}

func (w *world) delegate(by watchword.Administrator, scopes ...watchword.Scope) (watchword.APIKey, secret.String, error) {
	return w.Delegate(w.Context(), by, apikey.New{Name: "made", Scopes: scopes}, idempotency.Call{})
}

const (
	keysWrite   = watchword.ScopeKeysWrite
	usersWrite  = watchword.ScopeUsersWrite
	adminsWrite = watchword.ScopeAdminsWrite
)

// Whoever has a key that makes keys must not come to more power by it.
func TestNobodyMakesOrEndsAKeyWithMorePowerThanTheirs(t *testing.T) {
	onEach(t, func(w *world) {
		for name, c := range map[string]struct {
			by          watchword.Administrator
			scopes      []watchword.Scope
			makes, ends error
		}{
			"a key, its own scope":                 {holder(keysWrite), []watchword.Scope{keysWrite}, nil, nil},
			"a key, one of its own":                {holder(keysWrite, usersWrite), []watchword.Scope{usersWrite}, nil, nil},
			"a key, all scopes":                    {holder(watchword.Scopes()...), watchword.Scopes(), nil, nil},
			"a key, another scope":                 {holder(keysWrite), []watchword.Scope{usersWrite}, apikey.ErrBeyond, apikey.ErrBeyond},
			"a key, another scope besides":         {holder(keysWrite), []watchword.Scope{keysWrite, usersWrite}, apikey.ErrBeyond, apikey.ErrBeyond},
			"a key, administrators":                {holder(keysWrite, usersWrite), []watchword.Scope{adminsWrite}, apikey.ErrBeyond, apikey.ErrBeyond},
			"nobody":                               {watchword.Administrator{}, []watchword.Scope{keysWrite}, apikey.ErrBeyond, apikey.ErrBeyond},
			"somebody, any":                        {w.person(24 * time.Hour), []watchword.Scope{keysWrite, usersWrite}, watchword.ErrFreshSignIn, nil},
			"somebody, administrators":             {w.person(24 * time.Hour), []watchword.Scope{usersWrite, adminsWrite}, watchword.ErrFreshSignIn, watchword.ErrFreshSignIn},
			"somebody just come in, administrator": {w.person(watchword.FreshFor), []watchword.Scope{usersWrite, adminsWrite}, nil, nil},
		} {
			row, key, err := w.delegate(c.by, c.scopes...)
			if watchword.KindOf(err) != watchword.KindOf(c.makes) || (err == nil) != (c.makes == nil) {
				w.Errorf("%s: made %s (%v), want %v", name, row.ID, err, c.makes)
			}
			if (err == nil) != !key.IsZero() {
				w.Errorf("%s: the key is shown: %t", name, !key.IsZero())
			}
			if err == nil {
				if got, err := w.Authenticate(w.Context(), key); err != nil || !slices.Equal(got.Scopes, c.scopes) || got.CreatedBy != c.by.Actor {
					w.Errorf("%s: made %+v (%v)", name, got, err)
				}
			}
			there, _ := w.make(apikey.New{Name: "there", Scopes: c.scopes, Actor: "cli"})
			err = w.RevokeAs(w.Context(), c.by, there.ID)
			if (err == nil) != (c.ends == nil) || c.ends != nil && watchword.KindOf(err) != watchword.KindForbidden {
				w.Errorf("%s: revoked: %v, want %v", name, err, c.ends)
			}
			if row, err := w.Store.Read().APIKeyByID(w.Context(), there.ID); err != nil || row.RevokedAt.IsZero() != (c.ends != nil) {
				w.Errorf("%s: revoked at %v (%v)", name, row.RevokedAt, err)
			}
		}
	})
}

func TestAKeyMakesNoneThatOutlivesIt(t *testing.T) {
	onEach(t, func(w *world) {
		now := w.clock.Now()
		forever, bounded := holder(keysWrite), holder(keysWrite)
		bounded.Expires = now.Add(time.Hour)
		for name, c := range map[string]struct {
			by    watchword.Administrator
			end   time.Time
			fault bool
		}{
			"for ever by one that ends":         {bounded, time.Time{}, true},
			"longer than itself":                {bounded, bounded.Expires.Add(1), true},
			"as long as itself":                 {bounded, bounded.Expires, false},
			"shorter":                           {bounded, now.Add(time.Minute), false},
			"for ever":                          {forever, time.Time{}, false},
			"to some time":                      {forever, now.Add(1000 * time.Hour), false},
			"over already":                      {forever, now, true},
			"over for long":                     {forever, time.Unix(0, 0), true},
			"over for long, by one that ends":   {bounded, time.Unix(0, 0), true},
			"over already, by somebody present": {w.person(0), now, true},
		} {
			_, key, err := w.Delegate(w.Context(), c.by, apikey.New{Name: "made", Scopes: []watchword.Scope{keysWrite}, Expires: c.end}, idempotency.Call{})
			if c.fault != (watchword.KindOf(err) == watchword.KindInvalid) || c.fault != key.IsZero() || !c.fault && err != nil {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestADelegatedKeyIsInTheRecordAndNowhereInTheOpen(t *testing.T) {
	onEach(t, func(w *world) {
		by := holder(keysWrite, usersWrite)
		row, key, err := w.delegate(by, usersWrite, keysWrite)
		w.ok(err)
		w.ok(w.RevokeAs(w.Context(), by, row.ID))
		for _, typ := range []watchword.EventType{watchword.EventAPIKeyCreated, watchword.EventAPIKeyRevoked} {
			list := w.events(typ)
			if len(list) != 1 {
				w.Fatalf("%d events %s", len(list), typ)
			}
			e := list[0]
			if e.Actor != by.Actor || e.IP != by.Origin.IP || e.UserAgent != by.Origin.UserAgent || e.RequestID != by.Origin.RequestID ||
				e.Data["key"] != string(row.ID) || e.Data["name"] != "made" || strings.Contains(e.Data["name"]+e.Data["scopes"], key.Reveal()) {
				w.Errorf("%s: %+v", typ, e)
			}
			if typ == watchword.EventAPIKeyCreated && e.Data["scopes"] != "users:write keys:write" {
				w.Errorf("%s: %+v", typ, e)
			}
		}
		w.is(w.RevokeAs(w.Context(), by, row.ID), apikey.ErrNotFound)
		w.is(w.RevokeAs(w.Context(), holder(keysWrite), row.ID), apikey.ErrNotFound) // what has ended is not there for anybody
		w.is(w.RevokeAs(w.Context(), by, "key_none"), apikey.ErrNotFound)
	})
}

func TestADelegatedKeyIsSeenAgainByTheCallThatIsSentAgain(t *testing.T) {
	onEach(t, func(w *world) {
		call := func(by watchword.Administrator, scopes ...watchword.Scope) (watchword.KeyID, string, error) {
			n := apikey.New{Name: "made", Scopes: scopes}
			k, err := idempotency.NewCall(by.Actor, "k", "create", n.Scopes)
			w.ok(err)
			row, key, err := w.Delegate(w.Context(), by, n, k)
			return row.ID, key.Reveal(), err
		}
		ada := w.person(0)
		id, key, err := call(ada, adminsWrite)
		w.ok(err)
		if again, same, err := call(ada, adminsWrite); err != nil || again != id || same != key || key == "" {
			w.Errorf("got %s (%v), want %s", again, err, id)
		}
		_, _, err = call(ada, usersWrite)
		w.is(err, idempotency.ErrKeyReused)
		// What only somebody who has just signed in may have is not shown to who holds
		// their session later.
		w.clock.Advance(watchword.FreshFor + 1)
		_, key, err = call(ada, adminsWrite)
		w.is(err, watchword.ErrFreshSignIn)
		if key != "" || len(w.events(watchword.EventAPIKeyCreated)) != 1 {
			w.Errorf("%d events", len(w.events(watchword.EventAPIKeyCreated)))
		}
	})
}

func TestAKeysNameDoesNotDisguiseItself(t *testing.T) {
	onEach(t, func(w *world) {
		for name, bad := range map[string]bool{
			"a\u202eb": true, "a\nb": true, "a\u200bb": true, "a\xffb": true, strings.Repeat("é", 101): true, strings.Repeat("é", 100): false, "für Ü": false,
		} {
			_, _, err := w.Create(w.Context(), apikey.New{Name: name, Scopes: []watchword.Scope{keysWrite}, Actor: "cli"})
			if bad != (watchword.KindOf(err) == watchword.KindInvalid) || !bad && err != nil {
				w.Errorf("%q: %v", name, err)
			}
		}
	})
}

func TestAKeyIsLiveThenOver(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for want, key := range map[watchword.APIKeyStatus][]watchword.APIKey{
		watchword.APIKeyLive:    {{}, {ExpiresAt: now.Add(1)}},
		watchword.APIKeyExpired: {{ExpiresAt: now}, {ExpiresAt: now.Add(-1)}},
		watchword.APIKeyRevoked: {{RevokedAt: now}, {RevokedAt: now, ExpiresAt: now}},
	} {
		for _, k := range key {
			if got := k.Status(now); got != want {
				t.Errorf("%+v: got %s, want %s", k, got, want)
			}
		}
	}
}

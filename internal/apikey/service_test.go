package apikey_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// world is the keys of a server on a real database.
type world struct {
	*testing.T
	apikey.Keys
	clock *storetest.Clock
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		keyring, err := secret.NewKeyring(secret.NewString("a server secret of the tests, long enough"), secret.String{})
		if err != nil {
			t.Fatal(err)
		}
		test(&world{T: t, clock: clock, Keys: apikey.Keys{
			Store: storetest.Open(t, engine, clock.Now), Keyring: keyring, Clock: clock.Now, Random: rand.Reader,
		}})
	})
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

var reader = apikey.New{Name: "ci", Scopes: []watchword.Scope{watchword.ScopeEventsRead}, Actor: "cli"}

func (w *world) make(n apikey.New) (store.APIKey, secret.String) {
	w.Helper()
	row, key, err := w.Create(w.Context(), n)
	w.ok(err)
	return row, key
}

func (w *world) events(typ watchword.EventType) []watchword.Event {
	w.Helper()
	list, _, err := w.Store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 99})
	w.ok(err)
	return list
}

func TestAKeyLetsInWhoHasIt(t *testing.T) {
	onEach(t, func(w *world) {
		row, key := w.make(reader)
		if !strings.HasPrefix(key.Reveal(), "wk_") || len(key.Reveal()) < 40 || bytes.Contains(row.Digest, []byte(key.Reveal())) {
			w.Error("the key is short, or stored as it is")
		}
		got, err := w.Authenticate(w.Context(), key)
		w.ok(err)
		if got.ID != row.ID || got.Name != "ci" || !slices.Equal(got.Scopes, reader.Scopes) || !got.CreatedAt.Equal(w.clock.Now()) {
			w.Errorf("got %+v", got)
		}
		for _, wrong := range []string{"", "wk_", "wk_" + strings.Repeat("A", 43), key.Reveal() + "A", strings.ToUpper(key.Reveal()), "rt_" + key.Reveal()[3:]} {
			_, err := w.Authenticate(w.Context(), secret.NewString(wrong))
			w.is(err, apikey.ErrInvalid)
		}
		if e := w.events(watchword.EventAPIKeyCreated); len(e) != 1 || e[0].Actor != "cli" || e[0].Data["key"] != string(row.ID) || strings.Contains(e[0].Data["name"], key.Reveal()) {
			w.Errorf("events: %+v", e)
		}
	})
}

func TestAScopeIncludesNoOther(t *testing.T) {
	t.Parallel()
	for _, has := range watchword.Scopes() {
		for _, wants := range watchword.Scopes() {
			err := apikey.Allow(store.APIKey{APIKey: watchword.APIKey{Scopes: []watchword.Scope{has}}}, wants)
			if (err == nil) != (has == wants) || err != nil && !errors.Is(err, apikey.ErrScopeMissing) {
				t.Errorf("a key with %s asks for %s: %v", has, wants, err)
			}
		}
	}
	if err := apikey.Allow(store.APIKey{}, watchword.ScopeEventsRead); !errors.Is(err, apikey.ErrScopeMissing) {
		t.Errorf("a key without scopes: %v", err)
	}
}

func TestAKeyEnds(t *testing.T) {
	onEach(t, func(w *world) {
		revoked, revokedKey := w.make(reader)
		short := reader
		short.Expires = w.clock.Now().Add(time.Hour)
		_, shortKey := w.make(short)
		w.ok(w.Revoke(w.Context(), revoked.ID, "user:usr_1"))
		_, err := w.Authenticate(w.Context(), revokedKey)
		w.is(err, apikey.ErrInvalid)
		w.is(w.Revoke(w.Context(), revoked.ID, "user:usr_1"), apikey.ErrNotFound)
		w.is(w.Revoke(w.Context(), "key_none", "cli"), apikey.ErrNotFound)
		if e := w.events(watchword.EventAPIKeyRevoked); len(e) != 1 || e[0].Actor != "user:usr_1" {
			w.Errorf("events: %+v", e)
		}
		w.clock.Advance(time.Hour - time.Second)
		_, err = w.Authenticate(w.Context(), shortKey)
		w.ok(err)
		w.clock.Advance(time.Second)
		_, err = w.Authenticate(w.Context(), shortKey)
		w.is(err, apikey.ErrInvalid)
	})
}

// A write for each call would make every read of the administration a write.
func TestTheLastUseIsKnownToTheMinute(t *testing.T) {
	onEach(t, func(w *world) {
		row, key := w.make(reader)
		began := w.clock.Now()
		for _, step := range []struct{ advance, seen time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}} {
			w.clock.Advance(step.advance)
			_, err := w.Authenticate(w.Context(), key)
			w.ok(err)
			got, err := w.Store.Read().APIKey(w.Context(), row.Digest)
			w.ok(err)
			if !got.LastUsedAt.Equal(began.Add(step.seen)) {
				w.Errorf("after %v: last used after %v, want %v", w.clock.Now().Sub(began), got.LastUsedAt.Sub(began), step.seen)
			}
		}
	})
}

func TestAGivenKeyIsMadeOnce(t *testing.T) {
	onEach(t, func(w *world) {
		fixed := reader
		fixed.Fixed = secret.NewString("wk_given-from-outside")
		first, key := w.make(fixed)
		second, again := w.make(fixed)
		if first.ID != second.ID || !key.Equal(fixed.Fixed) || !again.Equal(fixed.Fixed) {
			w.Errorf("got %s and %s", first.ID, second.ID)
		}
		if n := len(w.events(watchword.EventAPIKeyCreated)); n != 1 {
			w.Errorf("%d events", n)
		}
		_, err := w.Authenticate(w.Context(), fixed.Fixed)
		w.ok(err)
	})
}

func TestWhatIsNoKeyIsNotMade(t *testing.T) {
	onEach(t, func(w *world) {
		for name, spoil := range map[string]func(*apikey.New){
			"no name":       func(n *apikey.New) { n.Name = "" },
			"long name":     func(n *apikey.New) { n.Name = strings.Repeat("a", 101) },
			"no scope":      func(n *apikey.New) { n.Scopes = nil },
			"unknown scope": func(n *apikey.New) { n.Scopes = []watchword.Scope{watchword.ScopeEventsRead, "everything"} },
			"no prefix":     func(n *apikey.New) { n.Fixed = secret.NewString("given-from-outside") },
			"short":         func(n *apikey.New) { n.Fixed = secret.NewString("wk_abcd") },
		} {
			n := reader
			spoil(&n)
			if _, key, err := w.Create(w.Context(), n); watchword.KindOf(err) != watchword.KindInvalid || !key.IsZero() {
				w.Errorf("%s: %v", name, err)
			}
		}
		if list, _, err := w.List(w.Context(), watchword.Page{Limit: 9}); err != nil || len(list) != 0 {
			w.Errorf("%d keys (%v)", len(list), err)
		}
	})
}

func TestKeysAreListedInPages(t *testing.T) {
	onEach(t, func(w *world) {
		var want []watchword.KeyID
		for range 5 {
			w.clock.Advance(time.Second)
			row, _ := w.make(reader)
			want = append([]watchword.KeyID{row.ID}, want...)
		}
		var got []watchword.KeyID
		next := ""
		for {
			list, cursor, err := w.List(w.Context(), watchword.Page{Before: next, Limit: 2})
			w.ok(err)
			for _, k := range list {
				got = append(got, k.ID)
			}
			if next = cursor; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			w.Errorf("got %v, want %v", got, want)
		}
	})
}

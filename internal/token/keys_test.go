package token_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/store/storetest/pgcluster"
	"watchword/internal/token"
)

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

const (
	rotateEvery  = 90 * 24 * time.Hour
	publishAhead = 24 * time.Hour
	tokenLife    = 10 * time.Minute
	margin       = 10 * time.Minute // that a key stays longer than its last token
)

func options(tb testing.TB, s *store.Store, alg jose.SignatureAlgorithm, clock *storetest.Clock) token.KeysOptions {
	tb.Helper()
	return token.KeysOptions{
		Store: s, Keyring: keyring(tb, firstSecret, ""), Issuer: issuer, Algorithm: alg, RotateEvery: rotateEvery,
		PublishAhead: publishAhead, TokenLife: tokenLife, Clock: clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
}

// nodes are two servers on one database.
func nodes(t *testing.T, engine store.Engine, clock *storetest.Clock) (a, b *token.Keys) {
	t.Helper()
	location := storetest.Location(t, engine)
	open := func() *token.Keys {
		keys, err := token.OpenKeys(t.Context(), options(t, storetest.OpenAt(t, engine, location, clock.Now), jose.ES256, clock))
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	return open(), open()
}

// signer is the id of the key that signs now.
func signer(t *testing.T, keys *token.Keys, clock *storetest.Clock) string {
	t.Helper()
	_, kid, _ := strings.Cut(part(t, sign(t, keys, access(clock)), 0), `"kid":"`)
	kid, _, _ = strings.Cut(kid, `"`)
	return kid
}

func published(keys *token.Keys) (ids []string) {
	for _, key := range keys.Set().Keys {
		ids = append(ids, key.KeyID)
	}
	return ids
}

// One node rotates and the other takes it up by itself: published, then signing on
// both at one moment, then the old one gone after its last token.
func TestAKeyIsPublishedBeforeItSignsAndStaysAfter(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		a, b := nodes(t, engine, clock)
		old := signer(t, a, clock)
		if signer(t, b, clock) != old {
			t.Fatal("two nodes sign with two keys")
		}
		clock.Advance(rotateEvery - publishAhead - time.Second)
		a.Tend()
		if len(published(a)) != 1 {
			t.Error("the next key was made too early")
		}
		clock.Advance(time.Second)
		a.Tend()
		b.Tend()
		ids := published(a)
		if len(ids) != 2 || !slices.Equal(ids, published(b)) || signer(t, a, clock) != old || signer(t, b, clock) != old {
			t.Fatalf("published %v and %v, signing with %s", ids, published(b), signer(t, a, clock))
		}
		clock.Advance(publishAhead - time.Second)
		last := sign(t, a, access(clock))
		if signer(t, b, clock) != old {
			t.Error("the next key signs too early")
		}
		clock.Advance(time.Second)
		if signer(t, a, clock) != ids[1] || signer(t, b, clock) != ids[1] {
			t.Error("the next key does not sign on both nodes")
		}
		clock.Advance(tokenLife - 2*time.Second)
		if _, err := b.OpenAccess(last); err != nil {
			t.Errorf("the old key's last token: %v", err)
		}
		clock.Advance(margin + 2*time.Second)
		if got := published(a); !slices.Equal(got, ids[1:]) {
			t.Errorf("published are %v, want the new key alone", got)
		}
	})
}

func TestRotatingNowSignsNow(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	a, b := nodes(t, store.SQLite, clock)
	old := signer(t, a, clock)
	if _, err := a.Rotate(t.Context(), watchword.Administrator{}, token.RotateAhead); err != nil { // one that waits is passed over
		t.Fatal(err)
	}
	leaked := sign(t, a, access(clock))
	key, err := a.Rotate(t.Context(), watchword.Administrator{}, token.RotateNow)
	id := key.ID
	if err != nil || !key.SignsAt.Equal(clock.Now()) || key.Status != token.KeySigning || signer(t, a, clock) != id || id == old {
		t.Fatalf("%+v (%v); now %s signs", key, err, signer(t, a, clock))
	}
	// The other node meets the new key by a token, before it looks by itself.
	clock.Advance(2 * time.Second)
	if _, err := b.OpenAccess(sign(t, a, access(clock))); err != nil {
		t.Errorf("the other node: %v", err)
	}
	if _, err := a.OpenAccess(leaked); err != nil {
		t.Errorf("a token of before: %v", err)
	}
	clock.Advance(publishAhead) // when the waiting one would have signed
	if signer(t, a, clock) != id {
		t.Error("the key that was passed over signs")
	}
	if got := published(a); !slices.Equal(got, []string{id}) {
		t.Errorf("published are %v, want %s alone", got, id)
	}
}

// Whoever has a leaked key makes tokens that never expire: they end with the key,
// also where one was seen and remembered.
func TestWhatALeakedKeySignedEndsWithTheKey(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	forged := access(clock)
	forged.Expires += int64((10 * 365 * 24 * time.Hour).Seconds())
	text := sign(t, keys, forged)
	if _, err := keys.OpenAccess(text); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Rotate(t.Context(), watchword.Administrator{}, token.RotateNow); err != nil {
		t.Fatal(err)
	}
	clock.Advance(tokenLife + margin)
	if _, err := keys.OpenAccess(text); !errors.Is(err, token.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestANodeWhoseClockIsBehindSignsWithTheFirstKey(t *testing.T) {
	t.Parallel()
	clock, behind := storetest.NewClock(), storetest.NewClock()
	behind.Advance(-time.Minute)
	location := storetest.Location(t, store.SQLite)
	if _, err := token.OpenKeys(t.Context(), options(t, storetest.OpenAt(t, store.SQLite, location, clock.Now), jose.ES256, clock)); err != nil {
		t.Fatal(err)
	}
	keys, err := token.OpenKeys(t.Context(), options(t, storetest.OpenAt(t, store.SQLite, location, behind.Now), jose.ES256, behind))
	if err != nil {
		t.Fatal(err)
	}
	if len(published(keys)) != 1 || signer(t, keys, behind) != published(keys)[0] {
		t.Errorf("there are %d keys", len(published(keys)))
	}
}

func TestAWrongSecretStopsTheStart(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.Open(t, store.SQLite, clock.Now)
	o := options(t, s, jose.ES256, clock)
	if _, err := token.OpenKeys(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Keyring = keyring(t, secondSecret, "")
	if _, err := token.OpenKeys(t.Context(), o); !errors.Is(err, token.ErrSecret) {
		t.Errorf("got %v", err)
	}
	o.Keyring = keyring(t, secondSecret, firstSecret)
	if _, err := token.OpenKeys(t.Context(), o); err != nil {
		t.Errorf("with the old one as the previous: %v", err)
	}
}

func TestKeysWorkWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		if engine != store.Postgres {
			continue // a file is never away
		}
		cluster := storetest.PostgresCluster(t, pgcluster.Options{})
		url, err := cluster.CreateDatabase(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		clock := storetest.NewClock()
		keys, err := token.OpenKeys(t.Context(), options(t, storetest.OpenAt(t, engine, url, clock.Now), jose.ES256, clock))
		if err != nil {
			t.Fatal(err)
		}
		if err := cluster.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys.Tend()
		if _, err := keys.OpenAccess(sign(t, keys, access(clock))); err != nil || len(published(keys)) != 1 {
			t.Errorf("signing and checking: %v; published: %v", err, published(keys))
		}
		if _, err := keys.OpenAccess(secret.NewString(forgery(t, map[string]any{"alg": "ES256", "kid": "unknown", "typ": "at+jwt"}, access(clock),
			func(string) []byte { return make([]byte, 64) }))); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("an unknown key: %v", err)
		}
	}
}

// Garbage with ever new key ids must not become a query each.
func TestUnknownKeysAreLookedForOnceASecond(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		if engine != store.Postgres {
			continue // where queries can be counted
		}
		s, wire := storetest.OpenTapped(t)
		clock := storetest.NewClock()
		keys, err := token.OpenKeys(t.Context(), options(t, s, jose.ES256, clock))
		if err != nil {
			t.Fatal(err)
		}
		garbage := func(times int) int64 {
			before := wire.RoundTrips()
			for i := range times {
				text := forgery(t, map[string]any{"alg": "ES256", "kid": "unknown", "typ": "at+jwt", "x": i}, access(clock), func(string) []byte { return make([]byte, 64) })
				if _, err := keys.OpenAccess(secret.NewString(text)); !errors.Is(err, token.ErrMalformed) {
					t.Fatal(err)
				}
			}
			return wire.RoundTrips() - before
		}
		if n := garbage(50); n > 3 { // one query, and what preparing it takes
			t.Errorf("50 unknown keys were %d queries", n)
		}
		clock.Advance(time.Second)
		if n := garbage(50); n < 1 || n > 3 {
			t.Errorf("a second later 50 unknown keys were %d queries", n)
		}
	}
}

func TestKeysAreTendedUntilStop(t *testing.T) {
	t.Parallel()
	keys := openKeys(t, jose.ES256, storetest.NewClock())
	keys.Start()
	keys.Stop() // goleak tells whether all has ended
}

package token_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

func keyOptions(t *testing.T, s *store.Store, clock *storetest.Clock) token.KeysOptions {
	t.Helper()
	keyring, err := secret.NewKeyring(secret.NewString(strings.Repeat("agreement", 4)), secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	return token.KeysOptions{
		Store: s, Keyring: keyring, Algorithm: jose.ES256, RotateEvery: 24 * time.Hour, PublishAhead: time.Hour,
		TokenLife: 10 * time.Minute, Clock: clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
}

func signingKeys(t *testing.T, s *store.Store) []store.SigningKey {
	t.Helper()
	rows, err := s.Read().SigningKeys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestNodesThatStartOrRotateAtOnceAgreeOnOneKey(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock, location := storetest.NewClock(), storetest.Location(t, engine)
		nodes := make([]*token.Keys, 6)
		stores := make([]*store.Store, len(nodes))
		for i := range stores {
			stores[i] = storetest.OpenAt(t, engine, location, clock.Now)
		}
		atOnce := func(act func(i int) error) {
			t.Helper()
			var racing sync.WaitGroup
			for i := range nodes {
				racing.Go(func() {
					if err := act(i); err != nil {
						t.Error(err)
					}
				})
			}
			racing.Wait()
		}
		atOnce(func(i int) (err error) {
			nodes[i], err = token.OpenKeys(t.Context(), keyOptions(t, stores[i], clock))
			return err
		})
		if n := len(signingKeys(t, stores[0])); n != 1 {
			t.Fatalf("%d nodes that started at once made %d keys, want 1", len(nodes), n)
		}
		clock.Advance(23*time.Hour + time.Minute)
		atOnce(func(i int) error { return nodes[i].RotateIfDue(t.Context()) })
		if n := len(signingKeys(t, stores[0])); n != 2 {
			t.Errorf("after one rotation there are %d keys, want 2", n)
		}
	})
}

func TestRotateTellsOfTheKeyThatIsThere(t *testing.T) {
	t.Parallel()
	s, clock := storetest.Open(t, store.SQLite, nil), storetest.NewClock()
	var told []string
	ada := watchword.Administrator{Actor: "user:usr_ada", Origin: watchword.Origin{RequestID: "r1"}}
	options := keyOptions(t, s, clock)
	options.Added = func(_ context.Context, _ *store.Conn, by watchword.Administrator, key store.SigningKey) error {
		told = append(told, key.ID+by.Actor+by.Origin.RequestID)
		return nil
	}
	keys, err := token.OpenKeys(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Rotate(t.Context(), ada, token.RotateAhead)
	rows := signingKeys(t, s)
	if err != nil || len(rows) != 2 || rows[1].ID != key.ID || !rows[1].SignsAt.Equal(key.SignsAt) || key.Status != token.KeyPublished {
		t.Errorf("Rotate answered %+v (%v); there are %d keys", key, err, len(rows))
	}
	if !key.SignsAt.Equal(clock.Now().Add(time.Hour)) {
		t.Errorf("it signs at %v", key.SignsAt)
	}
	clock.Advance(time.Minute)
	if again, err := keys.Rotate(t.Context(), ada, token.RotateAhead); err != nil || again != key {
		t.Errorf("sent again: %+v (%v)", again, err)
	}
	if want := []string{rows[0].ID, key.ID + "user:usr_adar1"}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v", told, want)
	}
}

func TestInspectingMakesNoKey(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite, nil)
	if _, err := token.InspectKeys(t.Context(), keyOptions(t, s, storetest.NewClock())); err != nil {
		t.Fatal(err)
	}
	if n := len(signingKeys(t, s)); n != 0 {
		t.Errorf("looking made %d keys", n)
	}
}

// Without the second half a key that has leaked would stay good until after the
// successor that was published in advance had begun to sign.
func TestRotatingNowEndsAllEarlierKeysSoon(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		s := storetest.Open(t, engine, clock.Now)
		keys, err := token.OpenKeys(t.Context(), keyOptions(t, s, clock))
		if err != nil {
			t.Fatal(err)
		}
		for _, when := range []token.RotateWhen{token.RotateAhead, token.RotateNow} {
			if _, err := keys.Rotate(t.Context(), watchword.Administrator{}, when); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(keys.Set().Keys); n != 3 {
			t.Fatalf("%d keys are published while their tokens live, want 3", n)
		}
		clock.Advance(30 * time.Minute) // ten minutes of token life, and the margin
		if n := len(keys.Set().Keys); n != 1 {
			t.Errorf("half an hour later %d keys are published, want the new one alone", n)
		}
	})
}

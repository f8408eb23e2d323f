package idempotency_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// maker makes users, as what a call makes.
type maker struct {
	t        *testing.T
	engine   store.Engine
	store    *store.Store
	keyring  *secret.Keyring
	clock    *storetest.Clock
	location string
}

func newMaker(t *testing.T, engine store.Engine) *maker {
	t.Helper()
	keyring, err := secret.NewKeyring(secret.NewString("a server secret of the tests, long enough"), secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	clock := storetest.NewClock()
	location := storetest.Location(t, engine)
	return &maker{t: t, engine: engine, store: storetest.OpenAt(t, engine, location, clock.Now), keyring: keyring, clock: clock, location: location}
}

// thing is what was made: its id, and what is shown once.
type thing struct {
	id    watchword.UserID
	shown string
}

func (m *maker) call(actor, key, operation string, body any) (thing, error) {
	m.t.Helper()
	call, err := idempotency.NewCall(actor, key, operation, body)
	if err != nil {
		m.t.Fatal(err)
	}
	return m.once(m.t.Context(), call, nil)
}

func (m *maker) once(ctx context.Context, call idempotency.Call, refusal error) (thing, error) {
	read := func(made idempotency.Made) (thing, error) {
		user, err := m.store.Read().User(ctx, watchword.UserID(made.Resource))
		return thing{user.ID, made.Secret.Reveal()}, err
	}
	return idempotency.Once(ctx, m.store, m.keyring, call, read, func(c *store.Conn) (thing, idempotency.Made, error) {
		if refusal != nil {
			return thing{}, idempotency.Made{}, refusal
		}
		id, err := c.InsertUser(ctx, store.NewUser{})
		shown := "shown once with " + string(id)
		return thing{id, shown}, idempotency.Made{Resource: string(id), Secret: secret.NewString(shown)}, err
	})
}

// made is how many things there are.
func (m *maker) made() int { return storetest.Count(m.t, m.engine, m.location, "users") }

func TestARepeatedCallMakesNothingAndAnswersTheSame(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		body := map[string]string{"name": "Ada"}
		first, err := m.call("key:1", "k", "create", body)
		if err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(idempotency.Life - time.Second)
		again, err := m.call("key:1", "k", "create", body)
		if err != nil || again != first || m.made() != 1 {
			t.Errorf("got %v, want %v; %d made (%v)", again, first, m.made(), err)
		}
	})
}

func TestACallIsARepetitionOnlyByTheSameKeyOfTheSameActorForTheSame(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		first, err := m.call("key:1", "k", "create", "body")
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			actor, key, operation string
			body                  any
			want                  error
		}{
			"another key":                      {"key:1", "l", "create", "body", nil},
			"another actor":                    {"key:2", "k", "create", "body", nil},
			"actor and key divided elsewhere":  {"key:", "1\x00k", "create", "body", nil},
			"another operation":                {"key:1", "k", "update", "body", idempotency.ErrKeyReused},
			"another body":                     {"key:1", "k", "create", "other", idempotency.ErrKeyReused},
			"operation and body divided there": {"key:1", "k", "create\x00", "body", idempotency.ErrKeyReused},
		} {
			made, err := m.call(c.actor, c.key, c.operation, c.body)
			if !errors.Is(err, c.want) || made.id == first.id {
				t.Errorf("%s: made %v (%v), want %v", name, made, err, c.want)
			}
		}
		for range 2 { // without a key each call is the first
			if made, err := m.call("key:1", "", "create", "body"); err != nil || made.id == first.id {
				t.Errorf("without a key: %v (%v)", made, err)
			}
		}
	})
}

// As JSON secrets are all alike: the call must not pass for one with another password.
func TestACallWithAnotherSecretIsNoRepetition(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		ask := func(secrets ...string) (thing, error) {
			t.Helper()
			var body struct{ Password secret.String }
			var list []secret.String
			for _, one := range secrets {
				body.Password = secret.NewString(one)
				list = append(list, body.Password)
			}
			call, err := idempotency.NewCall("key:1", "k", "create", body, list...)
			if err != nil {
				t.Fatal(err)
			}
			return m.once(t.Context(), call, nil)
		}
		first, err := ask("one", "two")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ask("one", "two"); err != nil || again != first {
			t.Errorf("got %v, want %v (%v)", again, first, err)
		}
		for _, other := range [][]string{{"one", "three"}, {"onetwo"}, {"onetw", "o"}, {"one"}, {}} {
			if _, err := ask(other...); !errors.Is(err, idempotency.ErrKeyReused) {
				t.Errorf("%q: got %v", other, err)
			}
		}
		if m.made() != 1 {
			t.Errorf("%d made", m.made())
		}
	})
}

// What is asked for is digested under the server secret: it cannot be guessed from the
// database. While the last secret is known, its records are.
func TestARecordOutlivesOneChangeOfTheServerSecret(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		first, err := m.call("key:1", "k", "create", "body")
		if err != nil {
			t.Fatal(err)
		}
		before, after := secret.NewString("a server secret of the tests, long enough"), secret.NewString("the server secret that comes after it")
		for _, step := range []struct {
			current, previous secret.String
			want              error
		}{{after, before, nil}, {after, secret.String{}, idempotency.ErrKeyReused}} {
			if m.keyring, err = secret.NewKeyring(step.current, step.previous); err != nil {
				t.Fatal(err)
			}
			again, err := m.call("key:1", "k", "create", "body")
			if !errors.Is(err, step.want) || err == nil && again != first || m.made() != 1 {
				t.Errorf("got %v, want %v; %d made (%v)", again, first, m.made(), err)
			}
		}
	})
}

func TestAKeyIsFreeAgainAfterADay(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		first, err := m.call("key:1", "k", "create", "body")
		if err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(idempotency.Life)
		second, err := m.call("key:1", "k", "create", "another body")
		if err != nil || second.id == first.id {
			t.Errorf("got %v (%v)", second, err)
		}
		if again, err := m.call("key:1", "k", "create", "another body"); err != nil || again != second {
			t.Errorf("got %v, want %v (%v)", again, second, err)
		}
	})
}

func TestACallThatFailedLeavesItsKeyFree(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		call, err := idempotency.NewCall("key:1", "k", "create", "body")
		if err != nil {
			t.Fatal(err)
		}
		refused := watchword.NewError(watchword.KindConflict, "refused", "No.")
		if _, err := m.once(t.Context(), call, refused); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		if made, err := m.once(t.Context(), call, nil); err != nil || made.id == "" {
			t.Errorf("got %v (%v)", made, err)
		}
	})
}

func TestOfParallelCallsWithOneKeyOneMakesAndAllGetIt(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		m := newMaker(t, engine)
		call, err := idempotency.NewCall("key:1", "k", "create", "body")
		if err != nil {
			t.Fatal(err)
		}
		const callers = 20
		answers := make([]thing, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				var err error
				if answers[i], err = m.once(t.Context(), call, nil); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, got := range answers {
			if got != answers[0] || got.id == "" {
				t.Errorf("got %v and %v", got, answers[0])
			}
		}
		if m.made() != 1 {
			t.Errorf("%d made", m.made())
		}
	})
}

// What is shown once lies in the database only sealed.
func TestWhatIsShownOnceIsKeptSealed(t *testing.T) {
	t.Parallel()
	m := newMaker(t, store.SQLite)
	if _, err := m.call("key:1", "k", "create", "body"); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]int{
		"idempotency_keys": 1, "idempotency_keys WHERE length(sealed) > 40": 1, "idempotency_keys WHERE instr(sealed, CAST('shown' AS BLOB)) > 0": 0,
	} {
		if got := storetest.Count(t, store.SQLite, m.location, where); got != want {
			t.Errorf("%s: %d, want %d", where, got, want)
		}
	}
}

package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

const nextSecret = "Q2w9ZbN3cY7hJd4fGs6aUek8Xv2mPqL5tR-next"

// nodeWith is one more server on the database, with other secrets.
func (w *world) nodeWith(current, previous string) *world {
	w.t.Helper()
	cfg := w.config(w.settings) // with this one's public URL: they stand behind one name
	cfg.Secret, cfg.SecretPrevious = secret.NewString(current), secret.NewString(previous)
	node := *w
	var err error
	node.server, err = assemble(w.t.Context(), cfg, surroundings{
		clock: w.clock.Now, pause: w.pause, random: rand.Reader, log: slog.New(slog.DiscardHandler), actor: event.ActorSystem,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	web := httptest.NewServer(node.handler)
	node.url = web.URL
	node.start()
	w.t.Cleanup(func() {
		web.Close()
		node.stop()
	})
	return &node
}

func rotating(o *operator) *operator {
	turned := *o
	turned.environ = []string{"WATCHWORD_SECRET=" + nextSecret, "WATCHWORD_SECRET_PREVIOUS=" + testSecret}
	return &turned
}

func TestRotateKeysSaysWhenTheNextSigns(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		before := w.program().get("/.well-known/jwks.json").want(t, 200, "")
		o := w.operator()
		ahead := o.run("", "admin", "rotate-keys", "--json").want(t, 0).json(t)
		signsAt, err := time.Parse(time.RFC3339, ahead["signs_at"].(string))
		if err != nil || signsAt.Before(time.Now().Add(time.Hour)) {
			t.Errorf("signs at %v (%v): it must be published well before", signsAt, err)
		}
		now := o.run("", "admin", "rotate-keys", "--now").want(t, 0)
		if !strings.Contains(now.out, "begins to sign at") {
			t.Errorf("said %s", now.out)
		}
		w.nodeWith(testSecret, "") // a node that starts sees all three
		keys := signingKeys(t, w.store)
		if len(keys) != 3 || strings.Contains(before.text, keys[1].ID) || !strings.Contains(now.out, keys[2].ID) {
			t.Errorf("%d keys", len(keys))
		}
		w.wantEvents(watchword.EventSigningKeysRotated, watchword.EventSigningKeysRotated)
	})
}

func signingKeys(t *testing.T, s *store.Store) []store.SigningKey {
	t.Helper()
	rows, err := s.Read().SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheServerSecretIsRotatedWithoutSigningAnybodyOut(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		old := newWorld(t, engine, noMailServer)
		ada := old.program().signUp("ada@example.com") // with a mail that waits
		bob := old.program().signUp("bob@example.com")
		old.mailFailed()
		o := rotating(old.operator())

		// A server with the new secret takes what the old one sealed.
		both := old.nodeWith(nextSecret, testSecret)
		refresh := func(w *world, a answer) answer {
			return w.program().post("/auth/refresh", `{"refresh_token":"`+a.str("refresh_token")+`"}`)
		}
		ada = refresh(both, ada).want(t, 200, "")

		report := o.run("", "admin", "reseal", "--json").want(t, 0).json(t)
		if report["signing_keys"] != 1.0 || report["jobs"].(float64) < 2 || report["opaque_jobs"] != 0.0 {
			t.Errorf("moved %v", report)
		}
		if report["sessions"] != 1.0 || report["keep_until"] == nil || report["lost_sessions"] != 0.0 {
			t.Errorf("Bob's session alone is still under the old secret: %v", report)
		}
		again := o.run("", "admin", "reseal", "--json").want(t, 0).json(t)
		if again["signing_keys"] != 0.0 || again["jobs"] != 0.0 {
			t.Errorf("moved again: %v", again)
		}
		both.wantEvents(watchword.EventSecretResealed, watchword.EventSecretResealed)

		// All that the database holds opens with the new secret alone.
		after := old.nodeWith(nextSecret, "")
		ada = refresh(after, ada).want(t, 200, "")
		after.program().get("/auth/me", "Authorization", "Bearer "+ada.str("access_token")).want(t, 200, "")
		after.wantJobsOpen()
		// Only a refresh token that was not used meanwhile needs the old one.
		refresh(after, bob).want(t, 401, "refresh_token_invalid")
		bob = refresh(both, bob).want(t, 200, "")
		refresh(after, bob).want(t, 200, "")

		done := o.run("", "admin", "reseal").want(t, 0)
		if !strings.Contains(done.out, "WATCHWORD_SECRET_PREVIOUS can go") {
			t.Errorf("said %s", done.out)
		}
	})
}

// wantJobsOpen fails the test unless every job can be read with this server's secret.
func (w *world) wantJobsOpen() {
	w.t.Helper()
	jobs, err := w.store.Read().WaitingJobs(context.Background(), "", 100)
	if err != nil || len(jobs) == 0 {
		w.t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, j := range jobs {
		var payload map[string]any
		if err := job.Decode(w.keyring, j, &payload); err != nil {
			w.t.Error(err)
		}
	}
}

// Nodes that do not yet have the new secret are never met with what is sealed
// under it, if it is first given to all of them as the other one.
func TestSeveralNodesGetANewSecretInTwoSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	prepared, turned := w.nodeWith(testSecret, nextSecret), w.nodeWith(nextSecret, testSecret)
	session := w.program().signUp("ada@example.com")
	for _, node := range []*world{prepared, turned, prepared, turned} {
		session = node.program().post("/auth/refresh", `{"refresh_token":"`+session.str("refresh_token")+`"}`).want(t, 200, "")
		node.program().get("/auth/me", "Authorization", "Bearer "+session.str("access_token")).want(t, 200, "")
	}
}

// Nor does anybody get a guess more by turning from one of them to another: they
// count in the same places of Redis.
func TestNodesInTheMidstOfANewSecretShareTheirCounts(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	redis.SetTime(time.Now()) // and no later
	w := newWorld(t, store.SQLite, generous+"redis: redis://"+redis.Addr()+"\n")
	for _, node := range []*world{w.nodeWith(nextSecret, testSecret), w.nodeWith(testSecret, nextSecret)} {
		for try := 0; ; try++ {
			node.program().post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`)
			counts := attempts(redis)
			if slices.Equal(counts, []string{"5", "5"}) {
				break
			}
			if len(counts) > 2 || try == 50 {
				t.Fatalf("wrong passwords by key: %q", counts)
			}
			w.clock.Advance(2 * time.Second) // a busy machine: Redis is believed to be away, and tried again
		}
	}
}

// attempts are the wrong answers that Redis counts, by key.
func attempts(redis *miniredis.Miniredis) (counts []string) {
	for _, key := range redis.Keys() {
		if strings.HasPrefix(key, "watchword:attempts:") {
			counts = append(counts, redis.HGet(key, "wrong"))
		}
	}
	return counts
}

func TestAWrongSecretStopsTheStart(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		w.program().signUp("ada@example.com")
		before := signingKeys(t, w.store)

		cfg := w.config("")
		cfg.Secret = secret.NewString(nextSecret)
		_, err := assemble(t.Context(), cfg, surroundings{
			clock: w.clock.Now, pause: w.pause, random: rand.Reader, log: slog.New(slog.DiscardHandler), actor: event.ActorSystem,
		})
		if !errors.Is(err, token.ErrSecret) {
			t.Fatalf("the start: %v", err)
		}
		o := w.operator()
		o.environ = []string{"WATCHWORD_SECRET=" + nextSecret}
		for _, command := range []string{"reseal", "rotate-keys"} {
			if got := o.run("", "admin", command).want(t, 1); !strings.Contains(got.err, "not the secret that this database was made with") {
				t.Errorf("%s: %s", command, got.err)
			}
		}
		after := signingKeys(t, w.store)
		if len(after) != len(before) || string(after[0].Sealed) != string(before[0].Sealed) {
			t.Error("a key was changed with the wrong secret")
		}
	})
}

func TestResealLeavesAJobThatNeitherSecretOpens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	w.program().signUp("ada@example.com")
	err := w.store.Tx(t.Context(), func(c *store.Conn) error {
		return c.InsertJob(t.Context(), store.Job{ID: c.NewJobID(), Kind: "mail", Payload: []byte("garbage"), ExpiresAt: c.Now().Add(time.Hour)})
	})
	if err != nil {
		t.Fatal(err)
	}
	report := rotating(w.operator()).run("", "admin", "reseal", "--json").want(t, 0).json(t)
	if report["opaque_jobs"] != 1.0 || report["signing_keys"] != 1.0 {
		t.Errorf("%v", report)
	}
}

// countRows counts straight in the database.
func countRows(t *testing.T, engine store.Engine, location, table string) (n int) {
	t.Helper()
	driver := "sqlite"
	if engine == store.Postgres {
		driver = "pgx"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

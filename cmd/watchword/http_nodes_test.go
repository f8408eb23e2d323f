package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"watchword/internal/event"
	"watchword/internal/store"
)

// beside starts one more node of the same service: of the same database, secret
// and public URL, on a socket of its own.
func (w *world) beside(settings string) *world {
	w.t.Helper()
	node := &world{t: w.t, clock: w.clock, location: w.location, engine: w.engine, log: w.log, pauses: w.pauses}
	var err error
	node.server, err = assemble(context.Background(), w.config(settings), surroundings{
		clock: w.clock.Now, pause: w.pause, random: rand.Reader, log: slog.New(slog.NewJSONHandler(w.log, nil)), version: "test", actor: event.ActorSystem,
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
	return node
}

// Of parallel refreshes of one token, on two nodes, the session advances once and
// all get one answer.
func TestParallelRefreshesOnTwoNodesGetOneAnswer(t *testing.T) {
	t.Parallel()
	one := newWorld(t, store.Postgres, generous)
	two := one.beside(generous)
	in := one.app().signUp("ada@example.com")
	answers := make([]answer, 100)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = []*world{one, two}[i%2].program().post("/auth/refresh", refreshBody(in)) })
	}
	wg.Wait()
	for _, got := range answers {
		if got.want(t, 200, ""); got.text != answers[0].text {
			t.Fatalf("two answers:\n%s\n%s", got.text, answers[0].text)
		}
	}
	next := two.app().post("/auth/refresh", refreshBody(answers[0])).want(t, 200, "")
	one.app().get("/auth/me", "Authorization", "Bearer "+next.str("access_token")).want(t, 200, "")
}

// What one node ends is over on the other.
func TestNodesAgreeOnWhatHasEnded(t *testing.T) {
	t.Parallel()
	one := newWorld(t, store.Postgres, generous)
	two := one.beside(generous)
	in := one.app().signUp("ada@example.com")
	bearer := []string{"Authorization", "Bearer " + in.str("access_token")}
	two.app().get("/auth/me", bearer...).want(t, 200, "")
	one.app().post("/auth/sign-out", "", bearer...).want(t, 204, "")
	two.app().get("/auth/me", bearer...).want(t, 401, "session_revoked")
	two.app().post("/auth/refresh", refreshBody(in)).want(t, 401, "session_revoked")
}

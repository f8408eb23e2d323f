package job_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"watchword/internal/job"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// world is a queue on a real database.
type world struct {
	*testing.T
	store *store.Store
	queue job.Queue
	clock *storetest.Clock
}

const serverSecret = "the server's secret in these tests, long enough"

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		test(&world{
			T: t, store: storetest.Open(t, engine, clock.Now), clock: clock, queue: job.Queue{Keyring: keyring(t, serverSecret, "")},
		})
	})
}

// enqueue queues a job with this payload, wanted for an hour.
func (w *world) enqueue(payload string) {
	w.Helper()
	err := w.store.Tx(w.Context(), func(c *store.Conn) error {
		return w.queue.Enqueue(w.Context(), c, job.KindMail, payload, c.Now().Add(time.Hour))
	})
	if err != nil {
		w.Fatal(err)
	}
}

// run starts a runner for the mail jobs, which ends with the test.
func (w *world) run(handle func(ctx context.Context, payload string) error) *job.Runner {
	w.Helper()
	handler := func(ctx context.Context, j store.Job) error {
		var payload string
		if err := job.Decode(w.queue.Keyring, j, &payload); err != nil {
			return job.Permanent(err)
		}
		return handle(ctx, payload)
	}
	r := job.NewRunner(w.store, map[job.Kind]job.Handler{job.KindMail: handler}, rand.Reader, slog.New(slog.DiscardHandler))
	r.Start()
	w.Cleanup(r.Stop)
	return r
}

// waiting is how many jobs are neither done nor parked.
func (w *world) waiting() (n int64) {
	w.Helper()
	list, err := w.store.Read().Backlogs(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, b := range list {
		n += b.Waiting
	}
	return n
}

// parked is how many jobs failed for good.
func (w *world) parked() (n int64) {
	w.Helper()
	list, err := w.store.Read().FailedJobs(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range list {
		n += f.Failed
	}
	return n
}

// eventually waits until it is so; the bound only ends a hopeless wait.
func (w *world) eventually(what string, so func() bool) {
	w.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.Fatalf("never: %s", what)
}

package job_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"watchword/internal/job"
	"watchword/internal/store"
)

// A payload may hold a live token: it must lie sealed, and open for its own job alone.
func TestPayloadsLieSealed(t *testing.T) {
	onEach(t, func(w *world) {
		const canary = "otk_c4n4ry"
		w.enqueue(canary)
		w.enqueue("other")
		jobs, err := w.store.Read().WaitingJobs(w.Context(), "", 9)
		if err != nil || len(jobs) != 2 {
			w.Fatalf("%d jobs, %v", len(jobs), err)
		}
		for _, j := range jobs {
			if bytes.Contains(j.Payload, []byte("c4n4ry")) {
				w.Error("the payload lies open")
			}
		}
		moved := store.Job{ID: jobs[0].ID, Payload: jobs[1].Payload}
		var text string
		if err := job.Decode(w.queue.Keyring, moved, &text); err == nil {
			w.Error("the payload of another job opens")
		}
		if err := job.Decode(keyring(w.T, "another secret, of another server at all", ""), jobs[0], &text); err == nil || text != "" {
			w.Error("the payload opens under another secret")
		}
		var number int
		if err := job.Decode(w.queue.Keyring, jobs[0], &number); err == nil {
			w.Error("text was read as a number")
		}
	})
}

func TestAJobIsThereExactlyIfItsCauseIs(t *testing.T) {
	onEach(t, func(w *world) {
		err := w.store.Tx(w.Context(), func(c *store.Conn) error {
			return errors.Join(w.queue.Enqueue(w.Context(), c, job.KindMail, "never", c.Now().Add(time.Hour)), errOnPurpose)
		})
		if !errors.Is(err, errOnPurpose) || w.waiting() != 0 {
			w.Errorf("%d jobs of a transaction that was undone (%v)", w.waiting(), err)
		}
		woken := 0
		w.queue.Announce() // nobody to tell
		w.queue.Wake = func() { woken++ }
		w.queue.Announce()
		if woken != 1 {
			w.Errorf("told %d times", woken)
		}
	})
}

func TestWhatCannotBeEncodedIsNotQueued(t *testing.T) {
	onEach(t, func(w *world) {
		err := w.store.Tx(w.Context(), func(c *store.Conn) error {
			return w.queue.Enqueue(w.Context(), c, job.KindMail, func() {}, c.Now())
		})
		if err == nil || w.waiting() != 0 {
			w.Errorf("%d jobs (%v)", w.waiting(), err)
		}
	})
}

package job_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func keyring(t *testing.T, current, previous string) *secret.Keyring {
	t.Helper()
	k, err := secret.NewKeyring(secret.NewString(current), secret.NewString(previous))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestResealMovesEveryPayloadThatIsLeft(t *testing.T) {
	t.Parallel()
	const oldSecret, newSecret = "old: 8Xv2mPqL5tRw9ZbN3cY7hJd4fGs6aUe", "new: w9ZbN3cY7hJd4fGs6aUek8Xv2mPqL5tR"
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s, ctx := storetest.Open(t, engine, nil), t.Context()
		old := job.Queue{Keyring: keyring(t, oldSecret, "")}
		for range 5 {
			err := s.Tx(ctx, func(c *store.Conn) error {
				return old.Enqueue(ctx, c, job.KindMail, "payload", c.Now().Add(time.Hour))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		jobs, err := s.Read().WaitingJobs(ctx, "", 10)
		if err != nil || len(jobs) != 5 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		finish(t, s, jobs[0].ID) // nothing is left of it
		park(t, s, jobs[1].ID)   // it can be tried again

		both := keyring(t, newSecret, oldSecret)
		for _, want := range []int{4, 0} {
			if moved := resealAll(t, s, both); moved != want {
				t.Errorf("%d payloads were moved, want %d", moved, want)
			}
		}
		jobs, err = s.Read().WaitingJobs(ctx, "", 10)
		if err != nil || len(jobs) != 4 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		for _, j := range jobs {
			var payload string
			if err := job.Decode(keyring(t, newSecret, ""), j, &payload); err != nil || payload != "payload" {
				t.Errorf("%q, %v", payload, err)
			}
		}
	})
}

func finish(t *testing.T, s *store.Store, id watchword.MessageID) {
	t.Helper()
	if err := s.Write(t.Context(), func(c *store.Conn) error { return c.FinishJob(t.Context(), id) }); err != nil {
		t.Fatal(err)
	}
}

func park(t *testing.T, s *store.Store, id watchword.MessageID) {
	t.Helper()
	if err := s.Write(t.Context(), func(c *store.Conn) error { return c.FailJob(t.Context(), id, "why") }); err != nil {
		t.Fatal(err)
	}
}

// resealAll goes through the queue two at a time.
func resealAll(t *testing.T, s *store.Store, keyring *secret.Keyring) (moved int) {
	t.Helper()
	var after watchword.MessageID
	for {
		var done job.Resealed
		err := s.Tx(t.Context(), func(c *store.Conn) (err error) {
			done, err = job.Reseal(t.Context(), c, keyring, after, 2)
			return err
		})
		if err != nil || done.Opaque != 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		moved += done.Moved
		if done.Last == "" {
			return moved
		}
		after = done.Last
	}
}

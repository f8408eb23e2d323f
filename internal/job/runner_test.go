package job_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchword/internal/job"
	"watchword/internal/store"
)

var errOnPurpose = errors.New("on purpose")

func TestEveryJobIsDoneOnceByManyRunners(t *testing.T) {
	onEach(t, func(w *world) {
		const jobs = 60
		for i := range jobs {
			w.enqueue(fmt.Sprint(i))
		}
		var mu sync.Mutex
		done := map[string]int{}
		for range 3 {
			w.run(func(_ context.Context, payload string) error {
				mu.Lock()
				defer mu.Unlock()
				done[payload]++
				return nil
			})
		}
		w.eventually("all are done", func() bool { return w.waiting() == 0 })
		mu.Lock()
		defer mu.Unlock()
		for payload, times := range done {
			if times != 1 {
				w.Errorf("job %s was done %d times", payload, times)
			}
		}
		if len(done) != jobs {
			w.Errorf("%d of %d were done", len(done), jobs)
		}
	})
}

func TestAJobOutlivesTheNodeThatDied(t *testing.T) {
	onEach(t, func(w *world) {
		w.enqueue("survivor")
		err := w.store.Write(w.Context(), func(c *store.Conn) error { // claimed by a node that is gone
			jobs, err := c.ClaimJobs(w.Context(), string(job.KindMail), 8, c.Now().Add(job.ClaimFor))
			if len(jobs) != 1 {
				w.Errorf("claimed %d", len(jobs))
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		done := make(chan string, 1)
		r := w.run(func(_ context.Context, payload string) error { done <- payload; return nil })
		w.clock.Advance(job.ClaimFor - time.Second)
		r.Wake()
		w.enqueue("later") // when this one is done, the runner has looked
		if got := <-done; got != "later" {
			w.Fatalf("did %s, which another node may still be at", got)
		}
		w.clock.Advance(time.Second)
		r.Wake()
		if got := <-done; got != "survivor" {
			w.Errorf("did %s", got)
		}
	})
}

func TestAPoisonousJobIsParkedAndBlocksNobody(t *testing.T) {
	onEach(t, func(w *world) {
		var poisoned atomic.Int64
		for i := range 20 {
			w.enqueue(map[bool]string{true: "poison", false: "food"}[i%5 == 0])
		}
		r := w.run(func(_ context.Context, payload string) error {
			if payload == "poison" {
				poisoned.Add(1)
				panic(payload)
			}
			return nil
		})
		w.eventually("all are done or parked", func() bool { return w.waiting() == 0 })
		w.clock.Advance(50 * time.Minute)
		r.Wake()
		w.enqueue("food")
		w.eventually("and one more", func() bool { return w.waiting() == 0 })
		if w.parked() != 4 || poisoned.Load() != 4 {
			w.Errorf("%d parked, %d times poisoned; want 4", w.parked(), poisoned.Load())
		}
	})
}

func TestAFailedJobIsTriedAgainLater(t *testing.T) {
	onEach(t, func(w *world) {
		w.enqueue("stubborn")
		attempts := make(chan time.Time, 3)
		r := w.run(func(context.Context, string) error {
			attempts <- w.clock.Now()
			if len(attempts) < cap(attempts) {
				return errOnPurpose
			}
			return nil
		})
		w.eventually("it is done", func() bool {
			w.clock.Advance(time.Second)
			r.Wake()
			return w.waiting() == 0
		})
		first, second, third := <-attempts, <-attempts, <-attempts
		if second.Sub(first) < 5*time.Second || third.Sub(second) < 10*time.Second {
			w.Errorf("tried again after %v and %v", second.Sub(first), third.Sub(second))
		}
		if w.parked() != 0 {
			w.Error("it was parked")
		}
	})
}

func TestWhatNoRetryMendsIsParked(t *testing.T) {
	onEach(t, func(w *world) {
		for _, payload := range []string{"permanent", "wrapped"} {
			w.enqueue(payload)
		}
		w.run(func(_ context.Context, payload string) error {
			if payload == "wrapped" {
				return fmt.Errorf("send: %w", job.Permanent(errOnPurpose))
			}
			return job.Permanent(errOnPurpose)
		})
		w.eventually("both are parked", func() bool { return w.parked() == 2 })
		if !errors.Is(job.Permanent(errOnPurpose), errOnPurpose) {
			t.Error("the cause is lost")
		}
	})
}

func TestAJobIsNotTriedBeyondItsTime(t *testing.T) {
	onEach(t, func(w *world) {
		w.enqueue("late")
		w.clock.Advance(time.Hour - time.Second) // the next try would come too late
		var attempts atomic.Int64
		r := w.run(func(context.Context, string) error { attempts.Add(1); return errOnPurpose })
		w.eventually("it is parked", func() bool { return w.parked() == 1 })
		w.enqueue("too late")
		w.eventually("it failed once", func() bool { return attempts.Load() == 2 })
		w.clock.Advance(2 * time.Hour)
		r.Wake()
		w.eventually("it is parked", func() bool { return w.parked() == 2 })
		if n := attempts.Load(); n != 2 {
			w.Errorf("%d attempts; the last of them when nobody wanted it any more", n)
		}
	})
}

func TestBackoffGrowsWithJitterUpToABound(t *testing.T) {
	t.Parallel()
	r := job.NewRunner(nil, nil, rand.Reader, nil)
	want := 5 * time.Second
	for attempts := range int64(40) {
		if attempts > 1 {
			want = min(2*want, 10*time.Minute)
		}
		seen := map[time.Duration]bool{}
		for range 20 {
			got := r.Backoff(attempts)
			if got < want || got >= want+want/4 {
				t.Fatalf("after %d attempts %v, want %v and up to a quarter more", attempts, got, want)
			}
			seen[got] = true
		}
		if len(seen) < 2 {
			t.Errorf("after %d attempts all come back together", attempts)
		}
	}
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	onEach(t, func(w *world) {
		w.enqueue("slow")
		began, finish := make(chan struct{}), make(chan struct{})
		r := job.NewRunner(w.store, map[job.Kind]job.Handler{job.KindMail: func(ctx context.Context, _ store.Job) error {
			close(began)
			<-finish
			return ctx.Err() // stopping does not break it off
		}}, rand.Reader, slog.New(slog.DiscardHandler))
		r.Start()
		<-began
		stopped := make(chan struct{})
		go func() {
			r.Stop()
			close(stopped)
		}()
		select {
		case <-stopped:
			w.Error("Stop did not wait")
		case <-time.After(20 * time.Millisecond): // time enough to do it wrong
		}
		w.enqueue("after")
		close(finish)
		<-stopped
		if n := w.waiting(); n != 1 {
			w.Errorf("%d wait, want the one that came after", n)
		}
	})
}

func TestKindsWithoutAHandlerAreLeft(t *testing.T) {
	onEach(t, func(w *world) {
		err := w.store.Tx(w.Context(), func(c *store.Conn) error {
			return w.queue.Enqueue(w.Context(), c, job.KindSignUp, "for another node", c.Now().Add(time.Hour))
		})
		if err != nil {
			w.Fatal(err)
		}
		w.enqueue("mine")
		w.run(func(context.Context, string) error { return nil })
		w.eventually("the other one is done", func() bool { return w.waiting() == 1 })
		if w.parked() != 0 {
			w.Error("it was parked")
		}
	})
}

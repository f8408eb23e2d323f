package job_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword/internal/job"
)

func TestTasksRecurUntilStop(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ran := make(chan string)
	task := func(name string, err error) job.Task {
		return job.Task{Name: name, Every: time.Millisecond, Do: func(ctx context.Context) error {
			select {
			case ran <- name:
			case <-ctx.Done():
			}
			return err
		}}
	}
	p := &job.Periodic{Tasks: []job.Task{task("good", nil), task("bad", errOnPurpose)}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	p.Start()
	times := map[string]int{}
	for times["good"] < 3 || times["bad"] < 3 { // one that fails stops neither itself nor the other
		times[<-ran]++
	}
	p.Stop()
	if text := log.String(); !strings.Contains(text, "task=bad") || strings.Contains(text, "task=good") {
		t.Errorf("the log says %s", text)
	}
}

func TestStopWaitsForTheTaskUnderWay(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	var once sync.Once
	ended := false
	p := &job.Periodic{Tasks: []job.Task{{Name: "slow", Every: time.Millisecond, Do: func(ctx context.Context) error {
		once.Do(func() { close(began) })
		<-ctx.Done()
		ended = true
		return ctx.Err()
	}}}, Log: slog.New(slog.DiscardHandler)}
	p.Start()
	<-began
	p.Stop()
	if !ended {
		t.Error("Stop did not wait")
	}
}

package main

import (
	"context"
	"net/http"
	"time"

	"watchword/internal/apikey"
	"watchword/internal/client"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/web"
)

// server is everything that runs, assembled and not yet started.
type server struct {
	database
	apiKeys    apikey.Keys
	clients    client.Applications
	runner     *job.Runner
	periodic   *job.Periodic
	throttling event.Throttling
	readiness  *web.Readiness
	handler    http.Handler // the product
	metrics    http.Handler // open, for a listener of its own
	closers    []func()
}

// readyTimeout is how long a probe waits for the database.
const readyTimeout = 2 * time.Second

// ready says whether new work is welcome.
func (s *server) ready(r *http.Request) error {
	if err := s.readiness.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	return s.store.Ping(ctx)
}

// start begins the work behind the requests.
func (s *server) start() {
	s.keys.Start()
	s.runner.Start()
	s.periodic.Start()
}

// stop ends it, once no more requests come.
func (s *server) stop() {
	s.periodic.Stop()
	s.recordThrottled()
	s.runner.Stop()
	s.keys.Stop()
	s.close()
}

// recordThrottled writes what was summed up since the last minute.
func (s *server) recordThrottled() {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	if err := s.throttling.Record(ctx); err != nil {
		s.log.WarnContext(ctx, "the throttled attempts of the last minute are not in the audit record", "error", err)
	}
}

func (s *server) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

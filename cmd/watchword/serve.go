package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/web"
)

type serveCommand struct {
	config.Flags
}

// Help has the examples.
func (*serveCommand) Help() string {
	return `SIGTERM ends it once the answers under way are finished. "watchword doctor" says beforehand what a start would meet.

Examples:

    watchword serve --config /etc/watchword/watchword.yaml
    watchword serve --public-url https://auth.example.com --smtp smtp://user:password@mail.example.com:587`
}

// Run serves until a signal.
func (c *serveCommand) Run(ctx context.Context, env environment, std streams) error {
	cfg, err := config.Load(config.Sources{Mode: config.Serve, Flags: c.Flags, Environ: env})
	if err != nil {
		return err
	}
	log := newLog(std.err, cfg)
	return serve(ctx, cfg, log, func(_ *server, addr net.Addr) error {
		log.InfoContext(ctx, "serving", "address", addr.String(), "public_url", cfg.PublicURL, "version", version())
		return nil
	})
}

// realWorld is what surrounds a server outside tests.
func realWorld(log *slog.Logger) surroundings {
	return surroundings{clock: time.Now, pause: pause, random: rand.Reader, log: log, version: version(), actor: event.ActorSystem}
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

const (
	drainGrace   = time.Second            // load balancers see /readyz change
	devGrace     = 300 * time.Millisecond // people who press Ctrl-C wait for it
	drainTimeout = 30 * time.Second
)

// serve runs a server from its listening socket to its last answer. ready is
// told once it answers.
func serve(ctx context.Context, cfg config.Config, log *slog.Logger, ready func(*server, net.Addr) error) error {
	for _, w := range cfg.Warnings {
		log.WarnContext(ctx, "the settings work, and yet", "warning", w.String())
	}
	// The socket first: a second server on one address must not touch the data.
	listener, err := listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	s, err := assemble(ctx, cfg, realWorld(log))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.stop()
	s.start()

	servers := []*web.Server{s.webServer(cfg, log, listener, s.handler)}
	if cfg.MetricsListen != "" {
		metrics, err := listen(ctx, cfg.MetricsListen)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		servers = append(servers, s.webServer(cfg, log, metrics, openMetrics(s.metrics)))
	}
	for _, w := range servers {
		w.Start(context.WithoutCancel(ctx))
	}
	if err := ready(s, listener.Addr()); err != nil {
		return errors.Join(err, stopAll(servers))
	}
	var failed error
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping: no new work, the answers under way are finished")
	case failed = <-anyFailed(servers):
	}
	return errors.Join(failed, stopAll(servers))
}

// anyFailed yields the error of the first server that ends unasked.
func anyFailed(servers []*web.Server) <-chan error {
	first := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			if err := <-s.Failed(); err != nil {
				first <- err
			}
		}()
	}
	return first
}

// openMetrics serves the metrics and nothing else.
func openMetrics(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	return mux
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: stop what listens there, or choose another address (--listen, --metrics-listen)", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

func (s *server) webServer(cfg config.Config, log *slog.Logger, l net.Listener, h http.Handler) *web.Server {
	grace := drainGrace
	if cfg.Mode == config.Dev {
		grace = devGrace
	}
	return web.NewServer(web.ServerOptions{
		Listener: l, Handler: h, Timeouts: web.DefaultTimeouts(), Readiness: s.readiness, Grace: grace, Log: log,
	})
}

// stopAll drains the product first, so that its metrics can be read to the end.
func stopAll(servers []*web.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Stop(ctx))
	}
	return errors.Join(errs...)
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"watchword/internal/account"
	"watchword/internal/api"
	"watchword/internal/apikey"
	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/ui"
	"watchword/internal/web"
)

// server is everything that runs, assembled and not yet started.
type server struct {
	database
	limiter    *limit.Limiter
	apiKeys    apikey.Keys
	runner     *job.Runner
	periodic   *job.Periodic
	throttling event.Throttling
	readiness  *web.Readiness
	handler    http.Handler // the product
	metrics    http.Handler // open, for a listener of its own
	closers    []func()
}

// surroundings are what the server takes from the world around it.
type surroundings struct {
	clock   func() time.Time
	random  io.Reader
	log     *slog.Logger
	version string
	actor   string // who does what nobody asks for, as events name them
}

// assemble wires the server: from the database up to the routes.
func assemble(ctx context.Context, cfg config.Config, around surroundings) (*server, error) {
	clock, random, log := around.clock, around.random, around.log
	publicURL, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("read the public URL: %w", err)
	}

	db, err := openDatabase(ctx, cfg, around)
	if err != nil {
		return nil, err
	}
	s := &server{database: db, readiness: &web.Readiness{}, closers: []func(){db.close}}

	// Who may how often.
	if s.limiter, err = s.openLimiter(cfg, around); err != nil {
		s.close()
		return nil, err
	}
	throttled := &limit.Throttled{}
	s.throttling = event.Throttling{Store: db.store, Sums: throttled}

	// Work that outlives its request.
	queue := job.Queue{Keyring: db.keyring, Wake: func() { s.runner.Wake() }}

	// What people do.
	clients := api.NewClients(cfg.Clients(), cfg.DefaultClient, cfg.ClientSecrets())
	hasher := secret.NewHasher(secret.HasherOptions{Random: random})
	policy := passwordPolicy(cfg)
	sessions := &session.Service{
		Store: db.store, Keys: db.keys, Keyring: db.keyring, Limiter: s.limiter,
		RefreshLimit: rule("refresh", cfg.Limits.RefreshPerSession),
		Issuer:       cfg.PublicURL, Client: clients.Find, Jobs: queue, Clock: clock, Random: random,
	}
	journeys := &signin.Service{
		Store: db.store, Sessions: sessions, Hasher: hasher, Policy: policy, Limiter: s.limiter, Throttled: throttled,
		Limits: signin.Limits{SignInPerIP: rule("sign_in", cfg.Limits.SignInPerIP), SignUpPerIP: rule("sign_up", cfg.Limits.SignUpPerIP), MailPerAddress: rule("mail_account_exists", cfg.Limits.MailPerAddress)},
		Jobs:   queue, Keyring: db.keyring,
		Discovery: signin.Discovery(cfg.Discovery), SignUpMode: signin.SignUpMode(cfg.SignUp.Mode),
		Verification: verification(cfg), VerificationLife: cfg.Lifetimes.Verification,
		Clock: clock, Random: random, Log: log,
	}
	people := s.newAccounts(cfg, random, queue, throttled)
	s.apiKeys = apikey.Keys{Store: db.store, Clock: clock, Random: random}
	if cfg.Mode == config.Dev {
		s.apiKeys.Environment = apikey.Development
	}

	s.runner = job.NewRunner(db.store, map[job.Kind]job.Handler{job.KindSignUp: journeys.FinishSignUp}, random, log)
	s.periodic = &job.Periodic{Log: log, Tasks: []job.Task{
		{Name: "purge", Every: time.Hour, Do: purge(db.store, cfg.Retention, clock)},
		{Name: "throttled", Every: time.Minute, Do: s.throttling.Record},
	}}

	// How it is asked for.
	registry := newRegistry(db.store, hasher, s.limiter, db.keys, clock, log)
	s.metrics = metricsHandler(registry)
	mux := web.NewMux(api.Exceptions())
	operations := api.Mount(mux, api.Deps{
		Sessions: sessions, SignIn: journeys,
		Passwords: account.Passwords{Store: db.store, Hasher: hasher, Policy: policy, Limiter: s.limiter, Jobs: queue},
		Accounts:  people.accounts, Invites: people.invites, Emails: people.emails,
		Profiles: account.Profiles{Store: db.store}, APIKeys: s.apiKeys, Events: event.Log{Store: db.store},
		Keys: db.keys, Clients: clients,
		Cookies:     web.SessionCookies{AccessName: cfg.Cookies.AccessName, RefreshName: cfg.Cookies.RefreshName, Domain: cfg.Cookies.Domain},
		CrossOrigin: web.NewCrossOrigin(publicURL, clients),
		CSRF:        web.CSRF{Keys: db.keyring, Now: clock, Random: random},
		Devices:     web.Devices{Keys: db.keyring, Now: clock, Random: random},
		Ready:       s.ready, Metrics: s.metrics, Clock: clock, Log: log, Version: around.version, PublicURL: cfg.PublicURL,
	})
	ui.Mount(mux, operations.OpenAPI().MarshalJSON)
	s.handler = web.Handler(web.Options{
		PublicURL: publicURL, TrustedProxies: cfg.TrustedProxies, Hosts: hosts(cfg, publicURL), Origins: clients,
		Log: log, Metrics: web.NewMetrics(registry), Now: clock, Random: random,
	}, mux)
	return s, nil
}

func (s *server) openLimiter(cfg config.Config, around surroundings) (*limit.Limiter, error) {
	if cfg.RateLimits == config.ToggleOff {
		return limit.Off(), nil
	}
	digestKey, err := s.keyring.MAC(secret.PurposeLimitKeys, s.keyring.CurrentID())
	if err != nil {
		return nil, fmt.Errorf("derive the key of the limiter: %w", err)
	}
	options := limit.Config{Now: around.clock, Log: around.log, DigestKey: digestKey}
	if !cfg.Redis.IsZero() {
		redis, err := limit.OpenRedis(cfg.Redis.Reveal())
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, func() { _ = redis.Close() })
		options.Redis = redis
	}
	return limit.New(options), nil
}

func rule(name string, r config.Rate) limit.Rule {
	return limit.Rule{Name: name, Count: r.Count, Per: r.Per}
}

func passwordPolicy(cfg config.Config) secret.Policy {
	classes := secret.ClassesFree
	if cfg.Passwords.RequireClasses {
		classes = secret.ClassesRequired
	}
	return secret.Policy{
		MinLength: cfg.Passwords.MinLength, MinScore: cfg.Passwords.MinScore, Classes: classes, Product: cfg.Branding.Name,
	}
}

func verification(cfg config.Config) signin.Verification {
	if cfg.SignUp.RequireVerifiedEmail {
		return signin.VerificationRequired
	}
	return signin.VerificationOptional
}

// hosts are the only ones that a development server answers, unless it was told
// to be reached from elsewhere.
func hosts(cfg config.Config, public *url.URL) []string {
	if cfg.Mode != config.Dev || cfg.AllowRemote {
		return nil
	}
	return web.DevHosts(public)
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

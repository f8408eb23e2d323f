package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/api"
	"watchword/internal/apikey"
	"watchword/internal/client"
	"watchword/internal/config"
	"watchword/internal/delivery"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/oauth"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/statistics"
	"watchword/internal/store"
	"watchword/internal/ui"
	"watchword/internal/upstream"
	"watchword/internal/waitlist"
	"watchword/internal/web"
)

// surroundings are what the server takes from the world around it.
type surroundings struct {
	clock   func() time.Time
	pause   func(ctx context.Context, d time.Duration)
	random  io.Reader
	log     *slog.Logger
	version string
	actor   string // who does what nobody asks for, as events name them
}

// clientsEvery is how soon a node knows of clients that were changed on another.
const clientsEvery = 5 * time.Second

// assemble wires the server: from the database up to the routes.
func assemble(ctx context.Context, cfg config.Config, around surroundings) (*server, error) {
	publicURL, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("read the public URL: %w", err)
	}
	post, err := newPost(cfg, around.clock)
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, cfg, around)
	if err != nil {
		return nil, err
	}
	s := &server{database: db, readiness: &web.Readiness{}, closers: []func(){db.close}}
	w, err := s.newWiring(cfg, around, publicURL, post)
	if err != nil {
		s.close()
		return nil, err
	}
	j := w.journeys()
	s.apiKeys, s.clients = j.apiKeys, j.clients
	if err := w.clients.Reload(ctx); err != nil {
		s.close()
		return nil, fmt.Errorf("read the clients: %w", err)
	}
	if err := j.features.Ensure(ctx, featureNames(cfg), around.actor); err != nil {
		s.close()
		return nil, fmt.Errorf("make the features of the settings: %w", err)
	}

	// Work that outlives its request.
	s.throttling = event.Throttling{Store: db.store, Sums: w.limiter.Throttled()}
	s.runner = job.NewRunner(db.store, jobHandlers(j), around.random, around.log)
	s.periodic = &job.Periodic{Log: around.log, Tasks: []job.Task{
		{Name: "statistics", Every: time.Minute, Do: j.statistics.Keep},
		{Name: "purge", Every: time.Hour, Do: purge(db.store, cfg.Retention, around.clock)},
		{Name: "expired mails", Every: time.Minute, Do: db.store.EraseExpired},
		{Name: "deleted users", Every: time.Minute, Do: j.administration.DeleteDue},
		{Name: "clients", Every: clientsEvery, Do: w.clients.Reload},
		{Name: "throttled", Every: time.Minute, Do: s.throttling.Record},
	}}

	// How it is asked for.
	registry := newRegistry(db.store, w.hasher, w.limiter, db.keys, around.clock, around.log)
	s.metrics = metricsHandler(registry)
	mux := web.NewMux(exceptions(cfg))
	pages := ui.NewLinkPages(w.branding())
	operations := api.Mount(mux, w.operations(j, pages, s.ready, s.metrics))
	ui.Mount(mux, operations.OpenAPI().MarshalJSON)
	s.mountInbox(mux, cfg, publicURL, around.clock)
	pages.Mount(mux)
	ui.ResetPage{
		Pages: pages, Resets: j.resets, Links: j.links, Holder: operations.Holder,
	}.Mount(mux)
	s.handler = web.Handler(w.chain(registry), mux)
	return s, nil
}

// wiring is what the steps of assemble wire with: what was given, and the tools
// that more than one part works with.
type wiring struct {
	surroundings
	cfg       config.Config
	db        database
	publicURL *url.URL
	limiter   *limit.Limiter
	hasher    *secret.Hasher
	policy    secret.Policy
	clients   *client.Registry
	jobs      job.Queue
	mails     account.MailLimits
	post      post
	providers *upstream.Providers
}

func (s *server) newWiring(cfg config.Config, around surroundings, publicURL *url.URL, post post) (wiring, error) {
	limiter, err := s.openLimiter(cfg, around)
	if err != nil {
		return wiring{}, err
	}
	providers, err := openProviders(cfg, around)
	if err != nil {
		return wiring{}, err
	}
	s.closers = append(s.closers, providers.Close)
	return wiring{
		surroundings: around, cfg: cfg, db: s.database, publicURL: publicURL,
		limiter: limiter, post: post, providers: providers,
		mails: account.MailLimits{
			Limiter:    limiter,
			PerAddress: rule("mail_address", cfg.Limits.MailPerAddress), PerIP: rule("mail", cfg.Limits.MailPerIP),
		},
		hasher: secret.NewHasher(secret.HasherOptions{Random: around.random}), policy: passwordPolicy(cfg),
		clients: newRegistryOfClients(cfg, s.store, around.clock),
		// The runner comes later: it needs the journeys, and they need the queue.
		jobs: job.Queue{Keyring: s.keyring, Wake: func() { s.runner.Wake() }},
	}, nil
}

func newRegistryOfClients(cfg config.Config, s *store.Store, clock func() time.Time) *client.Registry {
	return client.NewRegistry(s, client.Settings{
		Clients: cfg.Clients(), Secrets: cfg.ClientSecrets(), Default: cfg.DefaultClient,
		Audience: cfg.PublicURL, Lifetimes: cfg.SessionLifetimes(),
	}, clock)
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
		if previous, ok := s.keyring.PreviousID(); ok {
			if options.OtherKey, err = s.keyring.MAC(secret.PurposeLimitKeys, previous); err != nil {
				return nil, fmt.Errorf("derive the other key of the limiter: %w", err)
			}
		}
	}
	return limit.New(options), nil
}

// journeys are what people do.
type journeys struct {
	sessions   *session.Service
	signIn     *signin.Service
	accounts   account.Accounts
	invites    account.Invites
	emails     account.Emails
	verify     account.Verification
	resets     account.Resets
	links      account.Links
	mailer     delivery.Mailer
	passwords  account.Passwords
	profiles   account.Profiles
	identities account.Identities
	apiKeys    apikey.Keys
	events     event.Log
	statistics *statistics.Overview
	clients    client.Applications
	places     waitlist.Places
	features   waitlist.Features
	mails      delivery.Queue

	administration account.Administration
}

func (w wiring) journeys() journeys {
	sessions := &session.Service{
		Store: w.db.store, Keys: w.db.keys, Keyring: w.db.keyring, Limiter: w.limiter,
		RefreshLimit: rule("refresh", w.cfg.Limits.RefreshPerSession),
		Issuer:       w.cfg.PublicURL, Lookup: w.clients.Lookup, Jobs: w.jobs, Clock: w.clock, Random: w.random,
	}
	verify := account.Verification{
		Store: w.db.store, Jobs: w.jobs, Mails: w.mails, Client: w.clients.Find, Life: w.cfg.Lifetimes.Verification, Random: w.random,
	}
	return journeys{
		sessions: sessions, verify: verify,
		administration: w.administration(),
		accounts:       account.Accounts{Store: w.db.store, Limiter: w.limiter, Random: w.random},
		invites: account.Invites{
			Store: w.db.store, Jobs: w.jobs, Mails: w.mails, Links: mail.Links{PublicURL: w.cfg.PublicURL}, Life: w.cfg.Lifetimes.Invite, Random: w.random,
		},
		identities: account.Identities{Store: w.db.store, Jobs: w.jobs, Offered: w.offered, Name: w.providerName},
		emails:     account.Emails{Store: w.db.store, Jobs: w.jobs, Verification: verify},
		resets: account.Resets{
			Store: w.db.store, Jobs: w.jobs, Mails: w.mails, Limiter: w.limiter, Hasher: w.hasher, Policy: w.policy,
			Life: w.cfg.Lifetimes.Reset, Random: w.random,
		},
		links: account.Links{Store: w.db.store, Limiter: w.limiter, Client: w.clients.Find, Provider: w.providerName},
		mailer: delivery.Mailer{
			Store: w.db.store, Keyring: w.db.keyring, Templates: w.post.templates, Links: mail.Links{PublicURL: w.cfg.PublicURL},
			Client: w.clients.Find, Provider: w.provider, Senders: w.senders(),
		},
		signIn: &signin.Service{
			Store: w.db.store, Sessions: sessions, Hasher: w.hasher, Policy: w.policy,
			Limiter: w.limiter, Limits: signInLimits(w.cfg), Jobs: w.jobs, Keyring: w.db.keyring,
			Discovery: signin.Discovery(w.cfg.Discovery), SignUpMode: signin.SignUpMode(w.cfg.SignUp.Mode),
			Verification: verification(w.cfg), Verify: verify, Mails: w.mails, Client: w.clients.Find, Lookup: w.clients.Lookup, Providers: w.providers,
			PublicURL:     w.cfg.PublicURL,
			MagicLinkLife: w.cfg.Lifetimes.MagicLink, Clock: w.clock, Pause: w.pause, Random: w.random, Log: w.log,
		},
		passwords: account.Passwords{Store: w.db.store, Hasher: w.hasher, Policy: w.policy, Limiter: w.limiter, Jobs: w.jobs},
		profiles:  account.Profiles{Store: w.db.store, Limiter: w.limiter},
		apiKeys: apikey.Keys{
			Store: w.db.store, Environment: keyEnvironment(w.cfg), Keyring: w.db.keyring, Clock: w.clock, Random: w.random,
		},
		events: event.Log{Store: w.db.store}, statistics: &statistics.Overview{Store: w.db.store, Clock: w.clock},
		clients: client.Applications{
			Store: w.db.store, Registry: w.clients, Methods: w.cfg.Methods(), PlainHTTP: plainHTTP(w.cfg), Keyring: w.db.keyring, Random: w.random,
		},
		places:   waitlist.Places{Store: w.db.store, Limiter: w.limiter, Opening: opening(w.cfg)},
		features: waitlist.Features{Store: w.db.store, Jobs: w.jobs},
		mails:    delivery.Queue{Store: w.db.store, Jobs: w.jobs},
	}
}

// administration is what administrators do with users and accounts.
func (w wiring) administration() account.Administration {
	return account.Administration{
		Store: w.db.store, Jobs: w.jobs, Mails: w.mails, Keyring: w.db.keyring, Hasher: w.hasher, Policy: w.policy,
		Client: w.cfg.DefaultClient, Issuer: w.subjectIssuer, Name: w.providerName, Grace: w.cfg.Retention.DeletedUsers,
		ResetLife: w.cfg.Lifetimes.Reset, InviteLife: w.cfg.Lifetimes.Invite, Random: w.random,
	}
}

// senders are where every letter goes: under dev to the inbox, too, and there
// first, so that it is shown while the mail server is away.
func (w wiring) senders() []delivery.Sender {
	if w.cfg.Mode != config.Dev {
		return w.post.senders
	}
	return append([]delivery.Sender{delivery.Inbox{Store: w.db.store}}, w.post.senders...)
}

// jobHandlers says who does which job.
func jobHandlers(j journeys) map[job.Kind]job.Handler {
	return map[job.Kind]job.Handler{
		job.KindSignUp:   j.signIn.FinishSignUp,
		job.KindMail:     j.mailer.Deliver,
		job.KindWaitlist: j.features.Work,
	}
}

// operations is what the JSON operations are wired to.
func (w wiring) operations(j journeys, pages *ui.LinkPages, ready func(*http.Request) error, metrics http.Handler) api.Deps {
	return api.Deps{
		Accounts: j.accounts, Invites: j.invites, Emails: j.emails, Administration: j.administration, Places: j.places, Features: j.features,
		Applications: j.clients, Mails: j.mails,
		Sessions: j.sessions, SignIn: j.signIn, Verify: j.verify, Resets: j.resets, Links: j.links, LinkPages: pages, ProviderPages: ui.ProviderPages{Pages: pages}, Identities: j.identities, Passwords: j.passwords, Profiles: j.profiles, APIKeys: j.apiKeys, Events: j.events, Statistics: j.statistics,
		Keys: w.db.keys, Clients: api.Clients{Registry: w.clients},
		Cookies:     web.SessionCookies{AccessName: w.cfg.Cookies.AccessName, RefreshName: w.cfg.Cookies.RefreshName, Domain: w.cfg.Cookies.Domain, Host: w.publicURL.Hostname()},
		CrossOrigin: web.NewCrossOrigin(w.publicURL, w.clients),
		CSRF:        web.CSRF{Keys: w.db.keyring, Now: w.clock, Random: w.random},
		Devices:     web.Devices{Keys: w.db.keyring, Now: w.clock, Random: w.random},
		OAuth:       w.oauth(j),
		Ready:       ready, Metrics: metrics, Clock: w.clock, Log: w.log, Version: w.version, PublicURL: w.cfg.PublicURL,
	}
}

// oauth is what client applications call in OAuth's words.
func (w wiring) oauth(j journeys) api.OAuthHandlers {
	e := oauth.Endpoints{SignIn: j.signIn, Sessions: j.sessions, Keys: w.db.keys, Clients: w.clients, Clock: w.clock, Issuer: w.cfg.PublicURL}
	return api.OAuthHandlers{
		Token: http.HandlerFunc(e.Token), UserInfo: http.HandlerFunc(e.UserInfo), Configuration: http.HandlerFunc(e.Configuration),
	}
}

// chain is what every call goes through, whatever its route.
func (w wiring) chain(registry prometheus.Registerer) web.Options {
	return web.Options{
		PublicURL: w.publicURL, TrustedProxies: w.cfg.TrustedProxies, Hosts: hosts(w.cfg, w.publicURL), Origins: w.clients,
		Log: w.log, Metrics: web.NewMetrics(registry), Now: w.clock, Random: w.random,
	}
}

// exceptions are the routes that are guarded otherwise than most.
func exceptions(cfg config.Config) map[string]web.Rule {
	rules := api.Exceptions()
	maps.Copy(rules, oauth.Exceptions())
	maps.Copy(rules, ui.Exceptions())
	if cfg.Mode == config.Dev {
		maps.Copy(rules, ui.InboxRules())
	}
	return rules
}

func (w wiring) branding() ui.Branding {
	b := w.cfg.Branding
	return ui.Branding{Name: b.Name, Accent: b.Accent, OnAccent: mail.ReadableOn(b.Accent)}
}

func signInLimits(cfg config.Config) signin.Limits {
	return signin.Limits{
		SignInPerIP: rule("sign_in", cfg.Limits.SignInPerIP), SignUpPerIP: rule("sign_up", cfg.Limits.SignUpPerIP),
		NoticePerAddress: rule("mail_account_exists", cfg.Limits.MailPerAddress), CheckEmailPerIP: rule("check_email", cfg.Limits.CheckEmailPerIP),
	}
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

func opening(cfg config.Config) waitlist.Opening {
	if cfg.Waitlist.OpenFeatures {
		return waitlist.OpenFeatures
	}
	return waitlist.ListedFeatures
}

func featureNames(cfg config.Config) []watchword.FeatureName {
	names := make([]watchword.FeatureName, len(cfg.Waitlist.Features))
	for i, name := range cfg.Waitlist.Features {
		names[i] = watchword.FeatureName(name)
	}
	return names
}

func verification(cfg config.Config) signin.Verification {
	if cfg.SignUp.RequireVerifiedEmail {
		return signin.VerificationRequired
	}
	return signin.VerificationOptional
}

// plainHTTP admits addresses of clients in the clear under dev, as their settings do.
func plainHTTP(cfg config.Config) watchword.PlainHTTP {
	if cfg.Mode == config.Dev {
		return watchword.PlainHTTPAllowed
	}
	return watchword.PlainHTTPRefused
}

func keyEnvironment(cfg config.Config) apikey.Environment {
	if cfg.Mode == config.Dev {
		return apikey.Development
	}
	return apikey.Production
}

// hosts are the only ones that a development server answers, unless it was told
// to be reached from elsewhere.
func hosts(cfg config.Config, public *url.URL) []string {
	if cfg.Mode != config.Dev || cfg.AllowRemote {
		return nil
	}
	return web.DevHosts(public)
}

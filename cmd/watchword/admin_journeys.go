package main

import (
	"context"
	"fmt"
	"net/url"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// administrator is somebody at the command line with the journeys of the server:
// what they do by hand obeys the same rules and leaves the same record.
type administrator struct {
	tool
	journeys
	by watchword.Administrator
}

// byHand runs an act that seals nothing: it needs no secret.
func (a *adminCommand) byHand(ctx context.Context, env environment, std streams, act func(administrator) error) error {
	return a.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		who, err := t.administrator(database{store: s, log: t.log})
		if err != nil {
			return err
		}
		return act(who)
	})
}

// mailing runs an act that may queue mails or other work, which lies sealed.
func (a *adminCommand) mailing(ctx context.Context, env environment, std streams, act func(administrator) error) error {
	return a.withDatabase(ctx, env, std, func(t tool, db database) error {
		who, err := t.administrator(db)
		if err != nil {
			return err
		}
		return act(who)
	})
}

// administrator wires the journeys without what only a server has: mail servers, and
// limits, which are for those who call from outside. Providers are known and not asked.
func (t tool) administrator(db database) (administrator, error) {
	publicURL, err := url.Parse(t.cfg.PublicURL)
	if err != nil {
		return administrator{}, fmt.Errorf("read the public URL: %w", err)
	}
	providers, err := openProviders(t.cfg, t.surroundings)
	if err != nil {
		return administrator{}, err
	}
	limiter := limit.Off()
	w := wiring{
		surroundings: t.surroundings, cfg: t.cfg, db: db, publicURL: publicURL, limiter: limiter, mails: account.MailLimits{Limiter: limiter},
		hasher: secret.NewHasher(secret.HasherOptions{Random: t.random}), policy: passwordPolicy(t.cfg),
		providers: providers,
		clients:   newRegistryOfClients(t.cfg, db.store, t.clock),
		jobs:      job.Queue{Keyring: db.keyring}, // a running server looks for them itself
	}
	return administrator{
		tool: t, journeys: w.journeys(),
		by: watchword.Administrator{Actor: t.actor, Scopes: watchword.Scopes()},
	}, nil
}

// user is who has an id or an address.
func (a administrator) user(ctx context.Context, whom string) (watchword.UserID, error) {
	return a.administration.Find(ctx, whom)
}

// userOrNobody is user where it may be left out.
func (a administrator) userOrNobody(ctx context.Context, whom string) (watchword.UserID, error) {
	if whom == "" {
		return "", nil
	}
	return a.user(ctx, whom)
}

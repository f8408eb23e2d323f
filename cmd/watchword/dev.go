package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/secret"
)

type devCommand struct {
	config.Flags
}

// Help has the examples.
func (*devCommand) Help() string {
	return `It prints where to go next. Mails go to an inbox at /dev/inbox.

Examples:

    watchword dev
    watchword dev --listen 127.0.0.1:9000 --public-url http://localhost:9000`
}

// Run serves a developer until a signal.
func (c *devCommand) Run(ctx context.Context, env environment, std streams) error {
	cfg, err := config.Load(config.Sources{Mode: config.Dev, Flags: c.Flags, Environ: env})
	if err != nil {
		return err
	}
	return serve(ctx, cfg, newLog(std.err, cfg), func(s *server, _ net.Addr) error {
		key, err := s.devKey(context.WithoutCancel(ctx), cfg)
		if err != nil {
			return err
		}
		greet(std.out, cfg, key)
		return nil
	})
}

// devKeyFile keeps the key that dev made, so that it stays the same from one
// start to the next.
const devKeyFile = "dev-api-key"

func (s *server) devKey(ctx context.Context, cfg config.Config) (secret.String, error) {
	key, err := givenDevKey(cfg)
	if err != nil {
		return key, err
	}
	_, key, err = s.apiKeys.Create(ctx, apikey.New{
		Name: "development", Scopes: watchword.Scopes(), Actor: event.ActorDevelopment, Fixed: key,
	})
	if err != nil {
		return key, fmt.Errorf("make the API key: %w", err)
	}
	if cfg.APIKey.IsZero() {
		path := filepath.Join(cfg.Data, devKeyFile)
		if err := os.WriteFile(path, []byte(key.Reveal()+"\n"), 0o600); err != nil {
			return key, fmt.Errorf("keep the API key: %w", err)
		}
	}
	return key, nil
}

// givenDevKey is the key from the settings, else that of an earlier start, else none.
func givenDevKey(cfg config.Config) (secret.String, error) {
	if !cfg.APIKey.IsZero() {
		return cfg.APIKey, nil
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return secret.String{}, fmt.Errorf("make the data folder: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(cfg.Data, devKeyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return secret.String{}, nil
	}
	if err != nil {
		return secret.String{}, fmt.Errorf("read the API key of the last start: %w", err)
	}
	return secret.NewString(strings.TrimSpace(string(text))), nil
}

// greet says where to go next.
func greet(out io.Writer, cfg config.Config, key secret.String) {
	base := cfg.PublicURL
	fmt.Fprintf(out, `
  Watchword is ready on %s

    API docs   %s/docs
    Inbox      %s/dev/inbox
    API key    %s
    Data       %s

  Sign somebody up:

    curl %s/auth/sign-up -H 'Content-Type: application/json' \
      -d '{"email":"ada@example.com","password":"correct-horse-battery"}'

`, base, base, base, key.Reveal(), cfg.Data, base)
}

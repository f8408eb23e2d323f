package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// database is the open store with the secrets that open what lies in it.
type database struct {
	store   *store.Store
	keyring *secret.Keyring
	keys    *token.Keys
	log     *slog.Logger
}

// openStore opens the database as it is.
func openStore(ctx context.Context, cfg config.Config, around surroundings) (*store.Store, error) {
	options := store.Options{Engine: store.SQLite, Location: cfg.Database.Path, Clock: around.clock, Random: around.random}
	if cfg.Database.Engine == config.Postgres {
		options.Engine, options.Location = store.Postgres, cfg.Database.URL.Reveal()
	}
	return store.Open(ctx, options)
}

// openMigrated opens the database and brings it up to date.
func openMigrated(ctx context.Context, cfg config.Config, around surroundings) (*store.Store, error) {
	s, err := openStore(ctx, cfg, around)
	if err != nil {
		return nil, err
	}
	done, err := s.Migrate(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if done.From != done.To {
		around.log.InfoContext(ctx, "the database was migrated", "from", done.From, "to", done.To)
	}
	return s, nil
}

// The reasons for which a database is not opened as it is.
var (
	errNoDatabase  = errors.New("there is no database yet: serve and dev make it at their start, or `watchword migrate`")
	errOldDatabase = errors.New("the database is of an older version: serve and dev migrate it at their start, or `watchword migrate`")
)

// openCurrent opens a database that is up to date, and changes nothing:
// errNoDatabase, errOldDatabase or store.ErrNewerSchema where it is not.
func openCurrent(ctx context.Context, cfg config.Config, around surroundings) (*store.Store, error) {
	if cfg.Database.Engine == config.SQLite { // opening would make the file
		if _, err := os.Stat(cfg.Database.Path); errors.Is(err, fs.ErrNotExist) {
			return nil, errNoDatabase
		}
	}
	s, err := openStore(ctx, cfg, around)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openOrMake is openCurrent for what a new server may begin with: where there is no
// database it makes one.
func openOrMake(ctx context.Context, cfg config.Config, around surroundings) (*store.Store, error) {
	s, err := openCurrent(ctx, cfg, around)
	if errors.Is(err, errNoDatabase) {
		return openMigrated(ctx, cfg, around)
	}
	return s, err
}

func checkVersion(ctx context.Context, s *store.Store) error {
	v, err := s.Versions(ctx)
	switch {
	case err != nil:
		return err
	case v.From == 0:
		return errNoDatabase
	case v.From < v.To:
		return errOldDatabase
	}
	_, err = s.Migrate(ctx) // there is nothing to migrate: it readies the statements
	return err
}

// openDatabase opens the database, migrates it, and opens the signing keys: a
// wrong server secret ends the start here.
func openDatabase(ctx context.Context, cfg config.Config, around surroundings) (database, error) {
	keyring, err := openKeyring(ctx, cfg, around)
	if err != nil {
		return database{}, err
	}
	s, err := openMigrated(ctx, cfg, around)
	if err != nil {
		return database{}, err
	}
	return openKeys(ctx, cfg, around, database{store: s, keyring: keyring, log: around.log})
}

// openCurrentDatabase is openDatabase on one that is there and up to date.
func openCurrentDatabase(ctx context.Context, cfg config.Config, around surroundings) (database, error) {
	// The database first: where there is none, no secret must be made for it.
	s, err := openCurrent(ctx, cfg, around)
	if err != nil {
		return database{}, err
	}
	keyring, err := openKeyring(ctx, cfg, around)
	if err != nil {
		return database{}, errors.Join(err, s.Close())
	}
	return openKeys(ctx, cfg, around, database{store: s, keyring: keyring, log: around.log})
}

func openKeyring(ctx context.Context, cfg config.Config, around surroundings) (*secret.Keyring, error) {
	current, warnings, err := cfg.ServerSecret(around.random)
	if err != nil {
		return nil, fmt.Errorf("get the server secret: %w", err)
	}
	for _, w := range warnings {
		around.log.WarnContext(ctx, "the settings work, and yet", "warning", w.String())
	}
	keyring, err := secret.NewKeyring(current, cfg.SecretPrevious)
	if err != nil {
		return nil, fmt.Errorf("use the server secret: %w", err)
	}
	return keyring, nil
}

func openKeys(ctx context.Context, cfg config.Config, around surroundings, db database) (database, error) {
	var err error
	if db.keys, err = token.OpenKeys(ctx, keyOptions(cfg, db, around)); err != nil {
		db.close()
		return database{}, err
	}
	return db, nil
}

func keyOptions(cfg config.Config, db database, around surroundings) token.KeysOptions {
	return token.KeysOptions{
		Store: db.store, Keyring: db.keyring, Issuer: cfg.PublicURL, Algorithm: jose.SignatureAlgorithm(cfg.Tokens.Algorithm),
		RotateEvery: cfg.SigningKeys.RotateEvery, PublishAhead: cfg.SigningKeys.PublishAhead,
		TokenLife: cfg.Lifetimes.AccessToken, Added: recordKey(around.actor), Clock: around.clock, Random: around.random, Log: around.log,
	}
}

// recordKey writes signing keys that are added into the audit record. actor is who
// adds those that nobody asked for.
func recordKey(actor string) func(context.Context, *store.Conn, watchword.Administrator, store.SigningKey) error {
	return func(ctx context.Context, c *store.Conn, by watchword.Administrator, key store.SigningKey) error {
		typ := watchword.EventSigningKeysRotated
		if key.Sequence == 1 {
			typ = watchword.EventSigningKeyCreated
		}
		return event.Record(ctx, c, by.Origin, watchword.Event{
			Type: typ, Actor: cmp.Or(by.Actor, actor),
			Data: map[string]string{"key": key.ID, "algorithm": key.Algorithm, "signs_at": key.SignsAt.UTC().Format(time.RFC3339)},
		})
	}
}

func (d database) close() {
	if err := d.store.Close(); err != nil && !errors.Is(err, context.Canceled) {
		d.log.Warn("the database did not close well", "error", err)
	}
}

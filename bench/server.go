package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// server is one installation of the server: a data folder and a database. All
// that is known of its command line stands in this file.
type server struct {
	binary   string
	dir      string // data folder, also its working directory: no settings file of the caller's is found
	database string
	settings string // file; empty: none
	secret   string // empty: the server makes one in its data folder, as it does with SQLite
	key      string // of the administration; empty: none that is known
}

// newServer is an installation with an empty database of the engine.
func newServer(ctx context.Context, binary, parent string, e engine) (server, error) {
	dir, err := os.MkdirTemp(parent, "server-")
	if err != nil {
		return server{}, err
	}
	database, err := e.database(ctx, dir)
	if err != nil {
		return server{}, err
	}
	s := server{binary: binary, dir: dir, database: database}
	if strings.HasPrefix(database, "postgres:") { // nodes share it, so it must be given
		var secret [32]byte
		if _, err := rand.Read(secret[:]); err != nil {
			return server{}, err
		}
		s.secret = hex.EncodeToString(secret[:])
	}
	return s, nil
}

// start starts the server and returns when it is ready.
func (s server) start(ctx context.Context, more ...string) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := append([]string{"dev", "--rate-limits", "off", "--listen", address}, more...)
	if s.settings != "" {
		args = append(args, "--config", s.settings)
	}
	return s.program(args...).start(ctx, address, "/readyz")
}

// setProvider lets people sign in at a provider. Its word is taken for proof of
// addresses: nobody is mailed.
func (s *server) setProvider(issuer string) error {
	s.settings = filepath.Join(s.dir, "provider.yaml")
	text := fmt.Sprintf("providers:\n  - {id: %s, type: oidc, issuer: %q, client_id: %s, client_secret: %s, trust_email: true, email_domains: [\"*\"]}\n",
		providerID, issuer, providerClient, providerSecret)
	return os.WriteFile(s.settings, []byte(text), 0o600)
}

// importUsers loads the seeded users from a file. The schema is there: the
// server has been started before.
func (s server) importUsers(ctx context.Context, file string) error {
	return s.program("admin", "import-users", file).run(ctx)
}

func (s server) program(args ...string) program {
	env := withoutSettings(os.Environ())
	if s.secret != "" {
		env = append(env, "WATCHWORD_SECRET="+s.secret)
	}
	if s.key != "" {
		env = append(env, "WATCHWORD_API_KEY="+s.key)
	}
	return program{
		path: s.binary,
		args: append(args, "--data", s.dir, "--database", s.database),
		env:  env,
		dir:  s.dir,
		log:  filepath.Join(s.dir, "log"),
	}
}

// withoutSettings keeps the caller's own installation out of it: the load must
// never reach a database that somebody needs.
func withoutSettings(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		if !strings.HasPrefix(variable, "WATCHWORD_") && !strings.HasPrefix(variable, "PG") {
			kept = append(kept, variable)
		}
	}
	return kept
}

package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"watchword/internal/secret"
)

// readSecretFile fills into from the file at path, if one is named.
func (c *Config) readSecretFile(read files, key, path string, into *secret.String) {
	fileKey := key + "_file"
	switch {
	case path == "":
		return
	case !into.IsZero():
		c.trail.fault(fileKey, c.trail.placeOf(fileKey), "is given together with "+lastPart(key), "remove one of the two")
		return
	}
	text, err := read.line(path)
	if err != nil {
		c.trail.fault(fileKey, c.trail.placeOf(fileKey), err.Error(), "")
		return
	}
	*into = secret.NewString(text)
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

const (
	secretFileName = "secret"
	secretBytes    = 32
)

// ErrNoSecret is the answer where a secret must be given and none was.
var ErrNoSecret = errors.New("no server secret: set WATCHWORD_SECRET or WATCHWORD_SECRET_FILE, the same on every node")

// ServerSecret is the secret that was given, else with SQLite the one that the
// data folder keeps, which is made from random if there is none. Warnings are
// about that file.
func (c Config) ServerSecret(random io.Reader) (secret.String, []Fault, error) {
	switch {
	case !c.Secret.IsZero():
		return c.Secret, nil, nil
	case c.Database.Engine == SQLite:
		return LoadOrCreateSecret(c.Data, random)
	default:
		return secret.String{}, nil, ErrNoSecret
	}
}

// LoadOrCreateSecret reads the secret kept in the data folder, or makes the
// folder and the secret. Of several processes that start at once one makes it
// and all use it. An existing file is never written: what is sealed under a
// lost secret is lost too.
func LoadOrCreateSecret(dataDir string, random io.Reader) (secret.String, []Fault, error) {
	path := filepath.Join(dataDir, secretFileName)
	kept, warnings, err := loadSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return kept, warnings, err
	}
	if err := createSecret(dataDir, path, random); err != nil && !errors.Is(err, fs.ErrExist) {
		return secret.String{}, nil, fmt.Errorf("making the server secret: %w", err)
	}
	return loadSecret(path)
}

func loadSecret(path string) (secret.String, []Fault, error) {
	file, err := os.Open(path)
	if err != nil {
		return secret.String{}, nil, fmt.Errorf("reading the server secret: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return secret.String{}, nil, fmt.Errorf("reading the server secret: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return secret.String{}, nil, fmt.Errorf("reading the server secret: %w", err)
	}
	value := strings.TrimRight(string(text), "\r\n")
	if len(value) < secretBytes {
		return secret.String{}, nil, fmt.Errorf(
			"the server secret in %s is shorter than %d bytes: put it back from a backup", path, secretBytes)
	}
	var warnings []Fault
	if info.Mode().Perm()&0o077 != 0 {
		warnings = append(warnings, Fault{
			Source: path, Key: "secret",
			Message: "can be read by other users of this machine", Mend: "chmod 600 it",
		})
	}
	return secret.NewString(value), warnings, nil
}

// createSecret writes the secret under another name and links it into place: a
// crash leaves no half-written secret, and a link never replaces a file.
func createSecret(dataDir, path string, random io.Reader) error {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return err
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dataDir, secretFileName+".new-*") // O_EXCL, 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(base64.RawURLEncoding.EncodeToString(raw) + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(dataDir)
}

// syncFolder makes a new name in the folder survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

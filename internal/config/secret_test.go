package config

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"watchword/internal/secret"
)

func TestTheSecretIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "a", "b")
	first, warnings, err := LoadOrCreateSecret(data, rand.Reader)
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	// 32 bytes in base64; a source that would fail is not asked again.
	if len(first.Reveal()) != 43 || weakness(first.Reveal()) != "" {
		t.Errorf("the secret has %d characters", len(first.Reveal()))
	}
	again, _, err := LoadOrCreateSecret(data, iotest.ErrReader(errors.New("asked again")))
	if err != nil || !again.Equal(first) {
		t.Fatalf("another secret, or %v", err)
	}
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) != 1 {
		t.Fatalf("drafts are left: %v, %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestProcessesThatStartAtOnceShareOneSecret(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	got := make([]secret.String, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], _, err = LoadOrCreateSecret(data, rand.Reader); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range got {
		if s.IsZero() || !s.Equal(got[0]) {
			t.Fatal("two secrets")
		}
	}
}

// rival is a random source that is overtaken: another process has made its
// secret by the time the bytes are there.
type rival struct {
	path string
	t    *testing.T
}

func (r rival) Read(p []byte) (int, error) {
	if err := os.WriteFile(r.path, []byte(goodSecret), 0o600); err != nil {
		r.t.Error(err)
	}
	return rand.Read(p)
}

func TestTheSecretOfAFasterProcessIsNotReplaced(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	got, _, err := LoadOrCreateSecret(data, rival{filepath.Join(data, "secret"), t})
	if err != nil || got.Reveal() != goodSecret {
		t.Errorf("another secret than the one that was there first, or %v", err)
	}
}

func TestNoSecretIsMadeWithoutRandomness(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if _, _, err := LoadOrCreateSecret(data, io.LimitReader(rand.Reader, 31)); err == nil {
		t.Error("a secret of too little randomness")
	}
	if entries, _ := os.ReadDir(data); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestADamagedSecretStopsTheStartAndIsKept(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path := filepath.Join(data, "secret")
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := LoadOrCreateSecret(data, rand.Reader)
	if err == nil || strings.Contains(err.Error(), "short\n") {
		t.Errorf("error %v", err)
	}
	if kept, _ := os.ReadFile(path); string(kept) != "short\n" {
		t.Error("it was overwritten")
	}
}

func TestASecretThatOthersCanReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path := filepath.Join(data, "secret")
	if err := os.WriteFile(path, []byte(goodSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	got, warnings, err := LoadOrCreateSecret(data, rand.Reader)
	if err != nil || got.Reveal() != goodSecret || len(warnings) != 1 {
		t.Errorf("%v, warnings %v", err, warnings)
	}
}

func TestServerSecret(t *testing.T) {
	t.Parallel()
	t.Run("is the one given", func(t *testing.T) {
		t.Parallel()
		c := Config{Secret: secret.NewString(goodSecret)}
		if got, _, err := c.ServerSecret(rand.Reader); err != nil || got.Reveal() != goodSecret {
			t.Error(err)
		}
	})
	t.Run("is kept with SQLite", func(t *testing.T) {
		t.Parallel()
		c := Config{Database: Database{Engine: SQLite}, Data: t.TempDir()}
		if got, _, err := c.ServerSecret(rand.Reader); err != nil || got.IsZero() {
			t.Error(err)
		}
	})
	t.Run("is never made with Postgres", func(t *testing.T) {
		t.Parallel()
		c := Config{Database: Database{Engine: Postgres}, Data: t.TempDir()}
		if _, _, err := c.ServerSecret(rand.Reader); !errors.Is(err, ErrNoSecret) {
			t.Error(err)
		}
	})
}

func TestSecretsOfTheFileCanBeKeptElsewhere(t *testing.T) {
	t.Parallel()
	const settings = "clients: [{id: web, type: confidential, secret_file: c, secret_previous_file: b}]\n" +
		"providers: [{id: p, preset: apple, client_id: a, client_secret_file: s}, " +
		"{id: q, preset: apple, client_id: a, team_id: t, key_id: k, private_key_file: k}]\n"
	files := disk{"watchword.yaml": settings, "c": "one\n", "b": "zero\n", "s": "two\r\n", "k": "-----BEGIN\nthree\n"}
	c := mustLoad(t, Sources{Mode: Dev, ReadFile: files.read})
	got := []string{
		c.ClientSecrets()["web"][0].Reveal(), c.ClientSecrets()["web"][1].Reveal(), c.Providers[0].ClientSecret.Reveal(), c.Providers[1].PrivateKey.Reveal(),
	}
	if fmt.Sprint(got) != "[one zero two -----BEGIN\nthree]" {
		t.Errorf("got %q", got)
	}
	delete(files, "c")
	delete(files, "b")
	files["s"] = ""
	files["watchword.yaml"] = settings + "data: x\n"
	mustFail(t, Sources{Mode: Dev, ReadFile: files.read},
		"watchword.yaml:1: clients[0].secret_file: names a file that does not exist",
		"watchword.yaml:1: clients[0].secret_previous_file: names a file that does not exist",
		"watchword.yaml:2: providers[0].client_secret_file: names a file that is empty")
	mustFail(t, Sources{Mode: Dev, ReadFile: disk{"watchword.yaml": "clients:\n- id: web\n  type: confidential\n  secret: a\n  secret_file: b\n"}.read},
		"watchword.yaml:5: clients[0].secret_file: is given together with secret; remove one of the two")
}

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	t.Parallel()
	const canary = "canary7canary8canary9canary0abcdef"
	c, err := Load(Sources{
		Mode: Dev,
		Environ: []string{
			"WATCHWORD_SECRET=" + canary, "WATCHWORD_SECRET_PREVIOUS=x" + canary, "WATCHWORD_API_KEY=wk_" + canary,
			"WATCHWORD_DATABASE=postgres://u:" + canary + "@db/w", "WATCHWORD_REDIS=redis://:" + canary + "@cache",
			"WATCHWORD_SMTP=smtp://" + canary + ":" + canary + "@mail",
		},
		ReadFile: disk{"watchword.yaml": "clients: [{id: web, type: confidential, secret: " + canary + "}]\n" +
			"providers: [{id: p, preset: apple, client_id: a, client_secret: " + canary + ", private_key: " + canary + "}]\n"}.read,
	})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "config", c, "pointer", &c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c, "smtp", c.SMTP, "database", c.Database)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q %d", c, &c, c, c, c, c) + c.String() + log.String() + string(encoded)
	if strings.Contains(printed, "canary") {
		t.Errorf("printed: %s", printed)
	}
	for _, part := range []string{"mode=dev", "secret=[redacted]", "clients[0].id=\"web\"", "limits.sign_in_per_ip=10/1m0s"} {
		if !strings.Contains(c.String(), part) {
			t.Errorf("%s is missing in %s", part, c.String())
		}
	}
}

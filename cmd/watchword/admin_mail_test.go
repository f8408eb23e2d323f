package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchword/internal/config"
	"watchword/internal/mail"
	"watchword/internal/store"
)

func TestPreviewWritesTheLettersAsTheyWouldBeSent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "letters")
	settings := settingsFile(t, `branding: {name: "Acme.com", accent: "#0a7"}`)
	o := newOperator(t, store.SQLite)
	got := o.run("", "admin", "mail", "preview", "--dir", dir, "--config", settings).want(t, 0)
	files := strings.Fields(got.out)
	if len(files) == 0 || files[len(files)-1] != filepath.Join(dir, "index.html") || got.err != "" {
		t.Fatalf("printed %s%s", got.out, got.err)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "en", "magic_link.txt"))
	if err != nil || !strings.HasPrefix(string(text), "Subject: Sign in to Acme.com\n") || !strings.Contains(string(text), samplePublicURL) {
		t.Errorf("the letter is\n%s%v", text, err)
	}
	if list, ok := o.run("", "admin", "--json", "mail", "preview", "--dir", dir).want(t, 0).json(t)["files"].([]any); !ok || len(list) != len(files) {
		t.Errorf("%d files in JSON, want %d", len(list), len(files))
	}
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "watchword.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAFaultyTemplateStopsTheStartAndIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "en", "invite.txt")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("{{define \"subject\"}}x{{end}}\n{{define \"content\"}}{{.Inviterr}}{{end}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := settingsFile(t, "mail: {templates_dir: '"+dir+"'}")
	cfg, err := config.Load(config.Sources{Mode: config.Dev, Environ: []string{"WATCHWORD_CONFIG=" + settings, "WATCHWORD_DATA=" + t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	where := file + ":2: "
	if _, err := assemble(t.Context(), cfg, surroundings{clock: time.Now, log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), where) {
		t.Errorf("started: %v", err)
	}

	o := newOperator(t, store.SQLite)
	if got := o.run("", "admin", "mail", "preview", "--config", settings, "--dir", t.TempDir()).want(t, 1); !strings.Contains(got.err, where) {
		t.Errorf("preview says %s", got.err)
	}
	o.examine("--config", settings).want(t, "templates", statusFail, where)
	newOperator(t, store.SQLite).examine().want(t, "templates", statusOK, "")
	// What no template is to blame for keeps letters from being written as well.
	o.examine("--config", settingsFile(t, "branding: {accent: reddish}")).want(t, "templates", statusFail, "accent colour")
}

func TestLettersGoToTheServerThatTheSettingsName(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(config.Sources{Mode: config.Serve, Environ: []string{
		"WATCHWORD_CONFIG=" + settingsFile(t, `mail: {from: "Acme <no-reply@example.com>"}`), "WATCHWORD_SECRET=" + testSecret,
		"WATCHWORD_PUBLIC_URL=https://auth.example.com", "WATCHWORD_SMTP=smtps://user:pass@mail.example.com",
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := smtpOptions(cfg, time.Now)
	if got.Security != mail.ImplicitTLS || got.Host != "mail.example.com" || got.Port != "465" || got.HELO != "auth.example.com" ||
		got.Username.Reveal() != "user" || got.Password.Reveal() != "pass" || got.From != "Acme <no-reply@example.com>" || got.Clock == nil {
		t.Errorf("got %+v", got)
	}
	if _, err := mail.NewSender(got); err != nil {
		t.Error(err)
	}
	cfg.SMTP.Security = config.StartTLS
	if got := smtpOptions(cfg, time.Now); got.Security != mail.StartTLS {
		t.Errorf("got %s", got.Security)
	}
}

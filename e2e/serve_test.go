package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestServeNamesEverySettingThatIsMissing(t *testing.T) {
	t.Parallel()
	i := serveInstall(t)
	i.run.env = nil
	c := i.run.finish(t)
	c.wantExit(1, "public_url", "WATCHWORD_PUBLIC_URL", "smtp", "WATCHWORD_SMTP")
	if _, err := os.Stat(i.data("")); !os.IsNotExist(err) {
		t.Errorf("it has touched its data folder: %v", err)
	}
	i.run.env = []string{"WATCHWORD_DATABASE=postgres://db.example/auth"}
	i.run.finish(t).wantExit(1, "public_url", "smtp", "WATCHWORD_SECRET")
}

func TestServeRefusesWhatIsUnsafeAndNeverPrintsIt(t *testing.T) {
	t.Parallel()
	i := serveInstall(t)
	i.run.env = []string{
		"WATCHWORD_PUBLIC_URL=http://auth.example.com", "WATCHWORD_SMTP=smtp://ada:canary-1@127.0.0.1:99999",
		"WATCHWORD_SECRET=canary-2", "WATCHWORD_DATABASE=postgres://ada:canary/3@db/auth",
		"WATCHWORD_REDIS=redis://:canary/4@cache", "WATCHWORD_API_KEY=wk_canary-5",
	}
	c := i.run.finish(t)
	c.wantExit(1, "WATCHWORD_PUBLIC_URL", "https://", "WATCHWORD_SMTP", "WATCHWORD_SECRET", "WATCHWORD_DATABASE", "WATCHWORD_REDIS", "WATCHWORD_API_KEY")
	if strings.Contains(c.stderr.String()+c.stdout.String(), "canary") {
		t.Errorf("a secret was printed:\n%s", &c.stderr)
	}
}

func TestServeServes(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		i := serveInstall(t).on(engine)
		settings := "trusted_proxies: [127.0.0.1/32]\nlog: {level: debug}\n"
		if err := os.WriteFile(filepath.Join(i.dir, "watchword.yaml"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		i.run.args = append(i.run.args, "--metrics-listen", i.metricsAddress())
		s := i.start()
		s.get("/readyz").want(t, 200, "")
		if keys, _ := s.get("/.well-known/jwks.json").want(t, 200, "").body["keys"].([]any); len(keys) == 0 {
			t.Error("there is no signing key")
		}
		// As it arrives from a proxy that ends TLS.
		proxied := []string{"Host", "auth.example.com", "X-Forwarded-For", "203.0.113.7, 198.51.100.9", "X-Forwarded-Proto", "https"}
		up := s.post("/auth/sign-up", credentials("ada@example.com"), proxied...).want(t, 201, "")
		if up.header.Get("Strict-Transport-Security") == "" {
			t.Error("no HSTS under an https public URL")
		}
		if !slices.ContainsFunc(up.header["Set-Cookie"], func(c string) bool {
			return strings.HasPrefix(c, "access_token=") && strings.Contains(c, "; Secure")
		}) {
			t.Errorf("cookies: %v", up.header["Set-Cookie"])
		}
		if list := s.get("/auth/sessions", append(proxied, bearer(up)...)...).want(t, 200, ""); !strings.Contains(list.text, `"ip":"198.51.100.9"`) {
			t.Errorf("the client's address is not the one that the trusted proxy saw: %s", list.text)
		}
		newCaller(t, "http://"+i.metricsAddress()).get("/metrics").want(t, 200, "")
		s.get("/metrics").want(t, 401, "")
		for _, path := range []string{"/dev/inbox", "/dev/inbox/messages", "/dev/inbox/messages/msg_x/html", "/dev/inbox/inbox.js"} {
			s.get(path).want(t, 404, "not_found")
		}
		s.do("DELETE", "/dev/inbox/messages", "").want(t, 404, "not_found")
		s.post("/dev/inbox/key", "").want(t, 404, "not_found")
		s.stop()
		wantJSONLog(t, s.child)
	})
}

func (i *install) metricsAddress() string {
	if i.metrics == 0 {
		i.metrics = freePort(i.t)
	}
	return addressOf(i.metrics)
}

// wantJSONLog wants every line of the log to be for machines.
func wantJSONLog(t *testing.T, c *child) {
	t.Helper()
	lines := 0
	for line := range strings.Lines(c.stderr.String()) {
		lines++
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Errorf("not a line of a JSON log: %q (%v)", line, err)
		}
	}
	if lines == 0 {
		t.Error("nothing was logged")
	}
}

func TestAWrongServerSecretStopsTheStart(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		i := devInstall(t).on(engine)
		i.run.env = append(i.run.env, "WATCHWORD_SECRET="+serverSecret)
		s := i.start()
		before := s.signUp("ada@example.com")
		s.stop()

		right := i.run.env
		i.run.env = append(slices.Clone(right), "WATCHWORD_SECRET=another-"+serverSecret)
		c := i.run.finish(t)
		c.wantExit(1, "server secret", "WATCHWORD_SECRET_PREVIOUS")
		if strings.Contains(c.stderr.String(), serverSecret) {
			t.Error("the secret was printed")
		}

		// Nothing was harmed; and with the older one beside it the new one works.
		i.run.env = append(i.run.env, "WATCHWORD_SECRET_PREVIOUS="+serverSecret)
		s = i.start()
		s.get("/auth/me", bearer(before)...).want(t, 200, "")
		s.post("/auth/refresh", refreshBody(before.str("refresh_token"))).want(t, 200, "")
		s.stop()
	})
}

func TestALostSecretFileStopsTheStart(t *testing.T) {
	t.Parallel()
	i := devInstall(t)
	i.start().stop()
	if err := os.Remove(i.data("secret")); err != nil {
		t.Fatal(err)
	}
	i.run.finish(t).wantExit(1, "server secret")
}

func TestMigrateBringsTheSchemaUpToDate(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		i := serveInstall(t).on(engine)
		migrate := i.run
		migrate.args = []string{"migrate"}
		first := migrate.finish(t)
		first.wantExit(0)
		again := migrate.finish(t)
		again.wantExit(0)
		if !strings.Contains(first.stdout.String(), "migrated from version 0 to") || !strings.Contains(again.stdout.String(), "up to date") {
			t.Errorf("first %q, then %q", &first.stdout, &again.stdout)
		}
		s := i.start()
		s.signUp("ada@example.com")
		migrate.finish(t).wantExit(0) // beside a running server
		s.stop()
		if strings.Contains(s.stderr.String(), "migrated") {
			t.Error("the server migrated what was up to date")
		}
	})
}

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// greeting waits for what dev prints when it is ready.
func (s *server) greeting() string {
	s.child.t.Helper()
	eventually(s.child.t, "the greeting", func() bool { return strings.Contains(s.stdout.String(), "curl ") })
	return s.stdout.String()
}

var keyPattern = regexp.MustCompile(`wk_[A-Za-z0-9_-]+`)

func (s *server) key() string {
	s.child.t.Helper()
	return keyPattern.FindString(s.greeting())
}

// wantKey wants the key to open the administration.
func (s *server) wantKey(key string) {
	s.child.t.Helper()
	s.get("/admin/events", "Authorization", "Bearer "+key).want(s.child.t, 200, "")
}

func TestDevNeedsNothingAndSaysWhereToGoNext(t *testing.T) {
	t.Parallel()
	i := devInstall(t)
	s := i.start()
	said := s.greeting()

	for _, page := range []string{"/docs", "/dev/inbox"} {
		url := regexp.MustCompile(`http://\S+` + page).FindString(said)
		s.get(strings.TrimPrefix(url, strings.Replace(s.url, "127.0.0.1", "localhost", 1))).want(t, 200, "")
	}
	s.wantKey(s.key())
	line := said[strings.Index(said, "curl "):]
	if strings.Contains(line, "--json") {
		t.Errorf("curl before 7.82 knows no --json: %s", line)
	}
	text, err := exec.Command("/bin/sh", "-c", line).Output()
	var result map[string]any
	if err == nil {
		err = json.Unmarshal(text, &result)
	}
	if err != nil || (answer{body: result}).str("user", "email") != "ada@example.com" || result["is_new_user"] != true {
		t.Errorf("%s\nanswered %v %s", line, err, text)
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, "watchword.db": 0o600, "secret": 0o600, "dev-api-key": 0o600} {
		info, err := os.Stat(i.data(name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("the data folder's %q: %v, %v; want %o", name, info, err, mode)
		}
	}
	s.stop()
}

func TestDevStartsAgainWithTheSameKeyAndData(t *testing.T) {
	t.Parallel()
	i := devInstall(t)
	s := i.start()
	key := s.key()
	before := s.signUp("ada@example.com")
	set := s.get("/.well-known/jwks.json").text
	s.stop()

	s = i.start()
	if again := s.key(); again != key {
		t.Errorf("the API key changed from one start to the next")
	}
	s.wantKey(key)
	s.get("/auth/me", bearer(before)...).want(t, 200, "")
	s.post("/auth/refresh", refreshBody(before.str("refresh_token"))).want(t, 200, "")
	s.post("/auth/sign-in", credentials("ada@example.com")).want(t, 200, "")
	if s.get("/.well-known/jwks.json").text != set {
		t.Error("the signing keys changed")
	}
	s.stop()
}

func TestDevTakesAFixedKey(t *testing.T) {
	t.Parallel()
	const key = "wk_fixed-for-a-demo"
	i := devInstall(t, "--api-key", key)
	for range 2 { // it is there already at the second start
		s := i.start()
		if got := s.key(); got != key {
			t.Errorf("printed %q", got)
		}
		s.wantKey(key)
		s.get("/admin/events", "Authorization", "Bearer wk_fixed-for-another").want(t, 401, "api_key_invalid")
		s.stop()
	}
}

func TestDevRefusesToListenToOthers(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":18080", "0.0.0.0:18080", "[::]:18080"} {
		i := devInstall(t)
		i.run.args = []string{"dev", "--listen", listen}
		i.run.finish(t).wantExit(1, "--listen", "loopback", "--allow-remote")
	}
}

func TestDevAllowsRemoteWhenToldTo(t *testing.T) {
	t.Parallel()
	i := devInstall(t, "--allow-remote")
	s := i.start()
	exchange(t, s.address, "GET /healthz HTTP/1.1\r\nHost: my-laptop.example\r\nConnection: close\r\n\r\n").want(t, 200, "")
	for _, path := range []string{"/dev/inbox", "/dev/inbox/messages"} {
		s.get(path).want(t, 401, "")
		s.get(path, "Authorization", "Bearer "+s.key()).want(t, 200, "")
	}
	s.stop()
}

func TestASecondServerOnThePortIsTurnedAway(t *testing.T) {
	t.Parallel()
	first := devInstall(t)
	s := first.start()
	second := devInstall(t)
	second.run.args = []string{"dev", "--listen", first.address()}
	second.run.finish(t).wantExit(1, first.address(), "--listen")
	if _, err := os.Stat(second.data("")); !os.IsNotExist(err) {
		t.Errorf("the one that was turned away has touched its data folder: %v", err)
	}
	third := devInstall(t, "--metrics-listen", first.address())
	third.run.finish(t).wantExit(1, first.address(), "--metrics-listen")
	s.get("/healthz").want(t, 200, "")
}

func TestVersionAndMistakesOnTheCommandLine(t *testing.T) {
	t.Parallel()
	v := run{args: []string{"version"}}.finish(t)
	v.wantExit(0)
	if !strings.HasPrefix(v.stdout.String(), "watchword ") {
		t.Errorf("version printed %q", v.stdout.String())
	}
	for _, args := range [][]string{{"fly"}, {"dev", "--wings"}, {"dev", "--listen"}} {
		run{args: args, dir: t.TempDir()}.finish(t).wantExit(2, "--help")
	}
	run{args: []string{"dev", "--rate-limits", "perhaps", "--secret", "short"}, dir: t.TempDir()}.
		finish(t).wantExit(1, "--rate-limits", "--secret")
}

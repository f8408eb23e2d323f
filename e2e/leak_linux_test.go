package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// use is what a server holds of what it must give back.
type use struct{ files, goroutines int }

var goroutineCount = regexp.MustCompile(`(?m)^go_goroutines (\d+)$`)

// use is measured through a connection that is counted each time.
func (s *server) use() use {
	t := s.child.t
	t.Helper()
	c := s.another()
	defer c.client.CloseIdleConnections()
	text := c.get("/metrics", "Authorization", "Bearer "+s.key()).want(t, 200, "").text
	match := goroutineCount.FindStringSubmatch(text)
	if match == nil {
		t.Fatal("the metrics show no goroutines")
	}
	goroutines, _ := strconv.Atoi(match[1])
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return use{files: len(files), goroutines: goroutines}
}

func TestWhatLoadTakesIsGivenBack(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := devInstall(t, "--rate-limits", "off").on(engine).start()
		s.signUp("ada@example.com")
		busy(t, s) // fills the pool of database connections, which is kept
		before := s.use()
		busy(t, s)
		// One connection more or less may be on its way in or out.
		const slack = 8
		var after use
		eventually(t, "what was taken to be given back", func() bool {
			after = s.use()
			return after.files <= before.files+slack && after.goroutines <= before.goroutines+2*slack
		})
		t.Logf("%+v, then %+v", before, after)
		s.stop()
	})
}

// busy is load of all sorts on many connections, half of which are cut off in
// the middle of a call.
func busy(t *testing.T, s *server) {
	t.Helper()
	var callers sync.WaitGroup
	for n := range 40 {
		callers.Go(func() {
			c := s.another()
			defer c.client.CloseIdleConnections()
			if n%20 == 0 {
				_, _ = c.try("POST", "/auth/sign-in", credentials("ada@example.com"))
			}
			for range 10 {
				for _, path := range []string{"/healthz", "/auth/me", "/nowhere", "/.well-known/jwks.json", "/readyz"} {
					if _, err := c.try("GET", path, ""); err != nil {
						t.Error(err)
					}
				}
			}
			w := dial(t, s.address)
			w.say("POST /auth/sign-up HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
			_ = w.Close()
		})
	}
	callers.Wait()
}

package e2e

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// flock is callers without pause. Half of them stop when they see /readyz turn,
// as a load balancer would have them do, and must not lose a call. The others go
// on until the door is shut, on which the last of theirs may knock in vain; but
// whatever was handled must have been answered.
type flock struct {
	s       *server
	unready atomic.Bool
	callers sync.WaitGroup

	mu      sync.Mutex
	users   []string // whose sign-up was acknowledged
	tokens  []string // the last acknowledged refresh token of each session
	gone    []string // tokens of sessions whose sign-out was acknowledged
	answers int
}

// sheep is one of the flock.
type sheep struct {
	*flock
	*caller
	name     string
	stubborn bool
}

func (f *flock) begin(n int) {
	f.callers.Go(f.watch)
	for i := range n {
		s := sheep{flock: f, caller: f.s.another(), name: fmt.Sprint("user-", i), stubborn: i%2 == 0}
		f.callers.Go(s.live)
	}
}

// watch probes /readyz, and the two that must go on answering, on connections
// that are new each time.
func (f *flock) watch() {
	t := f.s.child.t
	for {
		probe := newCaller(t, f.s.url)
		ready, err := probe.try("GET", "/readyz", "")
		if err != nil {
			t.Errorf("/readyz did not answer before it turned: %v", err)
			return
		}
		if !ready.is(200, "") {
			f.unready.Store(true)
			if !ready.is(503, "draining") {
				t.Errorf("/readyz: %d %s", ready.status, ready.text)
			}
			ready.wantAway(t)
		}
		for _, path := range []string{"/healthz", "/.well-known/jwks.json"} {
			if a, err := probe.try("GET", path, ""); err != nil || a.status != 200 {
				t.Errorf("%s while /readyz says %d: %v %s", path, ready.status, err, a.text)
			}
		}
		if f.unready.Load() {
			return
		}
	}
}

func (s sheep) goesOn() bool { return s.stubborn || !s.unready.Load() }

// live signs up, refreshes a while, signs out or not, again and again.
func (s sheep) live() {
	for round := 0; s.goesOn(); round++ {
		email := fmt.Sprintf("%s-%d@example.com", s.name, round)
		a, ok := s.call("/auth/sign-up", credentials(email), 201)
		if !ok {
			return
		}
		s.note(func() { s.users = append(s.users, email) })
		for i := 0; ok && i < 20 && s.goesOn(); i++ {
			var next answer
			if next, ok = s.call("/auth/refresh", refreshBody(a.str("refresh_token")), 200); ok {
				a = next
			}
		}
		if ok && round%2 == 1 {
			if _, ok = s.call("/auth/sign-out", "", 204, bearer(a)...); ok {
				s.note(func() { s.gone = append(s.gone, a.str("refresh_token")) })
			}
			continue
		}
		s.note(func() { s.tokens = append(s.tokens, a.str("refresh_token")) })
		if !ok {
			return
		}
	}
}

func (f *flock) note(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

func (s sheep) call(path, body string, status int, headers ...string) (answer, bool) {
	a, err := s.try("POST", path, body, headers...)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), err != nil && s.stubborn && s.unready.Load():
		return a, false // turned away at the door: nothing was accepted
	case err != nil:
		s.caller.t.Errorf("%s was accepted and dropped: %v", path, err)
		return a, false
	}
	s.note(func() { s.answers++ })
	if a.status != status {
		s.caller.t.Errorf("%s: %d %s", path, a.status, a.text)
	}
	return a, a.status == status
}

// wantKept wants everything that was acknowledged to be there.
func (f *flock) wantKept(s *server) {
	t := s.child.t
	t.Helper()
	if len(f.users) == 0 || len(f.tokens) == 0 {
		t.Errorf("no load: %d users, %d tokens", len(f.users), len(f.tokens))
	}
	for _, email := range f.users {
		s.post("/auth/sign-up", credentials(email)).want(t, 409, "email_taken")
	}
	s.post("/auth/sign-in", credentials(f.users[len(f.users)-1])).want(t, 200, "")
	for _, token := range f.tokens {
		s.post("/auth/refresh", refreshBody(token)).want(t, 200, "")
	}
	for _, token := range f.gone {
		s.post("/auth/refresh", refreshBody(token)).want(t, 401, "session_revoked")
	}
}

func TestASignalDrainsUnderLoadAndLosesNothing(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
				i := serveInstall(t, "--rate-limits", "off").on(engine)
				s := i.start()
				f := &flock{s: s}
				f.begin(4)
				eventually(t, "load", func() bool {
					f.mu.Lock()
					defer f.mu.Unlock()
					return f.answers >= 100
				})
				s.signal(signal)
				f.callers.Wait()
				s.wantExit(0)
				if handled := strings.Count(s.stderr.String(), `"route":"/auth/`); handled != f.answers {
					t.Errorf("%d calls were handled and %d answered", handled, f.answers)
				}
				f.wantKept(i.start())
			})
		})
	}
}

// halfway is a sign-up whose body has not come whole yet.
func halfway(t *testing.T, s *server, email string) (w *wire, rest string) {
	t.Helper()
	body := credentials(email)
	w = dial(t, s.address)
	w.say(fmt.Sprintf("POST /auth/sign-up HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		len(body), body[:5]))
	return w, body[5:]
}

// idle is a connection that has had one answer.
func idle(t *testing.T, s *server) *wire {
	t.Helper()
	w := dial(t, s.address)
	w.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	w.hear().want(t, 200, "")
	return w
}

func (s *server) refusesConnections() bool {
	conn, err := net.Dial("tcp", s.address)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func TestADrainWaitsForWhatItHasAcceptedAndAnswersProbesMeanwhile(t *testing.T) {
	t.Parallel()
	i := devInstall(t)
	i.run.args = append(i.run.args, "--metrics-listen", i.metricsAddress())
	s := i.start()
	slow, rest := halfway(t, s, "ada@example.com")
	probes := map[string]*wire{"/healthz": idle(t, s), "/.well-known/jwks.json": idle(t, s), "/readyz": idle(t, s)}
	s.signal(syscall.SIGTERM)
	eventually(t, "the door to close", s.refusesConnections)
	for path, probe := range probes {
		probe.say("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if path == "/readyz" {
			probe.hear().want(t, 503, "draining").wantAway(t)
			continue
		}
		probe.hear().want(t, 200, "")
		probe.wantClosed() // so that the client turns elsewhere
	}
	newCaller(t, "http://"+i.metricsAddress()).get("/metrics").want(t, 200, "") // to the end
	slow.say(rest)
	up := slow.hear().want(t, 201, "")
	s.wantExit(0)
	i.start().get("/auth/me", bearer(up)...).want(t, 200, "")
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		s := devInstall(t).start()
		halfway(t, s, "ada@example.com") // would hold the drain up
		s.signal(signal)
		eventually(t, "the drain", func() bool { return strings.Contains(s.stderr.String(), "stopping") })
		s.signal(signal)
		s.wait()
		if status := s.command.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != signal {
			t.Errorf("ended with %s, want it to die of %s", s.command.ProcessState, signal)
		}
	}
}

func TestSlowClientsDoNotHoldTheDrainUp(t *testing.T) {
	t.Parallel()
	i := devInstall(t)
	s := i.start()
	before := s.signUp("ada@example.com")
	dial(t, s.address) // says nothing
	body, _ := halfway(t, s, "grace@example.com")
	header := dial(t, s.address)
	header.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
	var dripping sync.WaitGroup
	for _, w := range []*wire{body, header} {
		dripping.Go(func() {
			for _, err := w.Write([]byte("X")); err == nil; _, err = w.Write([]byte("X")) {
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	s.stop()
	dripping.Wait()
	s = i.start()
	s.get("/auth/me", bearer(before)...).want(t, 200, "")
	s.post("/auth/sign-in", credentials("grace@example.com")).want(t, 401, "invalid_credentials")
}

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// playAll plays a scenario's journey a fixed number of times.
func playAll(t *testing.T, s scenario, st *stage, connections int) *tally {
	t.Helper()
	l := load{address: st.address, connections: connections, window: time.Minute, limit: 200}
	tally, err := l.run(t.Context(), func(part int) journey { return s.journey(st, part, connections) })
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func TestScenariosGetRightAnswers(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		for _, connections := range []int{1, 8} {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				st := &stage{address: serveFake(t, newFake(50)), users: 50}
				if err := st.openSessions(t.Context(), 16); err != nil {
					t.Fatal(err)
				}
				if err := st.renew(t.Context()); err != nil {
					t.Fatal(err)
				}
				tally := playAll(t, s, st, connections)
				if tally.failed() != 0 || tally.latencies.total < 190 {
					t.Errorf("%d requests, faults %v", tally.latencies.total, tally.faults)
				}
			})
		}
	}
}

func TestScenarioNoticesWrongAnswers(t *testing.T) {
	t.Parallel()
	old := &session{email: userEmail(1), access: "at-1", refresh: "rt_1"}
	for name, test := range map[string]struct {
		journey func(*stage, int, int) journey
		status  int
		body    string
		want    string
	}{
		"health down":             {health, 503, `{"code":"unavailable"}`, "answered 503 unavailable"},
		"sign-in refused":         {signIn, 401, `{"code":"invalid_credentials"}`, "answered 401 invalid_credentials"},
		"sign-in without tokens":  {signIn, 200, `{"next":"second_factor"}`, errNoTokens.Error()},
		"sign-up of a taken name": {signUp, 409, `{"code":"email_taken"}`, "answered 409 email_taken"},
		"somebody else's me":      {me, 200, `{"user":{"email":"other@bench.example"}}`, errWrongUser.Error()},
		"me without a session":    {me, 401, `{"code":"session_revoked"}`, "answered 401 session_revoked"},
		"reused token":            {refresh, 401, `{"code":"refresh_token_reused"}`, "answered 401 refresh_token_reused"},
		"token not rotated":       {refresh, 200, `{"access_token":"at-2","refresh_token":"rt_1"}`, errNotRotated.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			st := &stage{address: server.Listener.Addr().String(), users: 5, sessions: []*session{old}}
			err := test.journey(st, 0, 1)(dialTest(t, st.address))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestBusyServerStillGetsItsSessions(t *testing.T) {
	t.Parallel()
	f := newFake(5)
	f.busy = 10
	st := &stage{address: serveFake(t, f), users: 5}
	if err := st.openSessions(t.Context(), 16); err != nil {
		t.Fatal(err)
	}
	if len(st.sessions) < 16 {
		t.Errorf("%d sessions", len(st.sessions))
	}
}

func TestSessionsAreSharedOutWithoutOverlap(t *testing.T) {
	t.Parallel()
	st := &stage{}
	for range 10 {
		st.sessions = append(st.sessions, &session{})
	}
	seen := map[*session]bool{}
	for part := range 4 {
		for _, s := range st.share(part, 4) {
			if seen[s] {
				t.Error("one session for two connections")
			}
			seen[s] = true
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d of 10 sessions are walked", len(seen))
	}
}

package e2e

import (
	"slices"
	"strings"
	"testing"

	"watchword/internal/store/storetest"
	"watchword/internal/store/storetest/pgcluster"
)

// guest is somebody who is signed in twice, by token and in a browser, and
// stays so while the database is away.
type guest struct {
	s       *server
	program *caller
	browser *caller
	tokens  answer // of the program
}

const guestEmail = "ada@example.com"

func newGuest(s *server) *guest {
	t := s.child.t
	g := &guest{s: s, program: s.another(), browser: s.another().withCookies()}
	g.tokens = g.program.signUp(guestEmail)
	g.browser.get("/auth/csrf/init").want(t, 200, "")
	g.browser.post("/auth/sign-in", credentials(guestEmail), "X-Session-Mode", "cookie").want(t, 200, "")
	return g
}

func (g *guest) csrf() []string {
	token := g.browser.get("/auth/csrf/token").want(g.s.child.t, 200, "").str("csrf_token")
	return []string{"X-CSRF-Token", token}
}

// calls are calls that cannot be answered without a database. None of them may
// say that anybody is signed out.
func (g *guest) calls() []func() (answer, error) {
	signedIn := bearer(g.tokens)
	key := []string{"Authorization", "Bearer " + g.s.key()}
	try := func(c *caller, method, path, body string, headers ...string) func() (answer, error) {
		return func() (answer, error) { return c.try(method, path, body, headers...) }
	}
	return []func() (answer, error){
		try(g.program, "GET", "/auth/me", "", signedIn...),
		try(g.program, "POST", "/auth/sign-in", credentials(guestEmail)),
		try(g.program, "POST", "/auth/sign-in", credentials("nobody@example.com")),
		try(g.program, "POST", "/auth/sign-up", credentials("grace@example.com")),
		try(g.program, "POST", "/auth/refresh", refreshBody(g.tokens.str("refresh_token"))),
		try(g.program, "POST", "/auth/switch-account", refreshBody(g.tokens.str("refresh_token"))),
		try(g.program, "PATCH", "/auth/me", `{"name":"Ada"}`, signedIn...),
		try(g.program, "GET", "/auth/sessions", "", signedIn...),
		try(g.program, "POST", "/auth/sign-out", "", signedIn...),
		try(g.program, "GET", "/admin/events", "", key...),
		try(g.program, "GET", "/metrics", "", key...),
		try(g.browser, "GET", "/auth/me", ""),
		try(g.browser, "POST", "/auth/refresh", "", g.csrf()...),
		try(g.browser, "POST", "/auth/sign-out", "", g.csrf()...),
		try(g.program, "GET", "/readyz", ""),
	}
}

// wantAway wants every such call to be answered, each by a 503, and what needs
// no database to go on meanwhile.
func (g *guest) wantAway() {
	t := g.s.child.t
	t.Helper()
	calls := slices.Repeat(g.calls(), 3) // more than there are connections
	answers := make(chan answer, len(calls))
	for _, call := range calls {
		go func() {
			a, err := call()
			if err != nil {
				t.Errorf("not answered at all: %v", err)
			}
			answers <- a
		}()
	}
	for range calls {
		g.wantServing()
		if a := <-answers; a.status != 0 {
			a.wantAway(t)
		}
	}
}

func (g *guest) wantServing() {
	t := g.s.child.t
	t.Helper()
	g.program.get("/healthz").want(t, 200, "")
	g.program.get("/.well-known/jwks.json").want(t, 200, "")
	g.program.get("/.well-known/openid-configuration").want(t, 200, "")
}

// wantBack waits until the server is ready again, by itself, and wants both to
// be signed in as they were.
func (g *guest) wantBack() {
	t := g.s.child.t
	t.Helper()
	eventually(t, "the server to be ready again", func() bool { return g.program.get("/readyz").status == 200 })
	g.program.get("/auth/me", bearer(g.tokens)...).want(t, 200, "")
	g.tokens = g.program.post("/auth/refresh", refreshBody(g.tokens.str("refresh_token"))).want(t, 200, "")
	g.browser.get("/auth/me").want(t, 200, "")
	g.browser.post("/auth/refresh", "", g.csrf()...).want(t, 200, "")
	g.program.post("/auth/sign-in", credentials(guestEmail)).want(t, 200, "")
	g.program.post("/auth/sign-in", credentials("grace@example.com")).want(t, 401, "invalid_credentials")
}

// onCluster is an installation on a cluster of the test's own.
func onCluster(t *testing.T) (*install, *pgcluster.Cluster) {
	t.Helper()
	cluster := storetest.PostgresCluster(t, pgcluster.Options{})
	url, err := cluster.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return devInstall(t, "--rate-limits", "off").onDatabase(url), cluster
}

func TestWhilePostgresIsAwayNobodyIsSignedOut(t *testing.T) {
	t.Parallel()
	i, cluster := onCluster(t)
	g := newGuest(i.start())
	for _, takeAway := range []func() error{
		func() error { return cluster.Stop(t.Context()) },
		func() error { return cluster.Crash(t.Context()) },
	} {
		if err := takeAway(); err != nil {
			t.Fatal(err)
		}
		g.wantAway()
		if err := cluster.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.wantBack()
	}
	g.s.stop()
}

func TestACrashOfPostgresLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	i, cluster := onCluster(t)
	s := i.start()
	var all []*ledger
	for round := range 3 {
		all = append(all, underLoad(t, s, round, func() {
			if err := cluster.Crash(t.Context()); err != nil {
				t.Error(err)
			}
		})...)
		if err := cluster.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server to be ready again", func() bool { return s.get("/readyz").status == 200 })
		for _, l := range all {
			l.audit(t, s)
		}
	}
	s.stop()
}

func TestStartingWithoutPostgresSaysSo(t *testing.T) {
	t.Parallel()
	i, cluster := onCluster(t)
	if err := cluster.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantNoDatabase(t, i)
	i.run.env = append(i.run.env, "WATCHWORD_DATABASE=postgres://ada:canary@127.0.0.1:1/auth")
	wantNoDatabase(t, i)
}

func wantNoDatabase(t *testing.T, i *install) {
	t.Helper()
	c := i.run.finish(t)
	c.wantExit(1, "open the postgres database", "connect")
	said := c.stderr.String()
	if strings.Contains(said, "canary") {
		t.Errorf("the database's password was printed: %s", said)
	}
	if lines := strings.Count(said, "\n"); lines > 4 {
		t.Errorf("a missing database takes %d lines to say:\n%s", lines, said)
	}
}

package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"watchword/internal/store/storetest"
)

// twoNodes are two servers of one installation, started at the same moment on
// an empty database. They share it, the secret and the public URL.
func twoNodes(t *testing.T, args ...string) [2]*server {
	t.Helper()
	database := storetest.Postgres(t)
	args = append([]string{"--public-url", "http://localhost:8080"}, args...)
	var nodes [2]*server
	var starting sync.WaitGroup
	for n := range nodes {
		i := devInstall(t, args...).onDatabase(database)
		starting.Go(func() { nodes[n] = i.start() })
	}
	starting.Wait()
	if nodes[0] == nil || nodes[1] == nil {
		t.FailNow()
	}
	return nodes
}

func TestTwoNodesStartAtOnceOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for range 2 {
		nodes := twoNodes(t)
		set := nodes[0].get("/.well-known/jwks.json").want(t, 200, "").text
		if other := nodes[1].get("/.well-known/jwks.json").want(t, 200, "").text; other != set {
			t.Errorf("the nodes disagree about the signing keys:\n%s\n%s", set, other)
		}
		migrations := 0
		for _, n := range nodes {
			migrations += strings.Count(n.stderr.String(), "the database was migrated")
		}
		if migrations < 1 {
			t.Error("nobody says to have migrated")
		}
		wantOneServer(t, nodes)
		nodes[0].stop()
		nodes[1].get("/readyz").want(t, 200, "") // one leaves, the other goes on
		nodes[1].stop()
	}
}

// wantOneServer wants what one node gives to be good at the other.
func wantOneServer(t *testing.T, nodes [2]*server) {
	t.Helper()
	for n, here := range nodes {
		there := nodes[1-n]
		email := fmt.Sprintf("user-%d@example.com", n)
		up := here.signUp(email)
		there.get("/auth/me", bearer(up)...).want(t, 200, "")
		there.post("/auth/sign-up", credentials(email)).want(t, 409, "email_taken")
		next := there.post("/auth/refresh", refreshBody(up.str("refresh_token"))).want(t, 200, "")
		same := here.post("/auth/refresh", refreshBody(up.str("refresh_token"))).want(t, 200, "")
		for _, token := range []string{"access_token", "refresh_token"} {
			if next.str(token) != same.str(token) {
				t.Errorf("two tabs on two nodes got two successors (%s)", token)
			}
		}
		there.post("/auth/sign-out", "", bearer(next)...).want(t, 204, "")
		here.get("/auth/me", bearer(next)...).want(t, 401, "session_revoked")
		there.get("/admin/events", "Authorization", "Bearer "+here.key()).want(t, 200, "")
	}
	wantOneBrowser(t, nodes)
}

// wantOneBrowser wants cookies and CSRF tokens of one node to be good at the
// other, as behind a load balancer.
func wantOneBrowser(t *testing.T, nodes [2]*server) {
	t.Helper()
	here, there := nodes[0].another().withCookies(), nodes[1].another()
	there.client.Jar = here.client.Jar // cookies know no ports
	here.get("/auth/csrf/init").want(t, 200, "")
	there.post("/auth/sign-in", credentials("user-0@example.com")).want(t, 200, "")
	csrf := here.get("/auth/csrf/token").want(t, 200, "").str("csrf_token")
	there.post("/auth/refresh", "", "X-CSRF-Token", csrf).want(t, 200, "")
	here.do(http.MethodPatch, "/auth/me", `{"name":"Ada"}`, "X-CSRF-Token", csrf).want(t, 200, "")
}

// guess tries to sign in so often, at the nodes in turn, and gives how many
// guesses were looked at before they were refused for their number.
func guess(t *testing.T, nodes []*server, name string, times int) (lookedAt int) {
	t.Helper()
	for n := range times {
		a := nodes[n%len(nodes)].post("/auth/sign-in", credentials(fmt.Sprintf("%s-%d@example.com", name, n)))
		switch {
		case a.is(401, "invalid_credentials"):
			lookedAt++
		case a.is(429, "rate_limited"):
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		default:
			t.Errorf("neither looked at nor refused: %d %s", a.status, a.text)
		}
	}
	return lookedAt
}

func (s *server) wantMetric(pattern string) {
	s.child.t.Helper()
	text := s.get("/metrics", "Authorization", "Bearer "+s.key()).want(s.child.t, 200, "").text
	if !regexp.MustCompile("(?m)^" + pattern + "$").MatchString(text) {
		s.child.t.Errorf("the metrics do not show %s", pattern)
	}
}

func TestNodesShareTheirLimitsThroughRedis(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	pair := twoNodes(t, "--redis", redis.url())
	nodes := pair[:]
	held := nodes[0].signUp("ada@example.com")
	if got := guess(t, nodes, "shared", 14); got != 10 {
		t.Errorf("%d guesses were looked at over both nodes, want 10 a minute", got)
	}
	pair[0].wantMetric("watchword_limit_redis_up 1")

	redis.kill()
	for _, n := range nodes {
		if got := guess(t, []*server{n}, "alone", 8); got != 5 {
			t.Errorf("%d guesses were looked at by a node alone, want the half of 10", got)
		}
		n.wantMetric("watchword_limit_redis_up 0")
		n.wantMetric("watchword_limit_fallback_total [1-9][0-9]*")
		if !slices.ContainsFunc(strings.Split(n.stderr.String(), "\n"), func(line string) bool {
			return strings.Contains(line, "level=ERROR") && strings.Contains(line, "Redis is away")
		}) {
			t.Error("no alarm was logged")
		}
		held = n.post("/auth/refresh", refreshBody(held.str("refresh_token"))).want(t, 200, "") // no outage
		n.get("/readyz").want(t, 200, "")
	}

	redis.start()
	for _, n := range nodes {
		eventually(t, "Redis to be asked again", func() bool {
			n.post("/auth/refresh", refreshBody(held.str("refresh_token")))
			return strings.Contains(n.stderr.String(), "Redis is back")
		})
	}
	if got := guess(t, nodes, "again", 14); got != 10 {
		t.Errorf("with Redis back %d guesses were looked at over both nodes, want 10", got)
	}
}

package e2e

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// A crowd that takes all file descriptors keeps others out for as long as it
// stays, and logs nobody out.
func TestRunningOutOfFilesPasses(t *testing.T) {
	t.Parallel()
	s := devInstall(t, "--rate-limits", "off").start()
	held := s.signUp("ada@example.com")
	inside := s.another() // has its connection already
	inside.get("/auth/me", bearer(held)...).want(t, 200, "")
	limit := unix.Rlimit{Cur: 40, Max: 4096}
	if err := unix.Prlimit(s.command.Process.Pid, unix.RLIMIT_NOFILE, &limit, nil); err != nil {
		t.Fatal(err)
	}
	var crowd []net.Conn
	for range 200 {
		crowd = append(crowd, dial(t, s.address))
	}
	for range 10 {
		if a := inside.get("/auth/me", bearer(held)...); a.status != 200 {
			a.wantAway(t)
		}
		next := inside.post("/auth/refresh", refreshBody(held.str("refresh_token")))
		if next.status != 200 {
			next.wantAway(t)
			continue
		}
		held = next
	}
	for _, conn := range crowd {
		_ = conn.Close()
	}
	eventually(t, "the door to open again", func() bool {
		a, err := s.another().try("GET", "/readyz", "")
		return err == nil && a.status == 200
	})
	held = s.another().post("/auth/refresh", refreshBody(held.str("refresh_token"))).want(t, 200, "")
	s.another().get("/auth/me", bearer(held)...).want(t, 200, "")
	s.stop()
}

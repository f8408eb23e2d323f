package e2e

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestDevAnswersOnlyUnderItsOwnNames(t *testing.T) {
	t.Parallel()
	i := devInstall(t, "--public-url", "http://auth.local.example:8080")
	s := i.start()
	port := fmt.Sprint(i.port)
	for host, own := range map[string]bool{
		"localhost": true, "localhost:" + port: true, "LOCALHOST": true, "127.0.0.1:" + port: true,
		"[::1]:" + port: true, "[::1]": true, "auth.local.example:8080": true, "auth.local.example": true,
		"evil.example": false, "evil.example:" + port: false, "localhost.evil.example": false, "127.0.0.2": false,
		"localhost:" + port + ".evil.example": false, "evil.example:localhost": false, "localhost.": false,
		"[::2]": false, "0.0.0.0:" + port: false, "127.1": false, "": false,
	} {
		for _, path := range []string{"/healthz", "/dev/inbox/messages", "/auth/me", "/nowhere"} {
			a := exchange(t, s.address, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
			switch {
			case own && a.status == 421:
				t.Errorf("%s is refused under its own name %q", path, host)
			case !own && !a.is(421, "misdirected_request"):
				t.Errorf("%s is answered under %q: %d %s", path, host, a.status, a.text)
			}
		}
	}
	exchange(t, s.address, "GET /healthz HTTP/1.0\r\n\r\n").want(t, 421, "misdirected_request")
	exchange(t, s.address, "GET /healthz HTTP/1.1\r\n\r\n").want(t, 400, "")
	exchange(t, s.address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").want(t, 400, "")
}

func TestARequestLineMayNameItsHost(t *testing.T) {
	t.Parallel()
	s := devInstall(t).start()
	// RFC 9112 §3.2.2: the line counts, not the header.
	exchange(t, s.address, "GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").want(t, 200, "")
	exchange(t, s.address, "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").
		want(t, 421, "misdirected_request")
	for _, line := range []string{"OPTIONS * HTTP/1.1", "CONNECT localhost:80 HTTP/1.1", "GET //auth/me HTTP/1.1", "GET /auth/../auth/me HTTP/1.1", "GET /%2e%2e/etc/passwd HTTP/1.1"} {
		a := exchange(t, s.address, line+"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		if a.status < 200 || a.status >= 500 {
			t.Errorf("%s: %d %s", line, a.status, a.text)
		}
	}
	for _, broken := range []string{"GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "G\x00T /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"} {
		w := dial(t, s.address)
		w.say(broken + strings.Repeat("\r\n", 4))
		if a, err := w.tryHear(); err == nil && (a.status < 400 || a.status > 505) {
			t.Errorf("%q: %d %s", broken, a.status, a.text)
		}
	}
	s.get("/healthz").want(t, 200, "")
}

func TestForeignPagesReadNothingOfTheDevPages(t *testing.T) {
	t.Parallel()
	s := devInstall(t).start()
	for _, origin := range []string{"http://localhost:3000", "http://127.0.0.1:3000", "https://evil.example", "null"} {
		for _, path := range []string{"/dev/inbox", "/dev/inbox/messages"} {
			for _, method := range []string{http.MethodGet, http.MethodDelete} {
				a := s.do(method, path, "", "Origin", origin)
				// That there is no such method is no secret.
				if a.header.Get("Access-Control-Allow-Origin") != "" && a.status != 405 || a.status == 404 {
					t.Errorf("%s %s lets pages of %s read it: %d", method, path, origin, a.status)
				}
			}
		}
	}
	// The rest is open to the developer's own pages, and to no others.
	if a := s.get("/auth/me", "Origin", "http://localhost:3000"); a.header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" {
		t.Errorf("a page on localhost cannot read %d", a.status)
	}
	if a := s.get("/auth/me", "Origin", "https://evil.example"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a foreign page can read /auth/me")
	}
	s.post("/auth/sign-in", credentials("ada@example.com"), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").want(t, 403, "")
}

func TestWhatIsTooLargeIsRefusedWithoutHarm(t *testing.T) {
	t.Parallel()
	s := devInstall(t).start()
	const post = "POST /auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	long := strings.Repeat("x", 100<<10)
	for name, text := range map[string]string{
		"one header":   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + long + "\r\n\r\n",
		"many headers": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-Some: thing\r\n", 8000) + "\r\n",
		"a cookie":     "GET /auth/me HTTP/1.1\r\nHost: localhost\r\nCookie: access_token=" + long + "\r\n\r\n",
		"a path":       "GET /" + long + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		w := dial(t, s.address)
		_, _ = w.Write([]byte(text)) // the server may close before it has read all
		if a, err := w.tryHear(); err == nil && a.status != 431 && a.status != 414 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	// Before a byte of it came, and without having asked for it.
	exchange(t, s.address, post+"Content-Length: 10000000\r\n\r\n").want(t, 413, "body_too_large")
	exchange(t, s.address, post+"Content-Length: 10000000\r\nExpect: 100-continue\r\n\r\n").want(t, 413, "body_too_large")
	body := `{"email":"` + strings.Repeat("a", 64<<10) + `","password":"x"}`
	exchange(t, s.address, post+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)).want(t, 413, "body_too_large")
	exchange(t, s.address, post+fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)).want(t, 413, "body_too_large")
	for _, smuggled := range []string{
		"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"Content-Length: -1\r\n\r\n{}", "Content-Length: 0x2\r\n\r\n{}", "Content-Length: 99999999999999999999\r\n\r\n{}",
		"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		if a := exchange(t, s.address, post+smuggled); a.status < 400 || a.status > 501 || a.status == 500 {
			t.Errorf("%q: %d %s", smuggled, a.status, a.text)
		}
	}
	s.get("/healthz").want(t, 200, "")
}

func TestPipelinedCallsAreAnsweredInTurn(t *testing.T) {
	t.Parallel()
	s := devInstall(t).start()
	up := s.signUp("ada@example.com")
	w := dial(t, s.address)
	body := refreshBody(up.str("refresh_token"))
	refresh := fmt.Sprintf("POST /auth/refresh HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	me := "GET /auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + up.str("access_token") + "\r\n\r\n"
	w.say(refresh + me + refresh + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n" + "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + me)
	first := w.hear().want(t, 200, "")
	if got := w.hear().want(t, 200, "").str("user", "email"); got != "ada@example.com" {
		t.Errorf("me: %q", got)
	}
	if again := w.hear().want(t, 200, ""); again.str("refresh_token") != first.str("refresh_token") {
		t.Error("the repeated refresh got another successor")
	}
	w.hear().want(t, 404, "not_found")
	w.hear().want(t, 200, "")
	w.wantClosed() // what follows "close" is not acted on
}

func TestManyIdleConnectionsAreInNobodysWay(t *testing.T) {
	t.Parallel()
	s := devInstall(t).start()
	var crowd []net.Conn
	for n := range 500 {
		w := dial(t, s.address)
		crowd = append(crowd, w)
		if n%2 == 0 { // half of them have called before
			w.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
			w.hear().want(t, 200, "")
		}
	}
	s.signUp("ada@example.com")
	s.post("/auth/sign-in", credentials("ada@example.com")).want(t, 200, "")
	for _, conn := range crowd {
		_ = conn.Close()
	}
	s.stop()
}

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"watchword/internal/config"
	"watchword/internal/store"
)

func TestDoctorAsksRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	address := server.Addr()
	o := newOperator(t, store.SQLite)
	o.examine("--redis", "redis://"+address).want(t, "redis", statusOK, "it answers")

	server.RequireAuth("another canary")
	e := o.examine("--redis", "redis://:canary@"+address)
	e.want(t, "redis", statusFail, "")
	server.Close()
	away := o.examine("--redis", "redis://:canary@"+address)
	away.want(t, "redis", statusFail, "")
	if strings.Contains(e.out+e.err+away.out+away.err, "canary") {
		t.Errorf("a password is shown:\n%s%s", e.out, away.out)
	}
}

// mailServer greets and says what it can do.
type mailServer struct {
	extensions []string
	security   config.SMTPSecurity
	silent     bool
}

// certificate is one for 127.0.0.1, and what trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server.TLS.Certificates[0], pool
}

// start answers until the test ends.
func (m mailServer) start(t *testing.T, certificate tls.Certificate) (port string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	settings := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if m.security == config.ImplicitTLS {
				conn = tls.Server(conn, settings)
			}
			m.talk(conn, settings)
			_ = conn.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

func (m mailServer) talk(conn net.Conn, settings *tls.Config) {
	if m.silent {
		return
	}
	fmt.Fprint(conn, "220 mail.example.com ESMTP\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch verb, _, _ := strings.Cut(lines.Text(), " "); verb {
		case "EHLO":
			fmt.Fprint(conn, "250-mail.example.com\r\n")
			for _, extension := range m.extensions {
				fmt.Fprintf(conn, "250-%s\r\n", extension)
			}
			fmt.Fprint(conn, "250 HELP\r\n")
		case "STARTTLS":
			fmt.Fprint(conn, "220 go on\r\n")
			conn = tls.Server(conn, settings)
			lines = bufio.NewScanner(conn)
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func TestDoctorGreetsTheMailServer(t *testing.T) {
	t.Parallel()
	made, roots := certificate(t)
	for _, test := range []struct {
		name   string
		server mailServer
		scheme string
		roots  *x509.CertPool
		status status
		says   string
	}{
		{"STARTTLS", mailServer{extensions: []string{"STARTTLS", "AUTH PLAIN"}}, "smtp://user:canary@", roots, statusOK, "greets"},
		{"TLS", mailServer{extensions: []string{"AUTH PLAIN"}, security: config.ImplicitTLS}, "smtps://user:canary@", roots, statusOK, "greets"},
		{"nobody vouches for it", mailServer{extensions: []string{"STARTTLS"}}, "smtp://", x509.NewCertPool(), statusFail, "cannot be trusted"},
		{"nobody vouches for it on this machine", mailServer{extensions: []string{"STARTTLS"}}, "smtp://", nil, statusOK, "greets"},
		{"the same from the first byte", mailServer{security: config.ImplicitTLS}, "smtps://", nil, statusFail, "does not greet"},
		{"in the clear on this machine", mailServer{}, "smtp://", roots, statusWarn, "no STARTTLS"},
		{"no sign-in", mailServer{extensions: []string{"STARTTLS"}}, "smtp://user:canary@", roots, statusFail, "no sign-in"},
		{"no greeting", mailServer{silent: true}, "smtp://", roots, statusFail, "does not greet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := &doctor{roots: test.roots}
			if err := d.cfg.SMTP.UnmarshalText([]byte(test.scheme + "127.0.0.1:" + test.server.start(t, made))); err != nil {
				t.Fatal(err)
			}
			d.checkMail(t.Context())
			f := d.findings[len(d.findings)-1]
			if f.Status != test.status || !strings.Contains(f.Message, test.says) || strings.Contains(f.Message, "canary") {
				t.Errorf("%+v, want %s that says %q", f, test.status, test.says)
			}
		})
	}
}

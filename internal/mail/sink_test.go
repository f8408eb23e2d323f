package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"watchword/internal/secret"
)

// sink is a real mail server that keeps what it gets.
type sink struct {
	smtp.Backend
	port     string
	roots    *x509.CertPool
	says     verdicts
	mu       sync.Mutex
	received []delivery
	signIns  int
}

// verdicts are what the server answers at each step; nil: yes.
type verdicts struct {
	mail, rcpt, data error
	offers           []string // ways to sign in
}

// delivery is one mail as it arrived.
type delivery struct {
	from, to string
	utf8     bool
	raw      []byte
	tls      bool
	signedIn bool
}

const (
	sinkUser     = "letters"
	sinkPassword = "canary-of-the-mailserver"
)

func (s *sink) mails() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery(nil), s.received...)
}

type sinkSession struct {
	sink *sink
	conn *smtp.Conn
	now  delivery
}

func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secured := c.TLSConnectionState()
	return &sinkSession{sink: s, conn: c, now: delivery{tls: secured}}, nil
}

func (s *sinkSession) AuthMechanisms() []string { return s.sink.says.offers }

func (s *sinkSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		s.sink.signIns++
		if user != sinkUser || password != sinkPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Not you, " + user + " with " + password}
		}
		s.now.signedIn = true
		return nil
	}
	if mechanism == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the server's side of LOGIN, which the library leaves out.
type loginServer struct {
	check func(user, password string) error
	asked int
	user  string
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(l.user, string(response))
	}
}

func (s *sinkSession) Mail(from string, o *smtp.MailOptions) error {
	s.now.from, s.now.utf8 = from, o.UTF8
	return s.sink.says.mail
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.to = to
	return s.sink.says.rcpt
}

func (s *sinkSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.now.raw = raw
	if s.sink.says.data == nil {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		s.sink.received = append(s.sink.received, s.now)
	}
	return s.sink.says.data
}

func (s *sinkSession) Reset() {}

func (s *sinkSession) Logout() error { return nil }

// newSink starts a server. set may change it before it listens.
func newSink(t *testing.T, says verdicts, set func(*smtp.Server)) *sink {
	t.Helper()
	s := &sink{says: says}
	settings, roots := certificate(t)
	s.roots = roots
	server := smtp.NewServer(s)
	server.Domain = "mail.example.com"
	server.TLSConfig = settings
	server.ErrorLog = log.New(io.Discard, "", 0) // that clients hang up is what some tests are about
	if set != nil {
		set(server)
	}
	listener := listen(t)
	_, s.port, _ = net.SplitHostPort(listener.Addr().String())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// newTLSSink starts a server that speaks TLS from the first byte.
func newTLSSink(t *testing.T, says verdicts) *sink {
	t.Helper()
	s := &sink{says: says}
	settings, roots := certificate(t)
	s.roots = roots
	server := smtp.NewServer(s)
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener := listen(t)
	_, s.port, _ = net.SplitHostPort(listener.Addr().String())
	go func() { _ = server.Serve(tls.NewListener(listener, settings)) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// certificate is one for mail.example.com, and what trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, roots
}

// options lead to the server as if it were another machine.
func (s *sink) options() SMTPOptions {
	return SMTPOptions{
		Security: StartTLS, Host: "mail.example.com", Port: s.port, From: "Äpfel & Co <no-reply@example.com>",
		TLS: &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}, Dial: dialHere,
		Clock: func() time.Time { return time.Date(2026, time.March, 4, 14, 5, 0, 0, time.UTC) },
	}
}

// dialHere takes every host for this machine.
func dialHere(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

func (s *sink) signedIn() SMTPOptions {
	o := s.options()
	o.Username, o.Password = secret.NewString(sinkUser), secret.NewString(sinkPassword)
	return o
}

// sent is a letter worth hiding.
func sent() Rendered {
	const link = "https://auth.example.com/auth/sign-in/token?token=otk_canaryToken"
	return Rendered{
		To: "ada@example.com", Subject: "Anmeldung für Ada", Text: "Grüße\n\n" + link + "\n\n402917\n",
		HTML: "<p>Grüße, <a href=\"" + link + "\">" + link + "</a> 402917</p>\n", Links: []string{link}, Code: "402917",
	}
}

// send sends a letter.
func send(t *testing.T, o SMTPOptions, r Rendered) error {
	t.Helper()
	sender, err := NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	return sender.Send(t.Context(), r, "job_1")
}

// wantHidden fails the test if an error shows what it must not.
func wantHidden(t *testing.T, err error) {
	t.Helper()
	for _, canary := range []string{sinkPassword, sinkUser, "canary", "402917", "otk_", "ada@example.com"} {
		if strings.Contains(fmt.Sprintf("%+v", err), canary) {
			t.Errorf("the error shows %q: %v", canary, err)
		}
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		t.Errorf("the error holds what the server said: %v", reply)
	}
}

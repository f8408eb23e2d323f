package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"watchword/internal/secret"
)

func plainText(s *smtp.Server) { s.TLSConfig = nil }

func international(s *smtp.Server) { s.EnableSMTPUTF8 = true }

func TestLettersGoUnderTLS(t *testing.T) {
	t.Parallel()
	t.Run("begun by STARTTLS", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, nil)
		if err := send(t, s.options(), sent()); err != nil {
			t.Fatal(err)
		}
		if got := s.mails(); len(got) != 1 || !got[0].tls || got[0].from != "no-reply@example.com" || got[0].to != "ada@example.com" {
			t.Errorf("arrived: %+v", got)
		}
	})
	t.Run("from the first byte", func(t *testing.T) {
		t.Parallel()
		s := newTLSSink(t, verdicts{})
		o := s.options()
		o.Security = ImplicitTLS
		if err := send(t, o, sent()); err != nil {
			t.Fatal(err)
		}
		if got := s.mails(); len(got) != 1 {
			t.Errorf("arrived: %+v", got)
		}
	})
	t.Run("or not at all", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, plainText)
		err := send(t, s.options(), sent())
		if err == nil || errors.Is(err, ErrRefused) || len(s.mails()) != 0 {
			t.Errorf("a server without STARTTLS: %v", err)
		}
		wantHidden(t, err)
	})
	t.Run("of a server that proves its name", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, nil)
		for _, change := range []func(*SMTPOptions){
			func(o *SMTPOptions) { o.TLS = nil }, // the system's authorities
			func(o *SMTPOptions) { o.Host = "mail.example.org" },
		} {
			o := s.options()
			change(&o)
			err := send(t, o, sent())
			if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); !untrusted || errors.Is(err, ErrRefused) {
				t.Errorf("a server with another's certificate: %v", err)
			}
		}
		if len(s.mails()) != 0 {
			t.Error("a letter went to a server that did not prove its name")
		}
	})
}

func TestOnThisMachineTLSIsTakenWhereItIsOffered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		set  func(*smtp.Server)
		tls  bool
	}{
		{"offered, with a certificate that nobody vouches for", nil, true},
		{"not offered", plainText, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSink(t, verdicts{}, test.set)
			o := s.options()
			o.Host, o.TLS = "127.0.0.1", nil
			if err := send(t, o, sent()); err != nil {
				t.Fatal(err)
			}
			if got := s.mails(); len(got) != 1 || got[0].tls != test.tls {
				t.Errorf("arrived: %+v", got)
			}
		})
	}
}

func TestSigningInToTheMailServer(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			s := newSink(t, verdicts{offers: []string{mechanism}}, nil)
			if err := send(t, s.signedIn(), sent()); err != nil {
				t.Fatal(err)
			}
			if got := s.mails(); len(got) != 1 || !got[0].signedIn || !got[0].tls {
				t.Errorf("arrived: %+v", got)
			}
		})
	}
	t.Run("with a wrong password is tried again later", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{offers: []string{"PLAIN"}}, nil)
		o := s.signedIn()
		o.Password = secret.NewString("wrong-canary")
		err := send(t, o, sent())
		if err == nil || errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "535") {
			t.Errorf("got %v", err)
		}
		wantHidden(t, err)
	})
	t.Run("where nobody can", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, func(s *smtp.Server) { s.AllowInsecureAuth = false })
		if err := send(t, s.signedIn(), sent()); err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("never in the clear, whatever is offered", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{offers: []string{"PLAIN", "LOGIN"}}, func(s *smtp.Server) {
			s.TLSConfig, s.AllowInsecureAuth = nil, true
		})
		if err := send(t, s.signedIn(), sent()); err == nil || s.signIns != 0 {
			t.Errorf("signed in %d times, %v", s.signIns, err)
		}
	})
	t.Run("in the clear on this machine", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{offers: []string{"PLAIN"}}, func(s *smtp.Server) {
			s.TLSConfig, s.AllowInsecureAuth = nil, true
		})
		o := s.signedIn()
		o.Host = "127.0.0.1"
		if err := send(t, o, sent()); err != nil || !s.mails()[0].signedIn {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatNoRetryMends(t *testing.T) {
	t.Parallel()
	answer := func(code int, enhanced smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no <ada@example.com> for https://auth.example.com/auth/sign-in/token?token=otk_canaryToken 402917 mailbox"}
	}
	for _, test := range []struct {
		name    string
		says    verdicts
		refused bool
	}{
		{"no such mailbox", verdicts{rcpt: answer(550, smtp.EnhancedCode{5, 1, 1})}, true},
		{"greylisted", verdicts{rcpt: answer(451, smtp.EnhancedCode{4, 7, 1})}, false},
		{"mailbox full", verdicts{rcpt: answer(452, smtp.EnhancedCode{4, 2, 2})}, false},
		{"sign in first", verdicts{rcpt: answer(530, smtp.EnhancedCode{5, 7, 0})}, false},
		{"wrong sender: ours to mend", verdicts{mail: answer(550, smtp.EnhancedCode{5, 7, 1})}, false},
		{"closing down", verdicts{mail: answer(421, smtp.EnhancedCode{4, 3, 2})}, false},
		{"content refused", verdicts{data: answer(554, smtp.EnhancedCode{5, 7, 1})}, true},
		{"content not now", verdicts{data: answer(451, smtp.EnhancedCode{4, 3, 0})}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSink(t, test.says, nil)
			err := send(t, s.options(), sent())
			if err == nil || errors.Is(err, ErrRefused) != test.refused {
				t.Errorf("got %v, refused %t", err, test.refused)
			}
			if !strings.Contains(err.Error(), "mailbox") {
				t.Errorf("what the server says is missing: %v", err)
			}
			wantHidden(t, err)
		})
	}
	for _, to := range []string{"", "ada", "ada@example.com\r\nBcc: eve@example.com", "Ada <ada@example.com>", "ada@example.com, eve@example.com"} {
		s := newSink(t, verdicts{}, nil)
		r := sent()
		r.To = to
		if err := send(t, s.options(), r); !errors.Is(err, ErrRefused) || len(s.mails()) != 0 {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	r := sent()
	r.To = "jörg@example.com"
	t.Run("go where they are understood", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, international)
		if err := send(t, s.options(), r); err != nil {
			t.Fatal(err)
		}
		if got := s.mails(); len(got) != 1 || !got[0].utf8 || got[0].to != r.To {
			t.Errorf("arrived: %+v", got)
		}
	})
	t.Run("are refused elsewhere", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, nil)
		if err := send(t, s.options(), r); !errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("are announced only where there are any", func(t *testing.T) {
		t.Parallel()
		s := newSink(t, verdicts{}, international)
		if err := send(t, s.options(), sent()); err != nil || s.mails()[0].utf8 {
			t.Errorf("an ASCII letter asks for SMTPUTF8, which its next server may lack: %v", err)
		}
	})
}

// script is a server that answers line by line and then does as it likes.
func script(t *testing.T, talk func(net.Conn, *bufio.Reader)) SMTPOptions {
	t.Helper()
	listener := listen(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			talk(conn, bufio.NewReader(conn))
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return SMTPOptions{Security: StartTLS, Host: "127.0.0.1", Port: port, From: "no-reply@example.com"}
}

// until answers every command with yes up to the one that begins so.
func until(conn net.Conn, lines *bufio.Reader, command string) {
	fmt.Fprint(conn, "220 here\r\n")
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.HasPrefix(line, command) {
			return
		}
		fmt.Fprint(conn, "250 yes\r\n")
	}
}

func TestAServerThatHangsIsLeftWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"", "EHLO", "MAIL", "RCPT", "DATA"} {
		t.Run("at "+at, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			o := script(t, func(conn net.Conn, lines *bufio.Reader) {
				if at != "" {
					until(conn, lines, at)
				}
				cancel()
				_, _ = io.Copy(io.Discard, lines) // until the other side hangs up
			})
			o.Timeout = time.Hour // it is not what ends the talk
			sender, err := NewSender(o)
			if err != nil {
				t.Fatal(err)
			}
			if err := sender.Send(ctx, sent(), "job_1"); !errors.Is(err, context.Canceled) || errors.Is(err, ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAServerThatHangsUpIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"EHLO", "MAIL", "RCPT", "DATA"} {
		t.Run("at "+at, func(t *testing.T) {
			t.Parallel()
			err := send(t, script(t, func(conn net.Conn, lines *bufio.Reader) { until(conn, lines, at) }), sent())
			if err == nil || errors.Is(err, ErrRefused) {
				t.Errorf("got %v", err)
			}
			wantHidden(t, err)
		})
	}
	t.Run("away", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		_ = listener.Close()
		err := send(t, SMTPOptions{Security: StartTLS, Host: "127.0.0.1", Port: port, From: "no-reply@example.com"}, sent())
		if err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no mail server", func(t *testing.T) {
		t.Parallel()
		err := send(t, script(t, func(conn net.Conn, _ *bufio.Reader) {
			fmt.Fprintf(conn, "HTTP/1.1 %d otk_canaryToken\r\n", http.StatusTeapot)
		}), sent())
		if err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
		wantHidden(t, err)
	})
}

// A letter that is taken is delivered: what the server stumbles over afterwards
// must not send it again.
func TestALetterThatIsTakenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	o := script(t, func(conn net.Conn, lines *bufio.Reader) {
		until(conn, lines, "DATA")
		fmt.Fprint(conn, "354 go on\r\n")
		for {
			if line, err := lines.ReadString('\n'); err != nil || line == ".\r\n" {
				break
			}
		}
		fmt.Fprint(conn, "250 taken\r\n")
	})
	if err := send(t, o, sent()); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestSendersAreChecked(t *testing.T) {
	t.Parallel()
	good := SMTPOptions{Security: StartTLS, Host: "mail.example.com", Port: "587", From: "no-reply@example.com"}
	for name, change := range map[string]func(*SMTPOptions){
		"no sender":   func(o *SMTPOptions) { o.From = "" },
		"two senders": func(o *SMTPOptions) { o.From = "a@example.com, b@example.com" },
		"no port":     func(o *SMTPOptions) { o.Port = "" },
		"port 0":      func(o *SMTPOptions) { o.Port = "0" },
		"port beyond": func(o *SMTPOptions) { o.Port = "65536" },
		"no security": func(o *SMTPOptions) { o.Security = "" },
	} {
		o := good
		change(&o)
		if _, err := NewSender(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := NewSender(good); err != nil {
		t.Error(err)
	}
}

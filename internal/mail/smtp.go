package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"watchword/internal/secret"
)

// Security is how the connection to the mail server is protected.
type Security string

// The two: TLS begun by STARTTLS (RFC 3207), or from the first byte (RFC 8314).
const (
	StartTLS    Security = "starttls"
	ImplicitTLS Security = "tls"
)

// SMTPOptions say which mail server takes the letters.
type SMTPOptions struct {
	Security Security
	Host     string
	Port     string
	Username secret.String // zero: nobody signs in
	Password secret.String
	From     string        // RFC 5322 mailbox, such as "My app <no-reply@example.com>"
	HELO     string        // this server's own name; empty: the domain of From
	TLS      *tls.Config   // nil: the system's authorities
	Timeout  time.Duration // for one letter, from dialling to the server's yes; zero: DefaultTimeout
	Clock    func() time.Time
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
}

// DefaultTimeout is how long the delivery of one letter may take. Servers that
// look into mails before they accept them take their time.
const DefaultTimeout = 30 * time.Second

// ErrRefused says that the server will never take this letter: trying again
// cannot mend it. Everything else may be better in a while.
var ErrRefused = errors.New("mail: refused for good")

// Sender hands letters to a mail server, each over a connection of its own. It
// may be used by many at once.
type Sender struct {
	o    SMTPOptions
	port int
	from *netmail.Address
	tls  *tls.Config
}

// NewSender checks the options. It does not look for the server.
func NewSender(o SMTPOptions) (*Sender, error) {
	from, err := netmail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("mail: the sender must be one address")
	}
	port, err := strconv.ParseUint(o.Port, 10, 16)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("mail: the mail server's port must be a number from 1 to 65535")
	}
	if o.Security != StartTLS && o.Security != ImplicitTLS {
		return nil, fmt.Errorf("mail: %q is no way to protect a connection", o.Security)
	}
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.HELO = cmp.Or(o.HELO, domainOf(from.Address))
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	return &Sender{o: o, port: int(port), from: from, tls: o.TLSConfig()}, nil
}

// TLSConfig is how the server has to prove itself.
func (o SMTPOptions) TLSConfig() *tls.Config {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		settings = o.TLS.Clone()
	}
	settings.ServerName = cmp.Or(settings.ServerName, o.Host)
	if o.Security == StartTLS && Loopback(o.Host) && o.TLS == nil {
		// What never leaves the machine would also go in the clear, and nobody
		// vouches for the certificate of a mail server called localhost.
		settings.InsecureSkipVerify = true
	}
	return settings
}

// Loopback says whether a host is this machine, to which letters may go in the
// clear.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Send hands a letter over. id is the same whenever the same letter is sent
// again; the Message-ID is made from it, so that a second copy can be told. The
// error shows neither credentials nor anything of the letter.
func (s *Sender) Send(ctx context.Context, r Rendered, id string) error {
	message, err := s.compose(r, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	if err := s.deliver(ctx, message, r); err != nil {
		if ctx.Err() != nil { // what the closed connection says is of no interest
			return fmt.Errorf("mail: %s: %w", s.o.Host, context.Cause(ctx))
		}
		return err
	}
	return nil
}

func (s *Sender) deliver(ctx context.Context, message *gomail.Msg, r Rendered) error {
	conn, err := s.o.Dial(ctx, "tcp", net.JoinHostPort(s.o.Host, s.o.Port))
	if err != nil {
		return fmt.Errorf("mail: reach the mail server: %w", err)
	}
	// The library watches ctx only until it has dialled, and leaves the
	// connection open where greeting, TLS or signing in fails.
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	talk, err := s.greet(ctx, conn)
	if err != nil {
		return s.failure("greet the mail server", err, r)
	}
	return s.hand(talk, message, r)
}

// greet goes as far as a signed-in conversation under TLS.
func (s *Sender) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if s.o.Security == ImplicitTLS {
		conn = tls.Client(conn, s.tls)
	}
	dialled := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	options := []gomail.Option{
		gomail.WithDialContextFunc(dialled), gomail.WithPort(s.port), gomail.WithHELO(s.o.HELO),
		gomail.WithTimeout(s.o.Timeout), gomail.WithTLSConfig(s.tls), gomail.WithTLSPolicy(gomail.TLSMandatory),
	}
	switch {
	case s.o.Security == ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case Loopback(s.o.Host):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if !s.o.Username.IsZero() {
		options = append(options,
			gomail.WithUsername(s.o.Username.Reveal()), gomail.WithPassword(s.o.Password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(signIns()...))
	}
	client, err := gomail.NewClient(s.o.Host, options...)
	if err != nil {
		return nil, err
	}
	return client.DialToSMTPClientWithContext(ctx)
}

// signIns are the ways to sign in, the best first: those that never show the
// server the password, then those that count on TLS.
func signIns() []gomail.SMTPAuthType {
	return []gomail.SMTPAuthType{
		gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1PLUS, gomail.SMTPAuthSCRAMSHA1,
		gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
	}
}

// hand gives the letter to the server, step by step: the library's own way
// fails where the server stumbles after it has taken the letter, which would
// send it a second time.
func (s *Sender) hand(talk *smtp.Client, message *gomail.Msg, r Rendered) error {
	international := !isASCII(r.To) || !isASCII(s.from.Address)
	if able, _ := talk.Extension("SMTPUTF8"); international && !able {
		return fmt.Errorf("mail: the server cannot take addresses beyond ASCII: %w", ErrRefused)
	}
	talk.SkipSMTPUTF8(!international)
	from, err := message.GetSender(false)
	if err != nil {
		return s.failure("name the sender", err, r)
	}
	to, err := message.GetRecipients()
	if err != nil || len(to) != 1 {
		return fmt.Errorf("mail: a letter goes to one address: %w", ErrRefused)
	}
	if err := talk.Mail(from); err != nil {
		return s.failure("name the sender", err, r)
	}
	if err := talk.Rcpt(to[0]); err != nil {
		return s.verdict("name the recipient", err, r)
	}
	data, err := talk.Data()
	if err != nil {
		return s.verdict("begin the message", err, r)
	}
	if _, err := message.WriteTo(data); err != nil {
		return s.failure("send the message", err, r) // without its end, which the server waits for
	}
	if err := data.Close(); err != nil {
		return s.verdict("send the message", err, r)
	}
	_ = talk.Quit() // it is delivered, whatever comes now
	return nil
}

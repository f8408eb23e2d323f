package config

import (
	"net"
	"net/url"
	"strings"

	"watchword"
	"watchword/internal/secret"
)

// SMTPSecurity is how the connection to the mail server is protected.
type SMTPSecurity string

// The two: TLS begun by STARTTLS (RFC 3207), or from the first byte (RFC 8314).
const (
	StartTLS    SMTPSecurity = "starttls"
	ImplicitTLS SMTPSecurity = "tls"
)

const badSMTP = reason("must be smtp://user:password@host:port, or smtps:// for TLS from the first byte; " +
	"percent-encode what is special in the user or password")

// SMTP is the mail server to hand mails to.
type SMTP struct {
	Security SMTPSecurity
	Host     string
	Port     string
	Username secret.String // some mail services take an API token for a user's name
	Password secret.String
}

// IsZero says whether none was named.
func (s SMTP) IsZero() bool { return s.Host == "" }

// UnmarshalText reads an smtp:// or smtps:// URL; empty text names none.
func (s *SMTP) UnmarshalText(text []byte) error {
	*s = SMTP{}
	if len(text) == 0 {
		return nil
	}
	u, err := url.Parse(string(text))
	if err != nil || !watchword.ValidHost(strings.ToLower(u.Hostname())) || !watchword.ValidPort(u) ||
		u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return badSMTP
	}
	read := SMTP{Host: u.Hostname(), Port: u.Port(), Username: secret.NewString(u.User.Username())}
	var standard string
	switch u.Scheme {
	case "smtp":
		read.Security, standard = StartTLS, "587"
	case "smtps":
		read.Security, standard = ImplicitTLS, "465"
	default:
		return badSMTP
	}
	if read.Port == "" {
		read.Port = standard
	}
	password, _ := u.User.Password()
	read.Password = secret.NewString(password)
	*s = read
	return nil
}

// String shows the server and neither user nor password.
func (s SMTP) String() string {
	if s.IsZero() {
		return ""
	}
	return string(s.Security) + " " + net.JoinHostPort(s.Host, s.Port)
}

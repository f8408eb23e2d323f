package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"net/url"
	"time"

	"golang.org/x/net/publicsuffix"

	"watchword/internal/config"
	"watchword/internal/limit"
	"watchword/internal/mail"
)

// checkCookies checks that browsers will keep the cookies and send them back.
func (d *doctor) checkCookies() {
	const check = "cookies"
	public, err := url.Parse(d.cfg.PublicURL)
	if err != nil || public.Host == "" {
		return // a fault of the settings
	}
	before := len(d.findings)
	if domain := d.cfg.Cookies.Domain; domain != "" {
		if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
			d.fail(check, "name a domain of your own below it, or leave cookies.domain empty",
				"cookies.domain is one below which anybody can have a domain: browsers refuse such cookies")
		}
	}
	for _, client := range d.cfg.Clients() {
		for _, origin := range client.Origins {
			if u, err := url.Parse(origin); err == nil && siteOf(u) != siteOf(public) {
				d.warn(check, "put both below one domain, or start these sessions with X-Session-Mode: token",
					"%s (client %s) is another site than %s: browsers send no cookies with its calls", origin, client.ID, d.cfg.PublicURL)
			}
		}
	}
	if len(d.findings) == before {
		d.ok(check, "browsers send them to %s", d.cfg.PublicURL)
	}
}

// siteOf is what browsers compare for SameSite: the scheme and the registrable
// domain, or the host where there is none.
func siteOf(u *url.URL) string {
	host := u.Hostname()
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		host = domain
	}
	return u.Scheme + "://" + host
}

func (d *doctor) checkRedis(ctx context.Context) {
	const check = "redis"
	if d.cfg.Redis.IsZero() {
		return
	}
	redis, err := limit.OpenRedis(d.cfg.Redis.Reveal())
	if err != nil {
		return // a fault of the settings
	}
	defer func() { _ = redis.Close() }()
	if err := redis.Ping(ctx); err != nil {
		d.fail(check, "start it, let this machine in, and look at --redis; until then each server counts its limits alone, and stricter",
			"it does not answer in time: %v", err)
		return
	}
	d.ok(check, "it answers")
}

// mailTimeout is how long the talk with the mail server may take.
const mailTimeout = 10 * time.Second

// checkMail greets the mail server and goes as far as TLS. It sends nothing and
// does not sign in.
func (d *doctor) checkMail(ctx context.Context) {
	const check = "mail"
	server := d.cfg.SMTP
	if server.IsZero() {
		return // a fault of the settings under serve; the inbox under dev
	}
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	client, err := d.dialMail(ctx)
	if err != nil {
		d.fail(check, "start it, let this machine in, and look at --smtp", "%s does not greet: %v", server, err)
		return
	}
	defer func() { _ = client.Close() }()
	if server.Security == config.StartTLS && !d.startTLS(client) {
		return
	}
	if ok, _ := client.Extension("AUTH"); !ok && !server.Username.IsZero() {
		d.fail(check, "take user and password out of --smtp, or use the port for submission",
			"%s offers no sign-in, and a user is given", server)
		return
	}
	d.ok(check, "%s greets and speaks TLS", server)
}

func (d *doctor) dialMail(ctx context.Context) (*smtp.Client, error) {
	server := d.cfg.SMTP
	address := net.JoinHostPort(server.Host, server.Port)
	var conn net.Conn
	var err error
	if server.Security == config.ImplicitTLS {
		conn, err = (&tls.Dialer{Config: d.tls()}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("limit the time: %w", err)
	}
	client, err := smtp.NewClient(conn, server.Host)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	if err := client.Hello("localhost"); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// tls is what the server asks of the mail server, too.
func (d *doctor) tls() *tls.Config {
	options := smtpOptions(d.cfg, d.clock)
	if d.roots != nil {
		options.TLS = &tls.Config{RootCAs: d.roots, MinVersion: tls.VersionTLS12}
	}
	return options.TLSConfig()
}

// startTLS says whether the talk goes on under TLS.
func (d *doctor) startTLS(client *smtp.Client) bool {
	const check = "mail"
	server := d.cfg.SMTP
	offered, _ := client.Extension("STARTTLS")
	switch {
	case !offered && mail.Loopback(server.Host):
		d.warn(check, "", "%s offers no STARTTLS; mails go to it in the clear, on this machine", server)
		return false
	case !offered:
		d.fail(check, "use the port for submission (587), or smtps://", "%s offers no STARTTLS: links would travel in the clear", server)
		return false
	}
	if err := client.StartTLS(d.tls()); err != nil {
		d.fail(check, "give it a certificate for that name by an authority that this machine trusts",
			"%s cannot be trusted: %v", server, err)
		return false
	}
	return true
}
